"""AWS CDK, in TypeScript and in Python alike: functions, what feeds them, rules and schedules that start them, queues."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from migrator.jobs import Expression, Literal, Options, Value
from migrator.scanners.cdk_sites import sites
from migrator.scanners.cdk_times import duration, expression
from migrator.scanners.found import Found
from migrator.scanners.lambda_handlers import folder_files
from migrator.scanners.lambdas import Function, Lambdas
from migrator.scanners.linking import Defined, Instance, Meaning, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES, ancestors, callee_of, field

#: (part of the module's name, class) -> what its calls are remembered as
_CLASSES = {
    ("lambda", "SqsEventSource"): "cdk source",
    ("lambda", "EventSourceMapping"): "cdk mapping",
    ("events", "Rule"): "cdk rule",
    ("scheduler", "Schedule"): "cdk rule",
    ("sqs", "Queue"): "cdk queue",
    ("lambda", "Function"): "cdk function",
    ("lambda", "NodejsFunction"): "cdk function",
    ("lambda", "PythonFunction"): "cdk function",
}
_METHODS = {
    "addTarget": "cdk target",
    "add_target": "cdk target",
    "addEnvironment": "cdk variable",
    "add_environment": "cdk variable",
}
_ADDRESSES = ("queueurl", "queuename", "queuearn", "functionname", "functionarn")
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
#: properties of a function, a source and a queue that are worth knowing
_SAID = (
    *("batchSize", "maxBatchingWindow", "reportBatchItemFailures", "maxConcurrency", "visibilityTimeout", "retentionPeriod"),
    *("deliveryDelay", "fifo", "contentBasedDeduplication", "queueName"),
)


def note(call: Call) -> None:
    """Remember a call of CDK's for the end, when all that belongs together is known."""
    module, _, name = call.key.rpartition(".")
    kind = _METHODS.get(name) or next((kind for (part, cls), kind in _CLASSES.items() if cls == name and part in module), "")
    if kind:
        call.view.found.calls[kind].append(call)


def finish(found: Found) -> None:
    """Record what the constructs say."""
    targets: dict[tuple[str, int], list[Place]] = {}
    for call in found.calls["cdk target"]:
        made = call.receiver.call if isinstance(call.receiver, Instance) else None
        if made is not None and 0 in call.arguments:
            targets.setdefault((made.source.path, made.node.start_byte), []).append(call.arguments[0])
    for call in found.calls["cdk variable"]:
        _variable(call, call.arguments.get(0), call.arguments.get(1))
    for call in found.calls["cdk function"]:
        given = Construct(call.view, call.inner)
        function = function_made(call.view, call.inner)
        if function is not None:
            _lambdas(call).declared(function)
        place = given.entry("environment")
        for name, value in call.view.evaluator.entries(place).items() if place is not None else ():
            _alias(call, name, value)
    for call in found.calls["cdk rule"]:
        added = targets.get((call.inner.source.path, call.inner.node.start_byte), [])
        for site in sites(found, call, "schedule" in _open_parts(call, added)):
            _rule(site, [_seen_from(place, site) for place in added])
    for call in found.calls["cdk source"]:
        for site in sites(found, call, _fed_by(call) is None or not _is_told(_fed_by(call))):
            _source(site)
    for call in found.calls["cdk mapping"]:
        given = Construct(call.view, call.inner)
        function = _function(call.view, given.entry("target"))
        if function is not None:
            _lambdas(call).fed(function, _queue(call.view, given.entry("eventSourceArn")), call.location, given.options())
    for call in found.calls["cdk queue"]:
        given = Construct(call.view, call.inner)
        dead = Construct.entries_of(call.view, given.entry("deadLetterQueue")).get("maxReceiveCount")
        said = {**given.options(), **({"maxReceiveCount": call.view.value(dead)} if dead is not None else {})}
        _lambdas(call).queue(call.view.evaluator.text(given.entry("queueName")) or given.id, call.location, said)


@dataclass(frozen=True)
class Construct:
    """The call that makes a construct: scope, id, properties; in Python, the properties are keywords."""

    view: View
    made: Place

    @property
    def id(self) -> str:
        """What its scope knows it by."""
        given = self.view.evaluator.arguments(self.made)
        place = given.get(1, given.get("id"))
        return self.view.evaluator.text(place) if isinstance(place, Place) else ""

    def entry(self, name: str) -> Place | None:
        """A property, by its name in TypeScript."""
        given = self.view.evaluator.arguments(self.made)
        if self.made.source.is_python:
            place = given.get(_CAPITAL.sub("_", name).lower())
            return place if isinstance(place, Place) else None
        # A source of events has no scope: its properties come second.
        for position in (2, 1):
            properties = given.get(position)
            found = self.view.evaluator.entries(properties) if isinstance(properties, Place) else {}
            if name in found:
                return found[name]
        return None

    @staticmethod
    def entries_of(view: View, place: Place | None) -> dict[str, Place]:
        """What an object, or in Python a call with keywords, holds, under the names of TypeScript."""
        if place is None:
            return {}
        meaning = view.evaluator.meaning(place)
        if isinstance(meaning, Instance) and meaning.call is not None and meaning.call.source.is_python:
            given = view.evaluator.arguments(meaning.call)
            return {_camel(k): v for k, v in given.items() if isinstance(k, str) and isinstance(v, Place)}
        return view.evaluator.entries(place)

    def options(self) -> Options:
        """The properties worth knowing, times in seconds."""
        found: Options = {}
        for name in _SAID:
            place = self.entry(name)
            if place is not None:
                time = duration(self.view, place)
                found[name] = Literal(time) if time is not None else self.view.value(place)
        return found


def _open_parts(call: Call, added: list[Place]) -> set[str]:
    """What of a rule its own code does not tell."""
    given = Construct(call.view, call.inner)
    place = given.entry("schedule")
    if place is None:
        return set()
    written, _ = expression(call.view, place)
    functions = _functions(call, given, added)
    return {"schedule"} if isinstance(written, Expression) or not all(map(_is_told, functions)) else set()


def _is_told(function: Function | None) -> bool:
    return function is not None and bool(function.files or function.handler)


def _seen_from(place: Place, site: Call) -> Place:
    """A place of the construct's code as it is seen from where the construct is made."""
    return Place(place.source, place.node, site.inner.frame) if site.via else place


def _rule(call: Call, added: list[Place]) -> None:
    view, given = call.view, Construct(call.view, call.inner)
    place = given.entry("schedule")
    if place is None:
        _event(call, given, _functions(call, given, added))
        return
    enabled = view.evaluator.known(given.entry("enabled"))
    written, zone = expression(view, place)
    if enabled is False:
        return
    for function in _functions(call, given, added) or [None]:
        _lambdas(call).scheduled(function, written, call.location, {}, zone=zone, name=given.id or _title(written))


def _title(written: Value) -> str:
    """What a schedule without a name of its own is called: its time, where that is known."""
    return written.value if isinstance(written, Literal) and isinstance(written.value, str) else ""


def _functions(call: Call, given: Construct, added: list[Place]) -> list[Function]:
    view, one, listed = call.view, given.entry("target"), given.entry("targets")
    places = [*added, *([one] if one is not None else []), *(elements(view.evaluator, listed).known if listed is not None else ())]
    return [f for p in places if (f := _target(view, p)) is not None]


def _event(call: Call, given: Construct, functions: list[Function]) -> None:
    """A rule for events that come by their name."""
    pattern = Construct.entries_of(call.view, given.entry("eventPattern"))
    place = pattern.get("detailType") or pattern.get("source")
    for detail in call.view.evaluator.known_list(place):
        for function in functions:
            _lambdas(call).reached(function, Literal(detail), call.location)


def _source(call: Call) -> None:
    """`fn.addEventSource(new SqsEventSource(queue))`, or the source among the `events` of a function."""
    view = call.view
    function = _fed_by(call)
    if function is None:
        _lambdas(call).loose(call.location, "the function that this source feeds could not be found")
        return
    _lambdas(call).fed(function, _queue(view, call.arguments.get(0)), call.location, Construct(view, call.inner).options())


def _variable(call: Call, name: Place | None, value: Place | None) -> None:
    if name is not None and value is not None:
        _alias(call, call.view.evaluator.text(name), value)


def _alias(call: Call, name: str, value: Place) -> None:
    """`MAIL_URL: queue.queueUrl`, `RESIZE: fn.functionName` among a function's variables."""
    owner = field(value.node, "object")
    attribute = field(value.node, "property") or field(value.node, "attribute")
    if owner is None or attribute is None or value.source.text(attribute).lower().replace("_", "") not in _ADDRESSES:
        return
    meaning = call.view.evaluator.meaning(Place(value.source, owner, value.frame))
    if isinstance(meaning, Instance) and meaning.call is not None:
        made = Construct(call.view, meaning.call)
        _lambdas(call).alias(name, Literal(call.view.evaluator.text(made.entry("queueName")) or made.id))


def _fed_by(call: Call) -> Function | None:
    view, source, frame = call.view, call.inner.source, call.inner.frame
    for outer in ancestors(call.inner.node):
        if outer.type not in ("call", "call_expression", "new_expression"):
            continue
        callee = callee_of(outer)
        name = field(callee, "property") or field(callee, "attribute")
        owner = field(callee, "object")
        if owner is not None and name is not None and source.text(name) in ("addEventSource", "add_event_source"):
            return _function(view, Place(source, owner, frame))
        function = function_made(view, Place(source, outer, frame))
        if function is not None:
            return function
    return None


def _target(view: View, place: Place) -> Function | None:
    """`new LambdaFunction(fn)`, `new LambdaInvoke(fn, …)`."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.call is not None:
        first = view.evaluator.arguments(meaning.call).get(0)
        if isinstance(first, Place) and meaning.key.rsplit(".", 1)[-1] in ("LambdaFunction()", "LambdaInvoke()"):
            return _function(view, first)
    return None


def _function(view: View, place: Place | None) -> Function | None:
    meaning: Meaning | None = view.evaluator.meaning(place) if place is not None else None
    if not isinstance(meaning, Instance) or meaning.call is None:
        return None
    made = meaning.call
    if isinstance(meaning.of, Defined) and meaning.of.place.node.type in CLASSES:
        # A function of a class of the project is what that class hands on: `super(scope, id, { entry })`.
        made = view.evaluator.attributes.built(meaning.of, meaning) or made
    found = function_made(view, made)
    return replace(found, name=found.name or Construct(view, meaning.call).id) if found is not None else None


def function_made(view: View, made: Place) -> Function | None:
    """The Lambda that a call makes, whatever its class is called: it is told by the properties that say where its code is."""
    given = Construct(view, made)
    named, entry, code = given.entry("handler"), given.entry("entry"), given.entry("code")
    handler = view.evaluator.text(named)
    if named is None and entry is None:
        return _unnamed(view, made, given)
    tree, here = view.project.tree, posixpath.dirname(made.source.path)
    time, limit = given.entry("timeout"), given.entry("reservedConcurrentExecutions")
    files: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    folders: tuple[str, ...] = (here, "")
    for path, base in _paths(view, entry) if entry is not None else ():
        where = posixpath.normpath(posixpath.join(base, path))
        index = posixpath.splitext(view.evaluator.text(given.entry("index")) or "index.py")[0]
        files = (where,) if where in tree else folder_files(tree, where, (index, "index"))
        exports = (handler.rpartition(".")[2] or "handler",)
        if files:
            break
    if code is not None:
        folders = tuple(posixpath.normpath(posixpath.join(base, path)) for path, base in _code(view, code)) + folders
    return Function(
        name=given.id or view.evaluator.text(given.entry("functionName")),
        where=made.source.location(made.node),
        handler=handler if not files else "",
        folders=folders,
        files=files,
        exports=exports,
        timeout=_time(view, time),
        concurrency=view.value(limit) if limit is not None else None,
        form="CDK function",
    )


def _unnamed(view: View, made: Place, given: Construct) -> Function | None:
    """`new NodejsFunction(this, "mail")` runs the file that is named after the stack's own: `stack.mail.ts`."""
    callee = callee_of(made.node)
    if callee is None or not view.evaluator.of(made.source, callee, made.frame).key.endswith("NodejsFunction"):
        return None
    stem = f"{posixpath.splitext(made.source.path)[0]}.{given.id}"
    files = folder_files(view.project.tree, posixpath.dirname(stem), (posixpath.basename(stem),))
    return Function(given.id, made.source.location(made.node), files=files, exports=("handler",), form="CDK function")


def _code(view: View, place: Place) -> Iterator[tuple[str, str]]:
    """`Code.fromAsset("lambda")`: (path as written, folder from which it is written)."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.call is not None:
        first = view.evaluator.arguments(meaning.call).get(0)
        if isinstance(first, Place):
            yield from _paths(view, first)


def _paths(view: View, place: Place) -> Iterator[tuple[str, str]]:
    """(path, folder) of a path in code: from the file's own folder with `__dirname`, else from any folder above it."""
    place = view.evaluator.origin(place)
    text = view.evaluator.text(place)
    here = posixpath.dirname(place.source.path)
    if not text:
        meaning = view.evaluator.meaning(place)
        made = meaning.call if isinstance(meaning, Instance) and meaning.call is not None else place
        given = [p for p in view.evaluator.arguments(made).values() if isinstance(p, Place)]
        text = posixpath.join(*(t for p in given if (t := view.evaluator.text(p))), "").rstrip("/")
        if not text and place.node.type == "template_string":
            text = place.text.strip("`").rpartition("}")[2].lstrip("/")
        if not text:
            return
        yield text.lstrip("/") if not text.startswith("..") else text, here
    folder = here
    while True:
        yield text, folder
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _queue(view: View, place: Place | None) -> Value | None:
    """A queue by the id of its construct."""
    if place is None:
        return None
    meaning = view.evaluator.meaning(place)
    made = meaning.call if isinstance(meaning, Instance) else None
    given = Construct(view, made) if made is not None else None
    name = view.evaluator.text(given.entry("queueName")) or given.id if given is not None else ""
    return Literal(name) if name else Expression(view.evaluator.origin(place).text.removesuffix(".queueArn"))


def _time(view: View, place: Place | None) -> Value | None:
    if place is None:
        return None
    known = duration(view, place)
    return Literal(known) if known is not None else view.value(place)


def _lambdas(call: Call) -> Lambdas:
    return Lambdas(call.view.project.tree, call.view.found, "code", call.view.source.language)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
