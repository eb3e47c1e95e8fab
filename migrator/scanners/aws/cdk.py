"""AWS CDK, in TypeScript and in Python alike: functions, what feeds them, rules and schedules that start them, queues."""

from __future__ import annotations

from migrator.jobs import Expression, Literal
from migrator.scanners.aws.cdk_constructs import Construct, function_made, function_named, lambdas_of, queue_of
from migrator.scanners.aws.cdk_rules import is_told, open_parts, plain_expression, read_plain_rule, read_rule, seen_from
from migrator.scanners.aws.cdk_sites import sites
from migrator.scanners.aws.lambdas import Function
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import Call
from migrator.syntax.tree import ancestors, callee_of, field

#: (part of the module's name, class) -> what its calls are remembered as
_CLASSES = {
    ("lambda", "SqsEventSource"): "cdk source",
    ("lambda", "EventSourceMapping"): "cdk mapping",
    ("events", "Rule"): "cdk rule",
    ("events", "CfnRule"): "cdk plain rule",
    ("scheduler", "Schedule"): "cdk rule",
    ("scheduler", "CfnSchedule"): "cdk plain rule",
    ("sqs", "Queue"): "cdk queue",
    ("lambda", "Function"): "cdk function",
    ("lambda", "NodejsFunction"): "cdk function",
    ("lambda", "PythonFunction"): "cdk function",
}
_METHODS = {
    "addTarget": "cdk target",
    "add_target": "cdk target",
    "addEventSourceMapping": "cdk mapping",
    "add_event_source_mapping": "cdk mapping",
    "addEventSource": "cdk feed",
    "add_event_source": "cdk feed",
    "addEnvironment": "cdk variable",
    "add_environment": "cdk variable",
}
_ADDRESSES = ("queueurl", "queuename", "queuearn", "functionname", "functionarn")


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
            lambdas_of(call).declared(function)
        place = given.entry("environment")
        for name, value in call.view.evaluator.entries(place).items() if place is not None else ():
            _alias(call, name, value)
    for call in found.calls["cdk rule"]:
        added = targets.get((call.inner.source.path, call.inner.node.start_byte), [])
        for site in sites(found, call, "schedule" in open_parts(call, added)):
            read_rule(site, [seen_from(place, site) for place in added])
    for call in found.calls["cdk plain rule"]:
        for site in sites(found, call, is_open=isinstance(plain_expression(call), Expression)):
            read_plain_rule(site)
    fed = {made: call for call in found.calls["cdk feed"] if (made := _source_of(call)) is not None}
    for call in found.calls["cdk source"]:
        made = (call.inner.source.path, call.inner.node.start_byte)
        if made in fed and fed[made].inner.node.start_byte > made[1]:
            # The source has a name of its own and is handed on later.
            _feed(fed[made], call)
            continue
        for site in sites(found, call, _fed_by(call) is None or not is_told(_fed_by(call))):
            _source(site)
    for call in found.calls["cdk mapping"]:
        _mapping(call)
    for call in found.calls["cdk queue"]:
        given = Construct(call.view, call.inner)
        dead = Construct.entries_of(call.view, given.entry("deadLetterQueue")).get("maxReceiveCount")
        said = {**given.options(), **({"maxReceiveCount": call.view.value(dead)} if dead is not None else {})}
        lambdas_of(call).queue(call.view.evaluator.text(given.entry("queueName")) or given.id, call.location, said)


def _mapping(call: Call) -> None:
    """`new EventSourceMapping(scope, id, { target, eventSourceArn })` and `fn.addEventSourceMapping(id, { eventSourceArn })`."""
    given = Construct(call.view, call.inner)
    source = given.entry("eventSourceArn")
    if source is None or given.entry("startingPosition") is not None:
        # Streams say where to begin.
        return
    made = call.receiver.call if isinstance(call.receiver, Instance) else None
    function = function_made(call.view, made) if made is not None else function_named(call.view, given.entry("target"))
    if function is None:
        lambdas_of(call).loose(call.location, "the function that this source feeds could not be found")
        return
    lambdas_of(call).fed(function, queue_of(call.view, source), call.location, given.options())


def _source_of(call: Call) -> tuple[str, int] | None:
    """Where the source is made that `fn.addEventSource(source)` is given."""
    meaning = call.view.evaluator.meaning(call.arguments[0]) if 0 in call.arguments else None
    made = meaning.call if isinstance(meaning, Instance) else None
    return (made.source.path, made.node.start_byte) if made is not None else None


def _feed(call: Call, source: Call) -> None:
    made = call.receiver.call if isinstance(call.receiver, Instance) else None
    function = function_made(call.view, made) if made is not None else None
    if function is None:
        lambdas_of(call).loose(call.location, "the function that this source feeds could not be found")
        return
    lambdas_of(call).fed(
        function, queue_of(call.view, source.arguments.get(0)), call.location, Construct(call.view, source.inner).options()
    )


def _source(call: Call) -> None:
    """`fn.addEventSource(new SqsEventSource(queue))`, or the source among the `events` of a function."""
    view = call.view
    function = _fed_by(call)
    if function is None:
        lambdas_of(call).loose(call.location, "the function that this source feeds could not be found")
        return
    lambdas_of(call).fed(function, queue_of(view, call.arguments.get(0)), call.location, Construct(view, call.inner).options())


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
        lambdas_of(call).alias(name, Literal(call.view.evaluator.text(made.entry("queueName")) or made.id))


def _fed_by(call: Call) -> Function | None:
    view, source, frame = call.view, call.inner.source, call.inner.frame
    for outer in ancestors(call.inner.node):
        if outer.type not in ("call", "call_expression", "new_expression"):
            continue
        callee = callee_of(outer)
        name = field(callee, "property") or field(callee, "attribute")
        owner = field(callee, "object")
        if owner is not None and name is not None and source.text(name) in ("addEventSource", "add_event_source"):
            return function_named(view, Place(source, owner, frame))
        function = function_made(view, Place(source, outer, frame))
        if function is not None:
            return function
    return None
