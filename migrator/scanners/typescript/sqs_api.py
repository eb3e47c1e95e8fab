"""The names under which the SDKs of AWS offer what has to do with jobs, of version 2 (`aws-sdk`) and version 3 (`@aws-sdk/client-…`)."""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.jobs import Expression, Literal, Value
from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.linking import Instance, Meaning, Place
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk

#: package of version 3 -> the name that version 2 has for the service
_CLIENTS = {
    "@aws-sdk/client-sqs": "SQS",
    "@aws-sdk/client-lambda": "Lambda",
    "@aws-sdk/client-eventbridge": "EventBridge",
    "@aws-sdk/client-cloudwatch-events": "EventBridge",
    "@aws-sdk/client-scheduler": "Scheduler",
}
_MODULES = {
    "aws-sdk/clients/sqs": "SQS",
    "aws-sdk/clients/lambda": "Lambda",
    "aws-sdk/clients/eventbridge": "EventBridge",
    "aws-sdk/clients/cloudwatchevents": "EventBridge",
}
PACKAGES = ("aws-sdk", *_CLIENTS, *_MODULES)
_SERVICES = frozenset(("SQS", "Lambda", "EventBridge", "CloudWatchEvents"))
_QUEUE = re.compile(r"^(https?://|arn:)")
_NAMES = ("identifier", "shorthand_property_identifier")
_WORD = re.compile(r"[\w./:-]+")
_ENVIRONMENT = re.compile(r"""(?:process|import\.meta)\.env(?:\.|\[["'])(\w+)""")


def api(key: str) -> tuple[str, str]:
    """(service, what of it) of a key: `("SQS", "SendMessageCommand")`, `("SQS", "().sendMessage")`; empty for all else of AWS."""
    package, _, path = key.partition(".")
    package, called = package.removesuffix("()"), "()" if package.endswith("()") else ""
    path = path.removeprefix("default.")
    if package in _CLIENTS:
        service = _CLIENTS[package]
        client = re.match(rf"^({service}|{service}Client)(?=$|\(\))", path)
        return (service, path[client.end() :] or "new") if client is not None else (service, path)
    if package in _MODULES:
        # `import SQS from "aws-sdk/clients/sqs"` and `import SQS = require(…)` alike.
        rest = path.removeprefix("default")
        return _MODULES[package], (f"{called}.{rest}" if called and rest else called or rest) or "new"
    if package == "aws-sdk":
        service, brackets, rest = path.partition("()")
        if service in _SERVICES:
            return service.replace("CloudWatchEvents", "EventBridge"), f"{brackets}{rest}" or "new"
    return "", ""


def queue_name(view: View, place: Place | None) -> tuple[str, Value | None]:
    """(name, value) of what names a queue: its own name, or that of the setting that holds it; empty where neither can be told."""
    if place is None:
        return "", None
    text = view.evaluator.text(place)
    if text:
        return text.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if _QUEUE.match(text) else text, Literal(text)
    origin = view.evaluator.origin(place)
    asked = _asked_for(view, origin)
    return (queue_name(view, asked)[0] if asked is not None else _setting(view, origin)), Expression(origin.text)


def _asked_for(view: View, place: Place) -> Place | None:
    """The name behind an address that SQS is asked for: `QueueUrl` of `new GetQueueUrlCommand({ QueueName })` or `getQueueUrl({ … })`."""
    name = field(place.node, "object") if place.node.type == "member_expression" else place.node
    if name is None or name.type not in _NAMES:
        return None
    bound = view.project.bindings(place.source.path).lookup(place.source.text(name), name)
    value = bound[0].value if bound and bound[0].kind == "value" else None
    for node in walk(value, ("new_expression", "call_expression")) if value is not None else ():
        callee = callee_of(node)
        if callee is not None and place.source.text(callee).endswith(("GetQueueUrlCommand", "getQueueUrl")):
            given = view.evaluator.arguments(Place(place.source, node, place.frame)).get(0)
            return view.evaluator.entries(given).get("QueueName") if isinstance(given, Place) else None
    return None


def _setting(view: View, place: Place) -> str:
    """The name of the setting that a value is read from: `X` of `process.env.X`, `config.get("X")`, and of names that stand for these."""
    found = _ENVIRONMENT.search(view.evaluator.meaning(place).key) or _ENVIRONMENT.search(place.text)
    if found is None and place.node.type in _NAMES:
        bound = view.project.bindings(place.source.path).lookup(place.text, place.node)
        value = bound[0].value if bound and bound[0].kind == "value" else None
        found = _ENVIRONMENT.search(place.source.text(value)) if value is not None else None
    if found is not None:
        return found[1]
    meaning = view.evaluator.meaning(place)
    made = _call_of(view, place, meaning)
    if made is not None:
        # `config.get("MAIL_QUEUE")`, `await this.urlOf("mail")`.
        given = [p for p in view.evaluator.arguments(made).values() if isinstance(p, Place)]
        text = next((text for p in given if _WORD.fullmatch(text := view.evaluator.text(p))), "")
        if text or any(depends_on_parameter(view.evaluator.meaning(p)) for p in given):
            return text
    if place.node.type == "template_string":
        return place.text.rstrip("`").rpartition("}")[2].rpartition("/")[2]
    return "" if depends_on_parameter(meaning) else _own_name(view, place)


def _call_of(view: View, place: Place, meaning: Meaning) -> Place | None:
    """The call whose answer a value is, by whatever name it goes."""
    if isinstance(meaning, Instance) and meaning.call is not None:
        return meaning.call if meaning.call.node.type == "call_expression" else None
    node = place.node
    if node.type in _NAMES:
        bound = view.project.bindings(place.source.path).lookup(place.text, node)
        node = bound[0].value if bound and bound[0].kind == "value" and bound[0].value is not None else node
    while node.type in ("await_expression", "parenthesized_expression", "non_null_expression") and node.named_children:
        node = node.named_children[0]
    return Place(place.source, node, place.frame) if node.type == "call_expression" else None


def _own_name(view: View, place: Place) -> str:
    """The name that the project has for a value that it keeps in one place: `config.mailQueueUrl`, `MAIL_QUEUE` of the module."""
    if place.node.type == "member_expression":
        owner, name = field(place.node, "object"), field(place.node, "property")
        # What an object was made with, its maker knows.
        return place.source.text(name) if name is not None and owner is not None and owner.type != "this" else ""
    if place.node.type in _NAMES and place.text in view.project.bindings(place.source.path).module:
        return place.text
    return ""


def sending(view: View, command: Node) -> tuple[Node, Node] | None:
    """(call, node of its name) of the `client.send(command)` that sends a command; None where it cannot be seen."""
    arguments = command.parent
    if arguments is not None and arguments.type == "arguments":
        return _send(view, arguments.parent)
    while arguments is not None and arguments.type in ("as_expression", "satisfies_expression", "parenthesized_expression"):
        arguments = arguments.parent
    if arguments is None or arguments.type != "variable_declarator":
        return None
    name, scope = field(arguments, "name"), arguments.parent
    if name is None:
        return None
    while scope is not None and scope.parent is not None and scope.type not in FUNCTIONS:
        scope = scope.parent
    for call in walk(scope, ("call_expression",)) if scope is not None else ():
        given = field(call, "arguments")
        first = given.named_children[0] if given is not None and given.named_children else None
        if first is not None and first.type == "identifier" and first.text == name.text and call.start_byte > command.start_byte:
            found = _send(view, call)
            if found is not None:
                return found
    return None


def _send(view: View, call: Node | None) -> tuple[Node, Node] | None:
    name = field(call, "function", "property")
    return (call, name) if call is not None and name is not None and view.source.text(name) == "send" else None
