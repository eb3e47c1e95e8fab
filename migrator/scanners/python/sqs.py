"""AWS SQS in Python: boto3 and its asynchronous sisters, Lambda handlers, Chalice; Lambdas started without waiting for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from migrator.jobs import Client
from migrator.scanners.found import Found
from migrator.scanners.linking import External, Instance, Meaning, Member
from migrator.scanners.python import sqs_chalice
from migrator.scanners.python.sqs_clients import SDKS, TYPES, is_new, service
from migrator.scanners.python.sqs_consumers import finish, received
from migrator.scanners.python.sqs_handlers import read_handlers
from migrator.scanners.python.sqs_sends import created_schedule, invoked, put_events, sent
from migrator.scanners.reading import Call, Reader
from migrator.syntax.source import span
from migrator.syntax.tree import field as child
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
#: (service, method) -> what it means
_APIS: dict[tuple[str, str], Callable[[Call], None]] = {
    ("sqs", "send_message"): sent,
    ("sqs", "send_messages"): sent,
    ("sqs", "send_message_batch"): sent,
    ("sqs", "receive_message"): received,
    ("sqs", "receive_messages"): received,
    ("lambda", "invoke"): invoked,
    ("lambda", "invoke_async"): invoked,
    ("events", "put_events"): put_events,
    ("events", "put_rule"): created_schedule,
    ("scheduler", "create_schedule"): created_schedule,
}
#: method -> arguments one of which must be there where the client cannot be followed
_SHAPES = {
    "send_message": ("QueueUrl", "MessageBody"),
    "send_messages": ("Entries",),
    "send_message_batch": ("QueueUrl", "Entries"),
    "receive_message": ("QueueUrl",),
    "receive_messages": ("MaxNumberOfMessages", "WaitTimeSeconds"),
    "invoke": ("InvocationType",),
    "put_events": ("Entries",),
    "create_schedule": ("ScheduleExpression",),
}
_SERVICES = frozenset(which for which, _ in _APIS)
_BY_METHOD = {method: read for (_, method), read in _APIS.items()}


def _read(call: Call) -> None:
    view = call.view
    if call.key.split(".")[0].removesuffix("()") == sqs_chalice.PACKAGE:
        sqs_chalice.read(call)
        return
    if is_new(call):
        if service(view.evaluator, Instance(call.callee, call.inner)) == "sqs":
            _client(call)
        return
    method = call.callee.name if isinstance(call.callee, Member) else ""
    which = service(view.evaluator, call.receiver) if method in _BY_METHOD else ""
    if (which, method) in _APIS:
        _APIS[which, method](call)
    elif not which:
        _by_shape(call)


def _by_shape(call: Call) -> None:
    """`anything.send_message(QueueUrl=…, MessageBody=…)`."""
    # Where a function of the project wraps the call, its name is another one.
    view = call.view
    method = last_name(call.callee) or view.source.text(call.name)
    unpacked = view.evaluator.entries(call.arguments["**"]) if "**" in call.arguments else {}
    if any(name in call.arguments or name in unpacked for name in _SHAPES.get(method, ())):
        _BY_METHOD[method](replace(call, doubt=call.doubt or "told by what it is given"))


def last_name(meaning: Meaning) -> str:
    """The name of the member or of the outside value that a meaning is; empty for anything else."""
    return meaning.name if isinstance(meaning, Member) else meaning.path[-1] if isinstance(meaning, External) else ""


def _client(call: Call) -> None:
    view = call.view
    parent = call.node.parent
    target = child(parent, "left") if parent is not None and parent.type == "assignment" else None
    symbol = view.source.text(target) if target is not None else ""
    view.add(Client(**call.common(NAME), name=symbol or "sqs", symbol=symbol, module=view.module, definition=span(call.node), role="app"))


def _leads(found: Found, meaning: Meaning) -> bool:  # noqa: ARG001 - the signature of every reader's
    """Of AWS's SDK, only a client of a service that has to do with jobs: sessions and other clients are in every file of many a project."""
    if meaning.key.split(".")[0].removesuffix("()") not in SDKS:
        return True
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and meaning.call is not None and is_client(meaning):
            arguments = child(meaning.call.node, "arguments")
            text = meaning.call.source.text(arguments) if arguments is not None else ""
            return any(f"{quote}{name}{quote}" in text for name in _SERVICES for quote in "\"'")
        meaning = meaning.of
    return False


def is_client(meaning: Instance) -> bool:
    """True for what the SDK gives for `client("sqs")`."""
    return meaning.key.endswith(("client()", "resource()"))


READER = Reader(
    system=NAME,
    markers=(
        *(
            b'"sqs"',
            b"'sqs'",
            b"QueueUrl",
            b"MessageBody",
            b"InvocationType",
            b"ScheduleExpression",
            b"DetailType",
            b"send_messages(",
            b"WaitTimeSeconds",
        ),
        *(
            b"mypy_boto3_sqs",
            b"types_aiobotocore_sqs",
            b"SQSEvent",
            b"EventType.SQS",
            b'"Records"',
            b"'Records'",
            b"ScheduledEvent",
            b"chalice",
        ),
    ),
    packages=(*SDKS, *TYPES, sqs_chalice.PACKAGE),
    call=_read,
    file=read_handlers,
    methods=frozenset(_SHAPES),
    leads=_leads,
    finish=finish,
)
