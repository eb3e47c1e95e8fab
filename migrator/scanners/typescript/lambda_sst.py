"""SST: `Cron` and `Queue` of version 3 (`sst.aws.Cron`, without an import), 2 (`sst/constructs`) and 1 (`@serverless-stack/resources`)."""

from __future__ import annotations

import posixpath

from tree_sitter import Node

from migrator.jobs import Literal, Value
from migrator.regex import regex
from migrator.scanners.aws.cdk_constructs import Construct, function_made
from migrator.scanners.aws.lambdas import Function, Lambdas
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.lambda_sst_bus import added_rules, subscribed
from migrator.scanners.typescript.statements import holder
from migrator.syntax.tree import callee_of, field
from migrator.systems.sqs import SYSTEM

PACKAGES = ("sst/constructs", "@serverless-stack/resources")
_CLOCKS = ("Cron", "CronV2", "Scheduler")
_VERSION_3 = regex(r"^sst\.aws\.(Cron|CronV2|Queue)$")
#: entries under which a construct has its function, the likeliest first
_FUNCTIONS = ("function", "job", "handler", "consumer")


def _read(call: Call) -> None:
    name = call.key.rpartition(".")[2]
    if call.node.type == "new_expression" and call.key.removesuffix(f".{name}") in PACKAGES:
        _made(call.view, call.node, name)
    elif call.key.endswith("EventBus().addRules") and 1 in call.arguments:
        added_rules(call.view, _lambdas(call.view), call.arguments[1])
    elif call.key.endswith("Queue().addConsumer") and 1 in call.arguments and isinstance(call.receiver, Instance) and call.receiver.call:
        _fed(call.view, call.node, Construct(call.view, call.receiver.call).id, call.arguments[1])


def _file(view: View) -> None:
    """Version 3 has its constructs in a global: `new sst.aws.Cron("Nightly", { … })`, `queue.subscribe("src/a.handler")`."""
    if b"sst.aws." not in view.source.data:
        return
    for node in view.source.nodes("new_expression"):
        callee = callee_of(node)
        found = _VERSION_3.match(view.source.text(callee)) if callee is not None else None
        if found is not None:
            _made(view, node, found[1])
    for node in view.source.nodes("call_expression"):
        owner, name = field(node, "function", "object"), field(node, "function", "property")
        if owner is None or name is None or view.source.text(name) not in ("subscribe", "subscribeQueue"):
            continue
        meaning = view.evaluator.of(view.source, owner)
        made = meaning.call if isinstance(meaning, Instance) else None
        if made is not None and view.source.text(callee_of(made.node) or made.node) == "sst.aws.Bus":
            subscribed(view, _lambdas(view), node)
            continue
        given = view.evaluator.arguments(view.place(node)).get(0)
        if made is not None and isinstance(given, Place) and view.source.text(callee_of(made.node) or made.node) == "sst.aws.Queue":
            _fed(view, node, _id(view, made), given)


def _made(view: View, node: Node, name: str) -> None:
    place = view.place(node)
    given, identity = _properties(view, place), _id(view, place)
    if name in _CLOCKS and "schedule" in given:
        function = next((f for key in _FUNCTIONS if key in given and (f := _function(view, given[key], identity)) is not None), None)
        expression: Value = view.value(given["schedule"])
        zone = view.evaluator.text(given.get("timezone"))
        _lambdas(view).scheduled(function, expression, view.source.location(node), {}, zone=zone, name=identity)
    elif name == "EventBus" and "rules" in given:
        added_rules(view, _lambdas(view), given["rules"])
    elif name == "Queue":
        _lambdas(view).queue(identity, view.source.location(node), {})
        if "consumer" in given:
            _fed(view, node, identity, given["consumer"])


def _fed(view: View, node: Node, queue: str, consumer: Place) -> None:
    function = _function(view, consumer, queue)
    if function is not None:
        _lambdas(view).fed(function, Literal(queue), view.source.location(node, at=field(callee_of(node), "property") or node), {})


def _function(view: View, place: Place, name: str) -> Function | None:
    """A path with an export, an object that has one, or a function that is made elsewhere."""
    text = view.evaluator.text(place)
    if not text:
        entries = view.evaluator.entries(place)
        inner = next((entries[key] for key in _FUNCTIONS if key in entries), None)
        if inner is not None:
            return _function(view, inner, name)
        owner, attribute = field(place.node, "object"), field(place.node, "property")
        if owner is not None and attribute is not None and place.source.text(attribute) == "arn":
            # `function: sync.arn`
            return _function(view, Place(place.source, owner, place.frame), name)
        meaning = view.evaluator.meaning(place)
        made = meaning.call if isinstance(meaning, Instance) else None
        if made is None:
            return None
        handler = view.evaluator.text(_properties(view, made).get("handler"))
        return _function_at(handler, _id(view, made), made) if handler else function_made(view, made)
    return _function_at(text, name, place)


def _function_at(handler: str, name: str, place: Place) -> Function:
    holding, _ = holder(place.source, place.node)
    folders = [posixpath.dirname(place.source.path)]
    while folders[-1]:
        folders.append(posixpath.dirname(folders[-1]))
    return Function(
        name or holding, place.source.location(place.node), handler=handler, folders=tuple(reversed(folders)), form="SST function"
    )


def _properties(view: View, made: Place) -> dict[str, Place]:
    """The last object that a construct is given: after its scope and id, or after its id alone."""
    given = view.evaluator.arguments(made)
    for position in (2, 1):
        place = given.get(position)
        entries = view.evaluator.entries(place) if isinstance(place, Place) else {}
        if entries:
            return entries
    return {}


def _id(view: View, made: Place) -> str:
    given = view.evaluator.arguments(made)
    return next((text for k in (1, 0) if isinstance(p := given.get(k), Place) and (text := view.evaluator.text(p))), "")


def _lambdas(view: View) -> Lambdas:
    return Lambdas(view.project.tree, view.found, "code", view.source.language)


READER = Reader(
    system=SYSTEM.name,
    markers=(b"sst.aws.", b"sst/constructs", b"@serverless-stack/resources"),
    packages=PACKAGES,
    call=_read,
    file=_file,
)
