"""The settings of a Celery application, wherever they stand: arguments of `Celery(…)`, `app.conf`, a settings module or class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.expressions import arguments, literal, number, statement, string
from migrator.codemods.python.mentions import Mention, called_by
from migrator.codemods.python.names import Module, Names, Symbol
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk
from migrator.systems.celery_settings import bearing, setting_key

#: arguments of `Celery(…)` that are settings, and those that say nothing about jobs
_APP_SETTINGS = {"broker": "broker_url", "backend": "result_backend", "include": "include"}
_APP_HARMLESS = frozenset(("main", "name", "set_as_current", "autofinalize", "strict_typing"))
#: methods of the application that a rewrite can do without
HARMLESS_METHODS = frozenset(("autodiscover_tasks", "set_default", "set_current", "finalize", "start", "worker_main"))
#: those that are a command line in code, which is left to a person
STARTING_METHODS = frozenset(("start", "worker_main"))

#: transport options that are about connections and about what Celery itself keeps
_TRANSPORT = frozenset(
    (
        *("visibility_timeout", "max_retries", "interval_start", "interval_step", "interval_max", "socket_timeout", "max_connections"),
        *("socket_connect_timeout", "socket_keepalive", "retry_on_timeout", "health_check_interval", "confirm_publish"),
    )
)
_INNER = ("function_definition", "class_definition", "lambda")


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting. `always` is False where it stands under a condition or in a function."""

    key: str
    name: str  #: as written
    value: Node
    source: Source
    node: Node  #: the assignment, argument or pair that sets it
    always: bool

    @property
    def statement(self) -> Node:
        """The statement around it."""
        return statement(self.node)

    @property
    def in_module(self) -> bool:
        """True for a plain assignment at the top of a settings module."""
        return self.node.type == "assignment" and child(self.node, "left", "object") is None


@dataclass(slots=True)
class Settings:
    """All settings of one application. `module` is the path of its settings module, `django` is True where Django's own is used."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    module: str = ""
    holder: str = ""  #: the class in that module, if it is one
    namespace: str = ""
    django: bool = False
    understood: list[tuple[str, Span]] = field(default_factory=list)  #: (path, text) that was read whole

    def entry(self, key: str) -> Entry | None:
        """The one place that sets `key`. More than one is a problem of `ambiguous`."""
        found = [e for e in self.entries if e.key == key]
        return found[-1] if found else None

    def value(self, key: str, default: object = None) -> object:
        """The literal value of a setting; `UNKNOWN` for any other expression."""
        entry = self.entry(key)
        if entry is None:
            return default
        found = number(entry.source, entry.value)
        return literal(entry.source, entry.value) if found is None else found


def read_settings(tree: CodeTree, names: Names, app: Symbol, construction: Node, uses: list[Mention]) -> Settings:
    """The settings of `app`, which `construction` (a call of `Celery`) makes and `uses` mention."""
    settings = Settings()
    source = tree.source(app.path)
    _constructed(source, construction, settings)
    for mention in uses:
        if mention.imported or not mention.sure:
            continue
        name, call = mention.attribute_name, mention.method_call
        if name == "config_from_object" and call is not None:
            _configured(tree, names, mention.source, call, settings)
        elif name == "conf" and mention.attribute is not None:
            _conf(mention.source, mention.attribute, settings)
        elif name in HARMLESS_METHODS and call is not None:
            settings.understood.append((mention.source.path, span(call)))
    for entry in settings.entries:
        settings.problems += _judged(entry, settings)
    return settings


def _constructed(source: Source, call: Node, settings: Settings) -> None:
    given = arguments(source, call)
    if given.starred or len(given.positional) > 1:
        settings.problems.append(Problem("MIG156", "`Celery` is called with arguments that are not plain to read", source.location(call)))
    for name, node in given.keywords.items():
        value = child(node, "value")
        if name in _APP_SETTINGS and value is not None:
            settings.entries.append(Entry(_APP_SETTINGS[name], name, value, source, node, True))
        elif value is not None and setting_key(name) and name == name.lower():
            settings.entries.append(Entry(setting_key(name), name, value, source, node, True))
        elif name not in _APP_HARMLESS:
            settings.problems.append(Problem("MIG151", f"`Celery({name}=…)` may change what every job does", source.location(node)))


def _configured(tree: CodeTree, names: Names, source: Source, call: Node, settings: Settings) -> None:
    given = arguments(source, call)
    known = set(given.keywords) <= {"obj", "namespace", "silent", "force"} and not given.starred and len(given.positional) <= 2
    target = given.positional[0] if given.positional else given.value("obj")
    space = given.positional[2] if len(given.positional) > 2 else given.value("namespace")
    namespace = literal(source, space) if space is not None else ""
    path, holder = _configuration(tree, names, source, target)
    settings.django = target is not None and string(source, target) == "django.conf:settings"
    if settings.module or not known or not isinstance(namespace, str) or not (path or settings.django):
        settings.problems.append(Problem("MIG151", "where the settings come from is not plain to read", source.location(call)))
        return
    settings.module, settings.holder, settings.namespace = path, holder, namespace or ""
    settings.understood.append((source.path, span(call)))
    for settings_source, body in _bodies(tree, settings):
        settings.entries += _assigned(settings_source, body, settings)
        if settings.django:
            _in_classes(settings_source, settings)


def _configuration(tree: CodeTree, names: Names, source: Source, target: Node | None) -> tuple[str, str]:
    """(file, class in it) that `config_from_object` is given: a dotted name in a string, a module, or a class."""
    text = string(source, target)
    if text:
        module, _, holder = text.partition(":")
        path = tree.resolve(source.path, module)
        if not path and not holder and "." in module:
            module, _, holder = module.rpartition(".")
            path = tree.resolve(source.path, module)
        return path, holder
    origin = names.origin(source, target) if target is not None else None
    if isinstance(origin, Module):
        return origin.path, ""
    return (origin.path, origin.name) if isinstance(origin, Symbol) else ("", "")


def _bodies(tree: CodeTree, settings: Settings) -> Iterator[tuple[Source, Node]]:
    """The modules or class bodies that hold settings. Django's can be any module of the tree that sets one."""
    if settings.django:
        # Without a namespace old names count too: CELERYBEAT_SCHEDULE, BROKER_URL.
        needles = (f"{settings.namespace}_".encode(),) if settings.namespace else (b"CELERY", b"BROKER_")
        for path in tree.containing(*needles):
            yield tree.source(path), tree.source(path).root
        return
    source = tree.source(settings.module)
    if not settings.holder:
        yield source, source.root
        return
    found = [b for b in tree.bindings(settings.module).module.get(settings.holder, []) if b.kind == "class"]
    body = child(found[0].node, "body") if len(found) == 1 else None
    if body is None or child(found[0].node, "superclasses") is not None:
        where = source.location(found[0].node if found else source.root)
        settings.problems.append(Problem("MIG151", f"the settings class `{settings.holder}` is not plain to read", where))
    else:
        yield source, body


def _assigned(source: Source, body: Node, settings: Settings) -> Iterator[Entry]:
    for node in walk(body, ("assignment", "augmented_assignment"), skip=_INNER):
        target = child(node, "left")
        while target is not None and target.type == "subscript":
            target = child(target, "value")
        value = child(node, "right")
        if target is None or value is None or target.type != "identifier":
            continue
        key = setting_key(source.text(target), settings.namespace)
        if key:
            top = statement(node)
            plain = node.type == "assignment" and child(node, "left") == target
            always = plain and top.parent is not None and top.parent == body and top.named_children[0] == node
            yield Entry(key, source.text(target), value, source, node, always)
    for call in walk(body, ("call",), skip=_INNER):
        owner = child(call, "function", "object")
        if owner is not None and owner.type == "identifier" and setting_key(source.text(owner), settings.namespace):
            where = source.location(call)
            settings.problems.append(Problem("MIG151", f"`{source.text(owner)}` is changed by a call", where))


def _in_classes(source: Source, settings: Settings) -> None:
    """Settings in classes (django-configurations): which of the classes holds is for the environment to say, so no value is read."""
    for node in walk(source.root, ("assignment", "augmented_assignment"), skip=("function_definition", "lambda")):
        target, top = child(node, "left"), statement(node)
        owner = top.parent.parent if top.parent is not None else None
        name = source.text(target) if target is not None else ""
        key = setting_key(name, settings.namespace)
        value = child(node, "right")
        if owner is None or owner.type != "class_definition" or not key or value is None:
            continue
        if key == "broker_url":
            # Whatever it is, the settings object gives it.
            if settings.entry(key) is None:
                settings.entries.append(Entry(key, name, value, source, node, True))
        elif bearing(key) in ("used", "grave"):
            reason = (
                f"`{name}` is set in a class, of which the environment may choose another; give it to `app.conf.update` to have it read"
            )
            settings.problems.append(Problem("MIG151", reason, source.location(node)))
        elif bearing(key) == "tests" and literal(source, value) is True:
            reason = f"`{name}` is on in a class: jobs run at once, in the caller"
            settings.problems.append(Problem("MIG152", reason, source.location(node), unsafe=True))


def _conf(source: Source, conf: Node, settings: Settings) -> None:
    """`app.conf.x = …`, `app.conf.update(…)`, `app.conf["x"] = …`."""
    outer = conf.parent
    if outer is None or outer.type not in ("attribute", "subscript"):
        settings.problems.append(Problem("MIG151", "the settings are used as a value", source.location(conf)))
        return
    attribute = child(outer, "attribute")
    name = source.text(attribute) if attribute is not None else string(source, child(outer, "subscript"))
    call = called_by(outer)
    if name == "update" and call is not None:
        settings.entries += _updated(source, call, settings)
        return
    assignment = outer.parent
    value = child(assignment, "right")
    if (
        assignment is None
        or assignment.type != "assignment"
        or child(assignment, "left") != outer
        or value is None
        or not setting_key(name)
    ):
        settings.problems.append(
            Problem("MIG151", "settings are read or changed in a way that is not plain to see", source.location(outer))
        )
        return
    settings.understood.append((source.path, span(assignment)))
    settings.entries.append(Entry(setting_key(name), name, value, source, assignment, statement(assignment).parent == source.root))


def _updated(source: Source, call: Node, settings: Settings) -> Iterator[Entry]:
    given = arguments(source, call)
    always = statement(call).parent == source.root
    pairs: list[tuple[str, Node, Node | None]] = [(n, node, child(node, "value")) for n, node in given.keywords.items()]
    plain = not given.starred
    for node in given.positional:
        if node.type != "dictionary":
            plain = False
            continue
        for pair in node.named_children:
            if pair.type == "pair":
                pairs.append((string(source, child(pair, "key")), pair, child(pair, "value")))
            elif pair.type != "comment":
                plain = False
    if not plain or any(not setting_key(name) or value is None for name, _, value in pairs):
        settings.problems.append(Problem("MIG151", "`conf.update` sets something that is not plain to see", source.location(call)))
        return
    settings.understood.append((source.path, span(call)))
    for name, node, value in pairs:
        if value is not None:
            yield Entry(setting_key(name), name, value, source, node, always)


def _judged(entry: Entry, settings: Settings) -> Iterator[Problem]:
    """What is wrong with one setting, as far as it concerns every job."""
    where = entry.source.location(entry.node)
    kind = bearing(entry.key)
    if kind == "grave":
        stored = string(entry.source, entry.value).startswith("django_celery_beat.")
        reason = "beat reads schedules from a database, which may start any job" if stored else "may change what every job does"
        yield Problem("MIG142" if stored else "MIG151", reason if stored else f"`{entry.name}` {reason}", where, unsafe=stored)
    if kind == "used":
        others = [e for e in settings.entries if e.key == entry.key and e.node != entry.node]
        if others or not entry.always:
            yield Problem("MIG151", f"`{entry.name}` is set under a condition, or in more than one place", where)
    value = literal(entry.source, entry.value)
    if entry.key == "task_serializer" and value != "json":
        yield Problem("MIG153", f"`{entry.name}` is another than JSON", where)
    if entry.key == "broker_transport_options" and not (isinstance(value, dict) and value.keys() <= _TRANSPORT):
        yield Problem("MIG151", f"`{entry.name}` may change how jobs are stored", where)
    if kind == "tests" and value is True and entry.always:
        brokers = {e.source.path for e in settings.entries if e.key == "broker_url"}
        # Django can have settings for tests beside those that name the broker.
        aside = settings.django and entry.in_module and bool(brokers) and entry.source.path not in brokers
        yield Problem("MIG152", f"`{entry.name}` is on: jobs run at once, in the caller", where, unsafe=aside)
