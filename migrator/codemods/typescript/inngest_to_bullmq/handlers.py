"""What a handler does, against what the generated runtime offers."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.codemods.typescript.project import Project
from migrator.jobs import Location, Reference
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, ancestors, contains, field, walk

STEPS = ("run", "sleep", "sleepUntil", "sendEvent")
_REFUSED_STEPS = {
    "waitForEvent": ("MIG430", "it waits for another event (step.waitForEvent)"),
    "waitForSignal": ("MIG430", "it waits for a signal (step.waitForSignal)"),
    "invoke": ("MIG431", "it invokes another function and waits for its result (step.invoke)"),
}
_EVENT = frozenset(f"context.event{part}" for part in ("", ".data", ".name", ".id", ".ts", ".user", ".v"))
_CONTEXT = _EVENT | {f"context.{name}" for name in ("events", "runId", "attempt", "maxAttempts", "logger")}
_FAILURE = _CONTEXT | {"context.error"}
#: who comes first among steps depends on how they are run
_RACES = ("Promise.race", "Promise.any")
#: tools that need an id as their first of two arguments; version 2 had them without
_WITH_ID = ("sleep", "sleepUntil", "sendEvent")


def read_handler(project: Project, function: Function, uses_of_api: dict[str, list[Reference]]) -> None:
    """Block what the handler or its `onFailure` does beyond the runtime."""
    job = function.job
    if job.handler is None:
        function.block("MIG452", "its handler could not be found in this code base")
        return
    for step in job.steps:
        _step(function, step.kind, step.location)
        _arguments(project, function, step.kind, step.location)
    for use in job.uses:
        failure = use.feature.startswith("onFailure.")
        feature = use.feature.removeprefix("onFailure.")
        if feature.startswith("step."):
            _step(function, feature.removeprefix("step."), use.location)
            _arguments(project, function, feature.removeprefix("step."), use.location)
        elif feature == "context.step":
            function.block("MIG433", "its step tools are handed to other code", location=use.location)
        elif feature in ("context", "context...."):
            function.block("MIG433", "its whole context is handed to other code", location=use.location)
        elif feature not in (_FAILURE if failure else _CONTEXT):
            what = feature.removeprefix("context.")
            function.block("MIG469", f"it uses `{what}` of its context, which the runtime does not have", location=use.location)
    _nested(project, function)
    _failure_handler(project, function)
    for node, source in _bodies(project, function):
        _out_of_sight(function, source, node)
        _race(function, source, node)
    whole = job.definition or job.location.span
    for path, where in {(job.location.path, whole), (job.handler.location.path, job.handler.location.span)}:
        for use in uses_of_api.get(path, ()):
            if where.start <= use.location.span.start and use.location.span.end <= where.end:
                _api(function, use)


def _bodies(project: Project, function: Function) -> Iterator[tuple[Node, Source]]:
    """The code of the handler and of what is given as `onFailure`, with the files they stand in."""
    job = function.job
    places = [(function.path, job.failure_handler)]
    if job.handler is not None:
        places.append((job.handler.location.path, job.handler.location.span))
    for path, where in places:
        source = project.source(path)
        node = source.root.descendant_for_byte_range(where.start, where.end) if where is not None else None
        if node is not None:
            yield node, source


def _failure_handler(project: Project, function: Function) -> None:
    """What is used of the context can only be known of a function whose code is at hand."""
    where = function.job.failure_handler
    node = function.source.root.descendant_for_byte_range(where.start, where.end) if where is not None else None
    if node is not None and not _is_function(project, function.source, node):
        function.block("MIG452", "its onFailure could not be found in this code base", location=function.source.location(node))


def _is_function(project: Project, source: Source, node: Node) -> bool:
    """True for a function written out, and for a name that leads to one."""
    if node.type in FUNCTIONS:
        return True
    if node.type not in ("identifier", "shorthand_property_identifier"):
        return False
    bound = project.bindings(source.path).lookup(source.text(node), node)
    if len(bound) != 1:
        return False
    if bound[0].kind == "import":
        path = project.resolve(source.path, bound[0].module)
        export = project.bindings(path).exports().get(bound[0].member) if path else None
        named = project.bindings(path).module.get(export.local, []) if export is not None else []
        return len(named) == 1 and (named[0].kind == "function" or (named[0].value is not None and named[0].value.type in FUNCTIONS))
    return bound[0].kind == "function" or (bound[0].kind == "value" and bound[0].value is not None and bound[0].value.type in FUNCTIONS)


def _out_of_sight(function: Function, source: Source, body: Node) -> None:
    """`arguments[0]` is the context too, and where it goes cannot be followed."""
    for node in walk(body, ("identifier",)):
        if source.text(node) == "arguments":
            function.block("MIG433", "its whole context is reached through `arguments`", location=source.location(node))


def _race(function: Function, source: Source, body: Node) -> None:
    """The runtime goes on after a sleep, or tries a step again, only when no other step of the job is running: it may lose a race."""
    works = [_call_at(source, s.location) for s in function.job.steps if s.location.path == source.path and s.kind == "run"]
    for call in walk(body, ("call_expression",)):
        callee = field(call, "function")
        if callee is None or source.text(callee) not in _RACES or not function.job.steps:
            continue
        if not any(work is not None and work.id != call.id and _within_work(work, call) for work in works):
            function.block("MIG471", f"it lets steps race ({source.text(callee)})", location=source.location(call))


def _step(function: Function, kind: str, location: Location) -> None:
    if kind in STEPS:
        return
    known = _REFUSED_STEPS.get(kind)
    if known is not None:
        function.block(*known, location=location)
    else:
        function.block("MIG432", f"it uses step.{kind}, which the runtime does not have", location=location)


def _arguments(project: Project, function: Function, kind: str, location: Location) -> None:
    """Every tool is given an id, and the rest of its arguments one by one."""
    call = _call_at(project.source(location.path), location)
    arguments = field(call, "arguments")
    given = [n for n in arguments.named_children if n.type != "comment"] if arguments is not None else []
    if any(n.type == "spread_element" for n in given) or not given:
        function.block("MIG432", f"the arguments of step.{kind} are not written out", location=location)
    elif len(given) < 2 and kind in ("run", *_WITH_ID):
        function.block("MIG465", f"step.{kind} has no id, as in version 2 of the SDK; give it one", location=location)


def _call_at(source: Source, location: Location) -> Node | None:
    node = source.root.descendant_for_byte_range(location.span.start, location.span.end)
    while node is not None and node.type != "call_expression":
        node = node.parent
    return node


def _nested(project: Project, function: Function) -> None:
    """A step within the work of another step: Inngest has no such thing, and what it does then is not defined."""
    steps = [s.location for s in function.job.steps] + [u.location for u in function.job.uses if u.feature.startswith("onFailure.step.")]
    for path in {s.path for s in steps}:
        source = project.source(path)
        calls = [c for c in (_call_at(source, s) for s in steps if s.path == path) if c is not None]
        for inner in calls:
            outer = next((o for o in calls if o.id != inner.id and _within_work(o, inner)), None)
            if outer is not None:
                function.block("MIG434", "one of its steps stands within another", location=source.location(inner))


def _within_work(outer: Node, inner: Node) -> bool:
    arguments = field(outer, "arguments")
    if arguments is None or not contains(arguments, inner):
        return False
    return any(a.type in FUNCTIONS and contains(arguments, a) for a in ancestors(inner))


#: what of the SDK a handler may name: the runtime has the same, or it is no more than a type of it
_SAME = frozenset(("NonRetriableError", "RetryAfterError", "StepError", "eventType", "staticSchema", "cron"))


def _api(function: Function, use: Reference) -> None:
    package, _, path = use.target.partition(".")
    name = path.split(".", 1)[0].split("(", 1)[0]
    if package == "inngest" and name in _SAME:
        return
    function.block("MIG462", f"it uses `{name or package}` of the SDK", location=use.location)
