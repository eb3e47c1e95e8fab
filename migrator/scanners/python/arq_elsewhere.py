"""Queues of other packages on top of arq, `queue.enqueue("send_mail", to)` of a company's framework: told by the name of the job."""

from __future__ import annotations

from migrator.jobs import Job
from migrator.scanners.found import Found
from migrator.scanners.leading import root_package
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python import arq_enqueues
from migrator.scanners.python.arq_terms import MARKERS, SYSTEM
from migrator.scanners.reading import Call

#: what such packages call their method
METHOD = "enqueue"
_KEY = "arq elsewhere"
_BY_NAME = "told by the name of the job: what enqueue is called on"
_OPEN = "what this puts on a queue is only known at run time"


def remember(call: Call) -> None:
    """Keep a call of `enqueue` until the names of arq's jobs are known; one on a class of such a package has its likes looked for."""
    call.view.found.calls[_KEY].append(call)
    if _is_named_after(_class_of(call)):
        call.view.found.called.add(METHOD)


def link(found: Found) -> None:
    """Record the calls that name a job of arq; what is on a queue of a package that is named after arq is said if it names none."""
    names = {i.name for i in found.items if isinstance(i, Job) and i.system == SYSTEM and i.name}
    taken = {(i.location.path, i.location.line) for i in found.items if i.kind == "enqueue"}
    for call in found.calls[_KEY]:
        is_near = METHOD in found.called or any(marker in call.view.source.data for marker in MARKERS)
        if (call.view.source.path, call.location.line) in taken or not is_near:
            continue
        first = call.arguments.get(0)
        name = call.view.evaluator.text(first) if isinstance(first, Place) else ""
        of = _class_of(call)
        if name in names:
            told = f"is {of} of another package" if of else "could not be told"
            arq_enqueues.record(call, METHOD, f"{_BY_NAME} {told}")
        elif not name and _is_named_after(of):
            call.view.unresolved(call.node, f"{_OPEN}, called on {of} of another package", SYSTEM)


def _is_named_after(of: str) -> bool:
    return SYSTEM in of.lower().split(".")[:-1]


def _class_of(call: Call) -> str:
    """`safir.arq.ArqQueue`, where it is known what the method is called on; empty where it is not."""
    receiver = call.receiver
    return receiver.of.key if isinstance(receiver, Instance) and root_package(receiver) else ""
