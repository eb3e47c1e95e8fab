"""What moves together: events tie functions to those who send them.

A function on a queue is started by whoever sends its events with a client of this code base, because the client is told of the queues.
It is not started by what goes past the client: a step of a function that stays on Inngest, an event posted by hand, another application.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.codemods.typescript.inngest_to_bullmq.triggers import listens
from migrator.jobs import Enqueue, Span, Trigger, literal_of
from migrator.systems.inngest import SYSTEM_EVENTS


@dataclass(frozen=True)
class Earlier:
    """Functions that have moved in an earlier run: spans by file, and the events that their steps send, as far as these are written."""

    spans: Mapping[str, list[Span]]
    sent: frozenset[str]


def settle(functions: list[Function], sends: list[Enqueue], foreign: Iterable[Enqueue], earlier: Earlier, *, unsafe: bool) -> None:
    """Block, until nothing changes any more, what cannot move because of something that stays.

    `sends`: events sent in this code base; `foreign`: those of them that no rewrite of TypeScript reaches (Python, say).
    """
    passing = list(foreign) + [s for s in sends if s.form == "fetch"]
    awake = [s for s in sends if (o := _owner(functions, s)) is None or o.job.live is not False]
    for function in functions:
        _senders(function, awake, earlier)
        for send in passing:
            _passed(function, send, "is also posted to Inngest without its client", unsafe_too=True)
    _system_events(functions)
    changed = True
    while changed:
        before = sum(len(f.blockers) for f in functions)
        for send in awake:
            owner = _owner(functions, send)
            if (owner is not None and not owner.stays(unsafe=unsafe)) or within(earlier.spans, send):
                continue
            if send.form == "sendEvent":
                who = f"by a step of {owner.job.name}, which stays there" if owner is not None else "by a step outside of any function"
                for function in functions:
                    _passed(function, send, f"is sent {who}", unsafe_too=False)
            elif send.form == "invoke":
                _invoked(functions, send)
        changed = sum(len(f.blockers) for f in functions) != before


def within(spans: Mapping[str, list[Span]], send: Enqueue) -> bool:
    """True if an event is sent from one of these spans."""
    where = send.location
    return any(s.start <= where.span.start and where.span.end <= s.end for s in spans.get(where.path, ()))


def _owner(functions: list[Function], send: Enqueue) -> Function | None:
    """The function in whose handler or options an event is sent."""
    for function in functions:
        job, where = function.job, send.location
        spans = [(job.location.path, job.definition or job.location.span)]
        if job.handler is not None:
            spans.append((job.handler.location.path, job.handler.location.span))
        if any(path == where.path and s.start <= where.span.start and where.span.end <= s.end for path, s in spans):
            return function
    return None


def _senders(function: Function, sends: list[Enqueue], earlier: Earlier) -> None:
    """An event that nothing here sends comes from elsewhere, and would go to Inngest for ever."""
    for name, _ in function.facts.events:
        if any(listens(name, sent) for sent in earlier.sent):
            continue
        if not any(s.form != "invoke" and s.name and listens(name, s.name) for s in sends):
            function.block("MIG456", f"nothing in this code base sends {name}, so whoever does would not reach its queue", unsafe=True)


def _passed(function: Function, send: Enqueue, how: str, *, unsafe_too: bool) -> None:
    for name, _ in function.facts.events:
        if send.name and listens(name, send.name):
            function.block("MIG457", f"{send.name} {how}", unsafe=unsafe_too, location=send.location)
        elif not send.name:
            function.block("MIG457", f"an event whose name is only known at run time {how}", unsafe=unsafe_too, location=send.location)


def _invoked(functions: list[Function], send: Enqueue) -> None:
    for function in functions:
        if send.job == function.key or (send.name and send.name.endswith(function.job.name)):
            function.block("MIG431", "another function invokes it and waits for its result", location=send.location)
        elif not send.job and not send.name:
            function.block("MIG431", "a function invokes another one that is only known at run time", location=send.location)


def _system_events(functions: list[Function]) -> None:
    """Who listens to how functions of the whole application end would hear less than before."""
    for function in functions:
        for trigger in function.job.triggers:
            name = literal_of(trigger.value)
            if trigger.kind == "event" and isinstance(name, str) and name.startswith(SYSTEM_EVENTS) and function.job.live is not False:
                for other in functions:
                    if other is not function:
                        reason = f"{function.job.name} listens to {name} of all functions and would hear nothing of it any more"
                        other.block("MIG448", reason, unsafe=True, location=function.job.location)


def heard(functions: list[Function], name: str) -> bool:
    """True if a function of this code base that runs listens to the event."""
    return any(f.job.live is not False and _hears(f.job.triggers, name) for f in functions)


def _hears(triggers: tuple[Trigger, ...], name: str) -> bool:
    values = [literal_of(t.value) for t in triggers if t.kind == "event"]
    return any(isinstance(v, str) and listens(v, name) for v in values)
