"""Rules and schedules of AWS CDK: when something is started, or by which event, and which functions are."""

from __future__ import annotations

from migrator.jobs import Expression, Literal, Value
from migrator.scanners.aws.cdk_constructs import Construct, function_named, lambdas_of
from migrator.scanners.aws.cdk_times import expression
from migrator.scanners.aws.lambdas import Function
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import field


def read_rule(call: Call, added: list[Place]) -> None:
    """`new Rule(scope, id, { schedule, targets })`, with the targets that are added to it later."""
    view, given = call.view, Construct(call.view, call.inner)
    place = given.entry("schedule")
    if place is None:
        _event(call, given, _functions(call, given, added), bool(added) or given.entry("targets") is not None)
        return
    enabled = view.evaluator.known(given.entry("enabled"))
    written, zone = expression(view, place)
    if enabled is False:
        return
    for function in _functions(call, given, added) or [None]:
        lambdas_of(call).scheduled(function, written, call.location, {}, zone=zone, name=given.id or _title(written))


def _title(written: Value) -> str:
    """What a schedule without a name of its own is called: its time, where that is known."""
    return written.value if isinstance(written, Literal) and isinstance(written.value, str) else ""


def _functions(call: Call, given: Construct, added: list[Place]) -> list[Function]:
    view, one, listed = call.view, given.entry("target"), given.entry("targets")
    places = [*added, *([one] if one is not None else []), *(elements(view.evaluator, listed).known if listed is not None else ())]
    return [f for p in places if (f := _target(view, p)) is not None]


def _event(call: Call, given: Construct, functions: list[Function], starts: bool) -> None:
    """A rule for events that come by their name; `starts`: it has targets, though these may be queues instead of functions."""
    pattern = Construct.entries_of(call.view, given.entry("eventPattern"))
    place = pattern.get("detailType") or pattern.get("source")
    details = call.view.evaluator.known_list(place)
    for detail in details or ([""] if place is not None else []):
        if starts:
            lambdas_of(call).awaited(Literal(detail))
    for detail in details:
        for function in functions:
            lambdas_of(call).reached(function, Literal(detail), call.location)


def _target(view: View, place: Place) -> Function | None:
    """`new LambdaFunction(fn)`, `new LambdaInvoke(fn, …)`."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.call is not None:
        first = view.evaluator.arguments(meaning.call).get(0)
        if isinstance(first, Place) and meaning.key.rsplit(".", 1)[-1] in ("LambdaFunction()", "LambdaInvoke()"):
            return function_named(view, first)
    return None


def open_parts(call: Call, added: list[Place]) -> set[str]:
    """What of a rule its own code does not tell."""
    given = Construct(call.view, call.inner)
    place = given.entry("schedule")
    if place is None:
        return set()
    written, _ = expression(call.view, place)
    functions = _functions(call, given, added)
    return {"schedule"} if isinstance(written, Expression) or not all(map(is_told, functions)) else set()


def is_told(function: Function | None) -> bool:
    """True for a function whose code is named."""
    return function is not None and bool(function.files or function.handler)


def seen_from(place: Place, site: Call) -> Place:
    """A place of the construct's code as it is seen from where the construct is made."""
    return Place(place.source, place.node, site.inner.frame) if site.via else place


def plain_expression(call: Call) -> Value | None:
    """The time that a rule of the template's own has; None for one that waits for events."""
    place = Construct(call.view, call.inner).entry("scheduleExpression")
    return call.view.value(place) if place is not None else None


def read_plain_rule(call: Call) -> None:
    """`CfnRule` and `CfnSchedule`: the template's own properties, without CDK's words for them."""
    view, given, written = call.view, Construct(call.view, call.inner), plain_expression(call)
    if written is None or view.evaluator.text(given.entry("state")) == "DISABLED":
        return
    listed, one = given.entry("targets"), given.entry("target")
    places = [*(elements(view.evaluator, listed).known if listed is not None else ()), *([one] if one is not None else [])]
    functions = [f for place in places if (f := _addressed(view, Construct.entries_of(view, place).get("arn"))) is not None]
    zone = view.evaluator.text(given.entry("scheduleExpressionTimezone"))
    for function in functions or [None]:
        lambdas_of(call).scheduled(function, written, call.location, {}, zone=zone, name=given.id or _title(written))


def _addressed(view: View, arn: Place | None) -> Function | None:
    """The function of `fn.functionArn`."""
    owner = field(arn.node, "object") if arn is not None else None
    return function_named(view, Place(arn.source, owner, arn.frame)) if arn is not None and owner is not None else None
