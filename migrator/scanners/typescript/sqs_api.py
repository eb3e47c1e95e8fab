"""The names under which the SDKs of AWS offer what has to do with jobs, of version 2 (`aws-sdk`) and version 3 (`@aws-sdk/client-…`)."""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, field, walk

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
