"""The modules that a rewritten application gets: broker and helpers, what a worker loads, and the scheduler."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from migrator.codemods.python.celery_to_dramatiq.broker import Broker
from migrator.codemods.python.celery_to_dramatiq.plan import Helper
from migrator.codemods.python.celery_to_dramatiq.schedules import Recurring
from migrator.codemods.python.imports import add_imports
from migrator.codemods.python.tree import CodeTree
from migrator.codemods.rendering import render
from migrator.jobs import Span
from migrator.regex import regex

APP, WORKER, SCHEDULER = "dramatiq_app", "dramatiq_worker", "dramatiq_scheduler"

#: helper -> those that it is made of
_NEEDS: dict[str, tuple[str, ...]] = {
    "max_age": ("ms",),
    "message_id": ("current_message",),
    "retries": ("current_message",),
    "retry": ("current_message",),
    "asked": ("retry",),
    "RetriesExhausted": ("retry",),
    "retry_on": ("retry",),
    "backoff": ("retry_on",),
    "fixed": ("retry_on",),
}
#: in a scheduler of ours: behind it, modules with models can be imported
_SET_UP = regex(r"(?m)^django\.setup\(\)\r?\n\r?\n")
_SECTIONS = ("backoff", "current_message", "fixed", "max_age", "message_id", "ms", "retries", "retry", "retry_on")


@dataclass(slots=True)
class Place:
    """Where the generated modules go: beside the module of the Celery application."""

    folder: str  #: relative to the root, empty for the root itself
    package: str  #: dotted, empty at the top

    def path(self, module: str) -> str:
        """File of a generated module."""
        return f"{self.folder}/{module}.py" if self.folder else f"{module}.py"

    def dotted(self, module: str) -> str:
        """Name under which it is imported."""
        return f"{self.package}.{module}" if self.package else module


@dataclass(slots=True)
class Generated:
    """New files, and edits of those that an earlier run has made."""

    new: dict[str, str] = field(default_factory=dict)
    edits: list[tuple[str, Span, str]] = field(default_factory=list)
    problem: str = ""


def place_of(tree: CodeTree, app_path: str) -> Place:
    """Beside the file `app_path`."""
    folder = str(PurePosixPath(app_path).parent)
    module = tree.module_of(app_path)
    package = module if app_path.endswith("__init__.py") else module.rpartition(".")[0]
    return Place("" if folder == "." else folder, package)


def write_app(
    tree: CodeTree, place: Place, broker: Broker, helpers: Iterable[Helper], queues: Collection[str], *, django: bool
) -> Generated:
    """The module with broker and helpers; one from an earlier run grows by what is missing, unless it was changed by hand."""
    path, generated = place.path(APP), Generated()
    asked_for = set(helpers)
    needs = _closure(asked_for)
    wanted = set(queues)
    if path not in tree:
        generated.new[path] = _app(place, broker, needs, wanted, django=django)
        return generated
    text = tree.data(path).decode("utf-8", "replace").replace("\r\n", "\n")
    had = {name for name in _SECTIONS if re.search(rf"(?m)^def {name}\(", text)}
    declared = re.search(r"(?m)^for queue in \((.*),\):$", text)
    old = set(re.findall(r'"([^"]+)"', declared[1])) if declared else set[str]()
    if text != _app(place, broker, had, old, django=django):
        offered = set(tree.bindings(path).module)
        if not {"broker", "NO_LIMIT", *asked_for} <= offered or not wanted <= old:
            generated.problem = f"{path} was changed by hand, and would have to grow"
        return generated
    if not (needs <= had and wanted <= old):
        grown = _app(place, broker, needs | had, wanted | old, django=django)
        generated.edits.append((path, Span(0, len(tree.data(path))), grown))
    return generated


@dataclass(frozen=True, slots=True)
class CeleryName:
    """Where the Celery application is imported from, as long as jobs stay on it."""

    module: str
    name: str


def write_worker(tree: CodeTree, place: Place, modules: Iterable[str], *, django: bool, celery: CeleryName | None) -> Generated:
    """The module that `dramatiq` is started with."""
    path, generated = place.path(WORKER), Generated()
    wanted = set(modules)

    def text(names: set[str], rest: CeleryName | None) -> str:
        # `import app.tasks` binds `app`, which must not be the name of the application too.
        packages = {module.split(".")[0] for module in (place.dotted(APP), *names)}
        bound = "" if rest is None else "celery_app" if rest.name in packages else rest.name
        return render(
            "dramatiq_worker.py",
            module=place.dotted(WORKER),
            app=place.dotted(APP),
            modules=sorted(names),
            django=django,
            celery=rest,
            bound=bound,
        )

    if path not in tree:
        generated.new[path] = text(wanted, celery)
        return generated
    found = tree.data(path).decode("utf-8", "replace").replace("\r\n", "\n")
    had = set(re.findall(r"(?m)^import ([\w.]+)  # noqa: (?:E402, )?F401$", found)) - {place.dotted(APP)}
    before = re.search(r"(?m)^from ([\w.]+) import (\w+)(?: as \w+)?$", found)
    if found != text(had, CeleryName(before[1], before[2]) if before else None):
        if not wanted <= had:
            generated.problem = f"{path} was changed by hand, and would have to grow"
    elif found != text(had | wanted, celery):
        generated.edits.append((path, Span(0, len(tree.data(path))), text(had | wanted, celery)))
    return generated


def write_scheduler(tree: CodeTree, place: Place, entries: Sequence[tuple[Recurring, str, str]], zone: str, *, django: bool) -> Generated:
    """The process that starts recurring jobs. `entries`: what to start, and module and symbol of its job."""
    path, generated = place.path(SCHEDULER), Generated()
    if not entries:
        return generated
    imports, names = _job_imports(entries)
    blocks = [recurring.lines(names[module, symbol]) for recurring, module, symbol in entries]
    kinds = sorted({recurring.trigger.split("(")[0] for recurring, _, _ in entries})
    triggers = [f"from apscheduler.triggers.{kind.removesuffix('Trigger').lower()} import {kind}" for kind in kinds]
    if any(recurring.broker for recurring, _, _ in entries):
        imports.append(f"from {place.dotted(APP)} import broker")
    # Models can be loaded once Django is set up, and not before.
    imports = [f"{line}  # noqa: E402" for line in imports] if django else imports
    if path not in tree:
        generated.new[path] = render(
            "dramatiq_scheduler.py",
            application=place.package or "this application",
            module=place.dotted(SCHEDULER),
            triggers=triggers,
            imports=sorted(imports),
            zone=zone,
            blocks=blocks,
            app=place.dotted(APP),
            django=django,
        )
        return generated
    text = tree.data(path).decode("utf-8", "replace")
    end = tree.data(path).find(b'\n\nif __name__ == "__main__":')
    ready = _SET_UP.search(text)
    if end < 0 or (django and not ready) or any(line.split("  #")[0].rsplit(" ", 1)[-1] in text for line in imports if " as " in line):
        generated.problem = f"{path} was changed by hand, and would have to grow"
        return generated
    source = tree.source(path)
    late = sorted(line for line in imports if ready and line not in text)
    if ready and late:
        offset = len(text[: ready.end()].encode())
        generated.edits.append((path, Span(offset, offset), "".join(f"{line}\n" for line in late)))
    missing = [line for line in (*triggers, *sorted(imports)) if line not in text and line not in late]
    generated.edits += [
        (path, where, added) for where, added in add_imports(source, missing, lambda module: not module.startswith("apscheduler"))
    ]
    generated.edits.append((path, Span(end, end), "".join("\n" + "\n".join(block) + "\n" for block in blocks)))
    return generated


def _app(place: Place, broker: Broker, needs: set[str], queues: set[str], *, django: bool) -> str:
    standard = {"import json", "from base64 import b64decode, b64encode", "from decimal import Decimal", "from uuid import UUID"}
    standard.add(f"from datetime import date, datetime, time{', timezone' if 'ms' in needs else ''}")
    typing = ["Any", *(["NoReturn"] if "retry" in needs else []), *(["ParamSpec", "TypeVar"] if "retry_on" in needs else [])]
    standard.add(f"from typing import {', '.join(typing)}")
    standard |= {"import functools", "from collections.abc import Callable"} if "retry_on" in needs else set()
    standard |= {"import random"} if "backoff" in needs else set()
    standard |= {"from urllib.parse import urlsplit, urlunsplit"} if "rabbitmq" in broker.kinds else set()
    outside = {
        "import dramatiq",
        *(f"from dramatiq.brokers.{kind} import {name}" for kind, name in zip(broker.kinds, broker.classes, strict=True)),
        "from dramatiq.encoder import Encoder, MessageData",
    }
    outside |= {"from dramatiq.middleware import CurrentMessage"} if "current_message" in needs else set()
    outside |= {"from django.db import close_old_connections", "from django.utils.functional import Promise"} if django else set()
    local: set[str] = set()
    for line in broker.imports:
        top = line.split()[1].split(".")[0]
        (standard if top in sys.stdlib_module_names else local if top == place.package.split(".")[0] else outside).add(line)
    return render(
        "dramatiq_app.py",
        application=place.package or "this application",
        imports=[_sorted(group) for group in (standard, outside, local) if group],
        preparation=broker.preparation,
        assignments=broker.assignments,
        broker=broker,
        queues=sorted(queues),
        needs=needs,
        django=django,
    )


def _sorted(lines: Collection[str]) -> list[str]:
    return sorted(lines, key=lambda line: (not line.startswith("import "), line.split()[1].lower()))


def _closure(helpers: Iterable[str]) -> set[str]:
    found: set[str] = set()
    pending = list(helpers)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += _NEEDS.get(name, ())
    return found & set(_SECTIONS)


def _job_imports(entries: Sequence[tuple[Recurring, str, str]]) -> tuple[list[str], dict[tuple[str, str], str]]:
    """Import lines for the jobs, and the name of each; two jobs of one name are told apart by their modules."""
    jobs = sorted({(module, symbol) for _, module, symbol in entries})
    taken = {"scheduler", "broker", "BlockingScheduler", "CronTrigger", "IntervalTrigger"}
    names: dict[tuple[str, str], str] = {}
    by_module: dict[str, list[str]] = {}
    for module, symbol in jobs:
        name = symbol if symbol not in taken and symbol not in names.values() else f"{module.replace('.', '_')}_{symbol}"
        names[module, symbol] = name
        by_module.setdefault(module, []).append(symbol if name == symbol else f"{symbol} as {name}")
    return [f"from {module} import {', '.join(sorted(found))}" for module, found in by_module.items()], names
