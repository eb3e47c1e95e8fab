"""Where the broker is: its kind, and an expression for its address that the generated module can evaluate."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.celery_to_dramatiq.settings import Entry, Settings
from migrator.codemods.python.copying import copy_expression
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Dependency, Inventory, Location, Setting
from migrator.regex import regex
from migrator.syntax.source import Source
from migrator.syntax.tree import walk
from migrator.systems.celery import BROKER_ENVIRONMENT

_SCHEME = regex(r"""^[rbuf]*["']+(?P<scheme>[a-z][a-z0-9+]*)://""", re.IGNORECASE)
_ADDRESS = regex(rb"BROKER\w*[\"']?\s*[:=]\s*[\"']?(?P<default>\$\{[^}]*[-?])?(?P<scheme>[a-z][a-z0-9+]*)://", re.IGNORECASE)
#: scheme -> (kind, extra of the requirement)
_KINDS = {"redis": "redis", "rediss": "redis", "unix": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq", "pyamqp": "rabbitmq"}
_CLASSES = {"redis": "RedisBroker", "rabbitmq": "RabbitmqBroker"}
#: what the names in an expression say of the address behind them
_WORDS = {"redis": "redis", "rabbit": "amqp", "amqp": "amqp"}
#: the address tells it when it is known
EITHER = "rabbitmq,redis"


@dataclass(slots=True)
class Broker:
    """`url` is Python source; `imports` and `assignments` are what it needs. `kind`: `redis`, `rabbitmq`, or `EITHER`."""

    kind: str
    url: str
    imports: list[str] = field(default_factory=list)
    assignments: list[str] = field(default_factory=list)
    preparation: list[str] = field(default_factory=list)  #: statements of the old application module that must run first

    @property
    def kinds(self) -> list[str]:
        """The kinds that it can be; also the extras of the requirement."""
        return self.kind.split(",")

    @property
    def classes(self) -> list[str]:
        """Dramatiq's classes for them, each in the module of its kind."""
        return [_CLASSES[kind] for kind in self.kinds]


def find_broker(tree: CodeTree, settings: Settings, inventory: Inventory, app: Location) -> Broker | Problem:
    """The broker of the application, or why it cannot be told."""
    entry = settings.entry("broker_url")
    kind = _kind(tree, entry, inventory)
    where = entry.source.location(entry.node) if entry is not None else app
    if kind not in (*_CLASSES, EITHER):
        return Problem("MIG154", f"the broker's address is of the kind `{kind}`, for which Dramatiq has no broker", where)
    if entry is None:
        named = any(s.name == BROKER_ENVIRONMENT for s in inventory.of(Setting, "celery"))
        if not named:
            return Problem("MIG154", "no setting names the broker", where)
        return Broker(kind, f'os.environ["{BROKER_ENVIRONMENT}"]', ["import os"])
    broker = _address(tree, entry, settings, kind)
    if broker is None:
        return Problem("MIG154", "the broker's address is put together in a way that cannot be carried over", where)
    if BROKER_ENVIRONMENT not in entry.source.text(entry.value):
        # Celery lets this variable override whatever the code says.
        broker.url = f'os.environ.get("{BROKER_ENVIRONMENT}") or {broker.url}'
        broker.imports.append("import os")
    return broker


def _address(tree: CodeTree, entry: Entry, settings: Settings, kind: str) -> Broker | None:
    if settings.django and entry.in_module:
        return Broker(kind, f"settings.{entry.name}", ["from django.conf import settings"])
    if entry.in_module and entry.source.path == settings.module:
        module = tree.module_of(settings.module)
        if settings.holder:
            return Broker(kind, f"{settings.holder}.{entry.name}", [f"from {module} import {settings.holder}"])
        package, _, name = module.rpartition(".")
        return Broker(kind, f"{name}.{entry.name}", [f"from {package} import {name}" if package else f"import {name}"])
    copy = copy_expression(tree, entry.source, entry.value)
    return Broker(kind, copy.text, copy.imports, copy.assignments) if copy is not None else None


def _kind(tree: CodeTree, entry: Entry | None, inventory: Inventory) -> str:
    """`redis`, `rabbitmq`, the scheme of another kind, or `EITHER`: by the address, else by what stands around it."""
    schemes = _schemes(tree, entry.source, entry.value, 3) if entry is not None else set[str]()
    if not schemes and entry is not None:
        schemes = {scheme for word, scheme in _WORDS.items() if word in entry.source.text(entry.value).lower()}
    if not schemes:
        schemes = {
            m["scheme"].decode().lower()
            for path in tree.paths
            if not path.endswith((".py", ".md", ".rst", ".lock"))
            for m in _ADDRESS.finditer(tree.data(path))
        }
    kinds = {_KINDS.get(scheme, scheme) for scheme in schemes}
    if not kinds:
        text = " ".join(
            f"{d.name} {d.version} {_text(tree, d)}" for d in inventory.of(Dependency) if d.name in ("celery", "kombu", "redis")
        )
        kinds = {"redis"} if "redis" in text else kinds
    strange = sorted(kinds - _CLASSES.keys())
    if strange:
        return strange[0]
    return kinds.pop() if len(kinds) == 1 else EITHER


def _schemes(tree: CodeTree, source: Source, node: Node, depth: int) -> set[str]:
    """Schemes of the addresses in an expression, and in the module's own names that it uses."""
    found: set[str] = set()
    for part in walk(node, ("string", "identifier")):
        if part.type == "string":
            match = _SCHEME.match(source.text(part))
            if match:
                found.add(match["scheme"].lower())
        elif depth > 0:
            for binding in tree.bindings(source.path).module.get(source.text(part), []):
                if binding.kind == "value" and binding.value is not None:
                    found |= _schemes(tree, source, binding.value, depth - 1)
    return found


def _text(tree: CodeTree, dependency: Dependency) -> str:
    lines = tree.data(dependency.location.path).decode("utf-8", "replace").splitlines()
    return lines[dependency.location.line - 1] if dependency.location.line <= len(lines) else ""
