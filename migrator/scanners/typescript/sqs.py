"""AWS SQS in TypeScript and JavaScript: the SDK of version 2 and 3, `sqs-consumer`, `sqs-producer` and `@ssut/nestjs-sqs`; Lambdas that are
started without waiting for them, and events of EventBridge that start one of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import msgspec

from migrator.jobs import Client, Enqueue, Item, Unresolved
from migrator.scanners.found import Found
from migrator.scanners.linking import External, Instance, Meaning, Member
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript import sqs_libraries
from migrator.scanners.typescript.objects import last_name
from migrator.scanners.typescript.sqs_api import PACKAGES, api
from migrator.scanners.typescript.sqs_consumers import received
from migrator.scanners.typescript.sqs_handlers import MARKERS as HANDLER_MARKERS
from migrator.scanners.typescript.sqs_handlers import drop_helpers, read_handlers
from migrator.scanners.typescript.sqs_receivers import find_receivers
from migrator.scanners.typescript.sqs_sends import created_schedule, invoked, put_events, sent
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
_UNTOLD = "a rule of this tree waits for events of a bus whose names could not be told"
_NOT_AWAITED = "an event is put on a bus, but no rule of this tree waits for one of its name"
#: what AWS's clients of either version call it -> what it means; `Command`s are constructed, methods are called
_APIS: dict[tuple[str, str], Callable[[Call], None]] = {
    ("SQS", "SendMessageCommand"): sent,
    ("SQS", "SendMessageBatchCommand"): sent,
    ("SQS", "().sendMessage"): sent,
    ("SQS", "().sendMessageBatch"): sent,
    ("SQS", "ReceiveMessageCommand"): received,
    ("SQS", "().receiveMessage"): received,
    ("Lambda", "InvokeCommand"): invoked,
    ("Lambda", "InvokeAsyncCommand"): invoked,
    ("Lambda", "().invoke"): invoked,
    ("Lambda", "().invokeAsync"): invoked,
    ("EventBridge", "PutEventsCommand"): put_events,
    ("EventBridge", "().putEvents"): put_events,
    ("EventBridge", "PutRuleCommand"): created_schedule,
    ("EventBridge", "().putRule"): created_schedule,
    ("Scheduler", "CreateScheduleCommand"): created_schedule,
    ("Scheduler", "().createSchedule"): created_schedule,
}
#: the same methods on a client that cannot be followed, told by what they are given
_METHODS = {"sendMessage": sent, "sendMessageBatch": sent, "receiveMessage": received}
_SHAPE = frozenset(("QueueUrl", "MessageBody"))


def _read(call: Call) -> None:
    service, what = api(call.key)
    if service == "SQS" and what == "new":
        _client(call)
    elif (service, what) in _APIS:
        _APIS[service, what](call)
    elif call.key.partition(".")[0].removesuffix("()") in sqs_libraries.PACKAGES:
        sqs_libraries.read(call)
    elif not service:
        _by_shape(call)


def _by_shape(call: Call) -> None:
    """`anything.sendMessage({ QueueUrl, MessageBody })`."""
    # Where a function of the project wraps the call, its name is another one.
    read = _METHODS.get(last_name(call.callee) or call.view.source.text(call.name))
    given = call.view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    if read is not None and _SHAPE & given.keys():
        doubt = "" if isinstance(call.callee, Member) and not isinstance(call.callee.of, External) else "told by what it is given"
        read(replace(call, doubt=call.doubt or doubt))


def _client(call: Call) -> None:
    view = call.view
    symbol, _ = holder(view.source, call.node)
    common = call.common(NAME)
    view.add(Client(**common, name=symbol or "SQS", symbol=symbol, module=view.module, definition=span(call.node), role="app"))


def _finish(found: Found) -> None:
    """Events that are put on a bus count where a rule of the tree waits for one of their name, or may do so."""
    drop_helpers(found)
    find_receivers(found)
    names = {invoked.on for invoked in found.invoked if invoked.on} | found.awaited
    kept: list[Item] = []
    for item in found.items:
        if not isinstance(item, Enqueue) or item.system != NAME or item.form != "putEvents" or (item.name and item.name in names):
            kept.append(item)
        elif "" in names and not item.wrapper:
            kept.append(msgspec.structs.replace(item, confidence="likely", reason=_UNTOLD))
        elif not item.wrapper:
            found.unresolved.append(Unresolved(item.location.path, item.location.line, _NOT_AWAITED, NAME))
    found.items[:] = kept


def _leads(found: Found, meaning: Meaning) -> bool:  # noqa: ARG001 - the signature of every reader's
    """Of AWS's SDK in one piece, only the services that have to do with jobs."""
    package, _, path = meaning.key.partition(".")
    if package.removesuffix("()") != "aws-sdk":
        return True
    service = path.removeprefix("default").removeprefix(".").partition("(")[0].partition(".")[0]
    return service in ("", "SQS", "Lambda", "EventBridge", "CloudWatchEvents") and isinstance(meaning, External | Instance | Member)


READER = Reader(
    system=NAME,
    markers=(
        *(b"client-sqs", b"QueueUrl", b"SQS(", b"client-lambda", b"client-eventbridge", b"client-scheduler"),
        # What version 2 of the SDK in one piece says where it calls a function or puts events on a bus.
        *(b"InvocationType", b".putEvents("),
        *(*sqs_libraries.MARKERS, *HANDLER_MARKERS),
    ),
    packages=(*PACKAGES, *sqs_libraries.PACKAGES),
    call=_read,
    file=read_handlers,
    finish=_finish,
    methods=frozenset(_METHODS),
    leads=_leads,
    # `import("./types").Records<T>` is a type.
    weak={b".Records": lambda _, __, data: re.search(rb"\.Records\b(?!\s*[<>])", data) is not None},
)
