"""What Inngest tells of a run, as sightings.

A run calls its function once for every step: calls are no attempts. An attempt of a job is what lies between two failures: it begins with
the first step that runs, goes on through all steps that work and all sleeps between them, and ends when a step fails, or the run ends. What
fails at the same time in parallel steps is one failure. So a job has one attempt more than it has had failures, as in every other system.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.regex import regex
from migrator.shadow.drivers.interface import MARKER, Sighting, SightingKind

_MOMENT = regex(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)")
_WAITS = ("SLEEP", "WAIT_FOR_EVENT", "INVOKE", "WAIT_FOR_SIGNAL")
#: how a run ends, in the words of GraphQL; `/v1` writes the same with small letters
_ENDS: Mapping[str, OneOf["completed", "discarded", "cancelled"]] = {
    "COMPLETED": "completed",
    "FAILED": "discarded",
    "CANCELLED": "cancelled",
    "SKIPPED": "cancelled",
}


class Arrival(msgspec.Struct, frozen=True):
    """An event of ours, when the server received it, and before when it was not to start anything."""

    event: str
    job_key: str
    received_ns: int
    until_ns: int | None


class Happening(msgspec.Struct, frozen=True):
    """One thing that happened to a run. `output` is the id of what says why."""

    kind: SightingKind
    ts_ns: int
    output: str | None = None
    until_ns: int | None = None
    err_type: str | None = None
    err_message: str | None = None


def moment(text: str | None) -> int | None:
    """Nanoseconds since the epoch.

    >>> moment("1970-01-01T00:00:01.187970652Z")
    1187970652
    """
    match = _MOMENT.fullmatch(text or "")
    if not match:
        return None
    seconds = calendar.timegm(tuple(int(part) for part in match.groups()[:6]))
    return seconds * 10**9 + int((match[7] or "0").ljust(9, "0"))


def arrival(event: Any, ledger_id: str) -> Arrival | None:
    """An event as `/v1/events` has it: by its own id, or by the mark in its data. None when it is none of ours."""
    own = f"{ledger_id}-"
    key = event.get("id")
    if not (isinstance(key, str) and key.startswith(own)):
        data = event.get("data")
        mark = data.get(MARKER) if isinstance(data, Mapping) else None
        key = mark.get("key") if isinstance(mark, Mapping) else None
    received = moment(event.get("received_at"))
    if not isinstance(key, str) or not key.startswith(own) or received is None:
        return None
    due = int(event.get("ts") or 0) * 1_000_000
    # `ts` is the sender's time where it is not for later: what lies within a second of the receipt is no delay.
    return Arrival(str(event["internal_id"]), key, received, due if due > received + 10**9 else None)


def ended(run: Any) -> bool:
    """Whether a run of `/v1` is over: its status may be that of a step."""
    return bool(run.get("ended_at"))


def course(came: Arrival, run: Any) -> list[Happening]:
    """What is known of a run with its trace, in order. More may follow, what is there stays."""
    spans = [span for outer in (run.get("trace") or {}).get("childrenSpans") or () for span in _tries(outer)]
    starts = [(at, False, None) for at in (moment(run.get("startedAt")), *(moment(span.get("startedAt")) for span in spans)) if at]
    failures = [
        (at, True, span.get("outputID")) for span in spans if span.get("status") == "FAILED" and (at := moment(span.get("endedAt")))
    ]
    found, active = [_arrived(came)], False
    for at, failed, output in sorted([*starts, *failures], key=lambda point: point[:2]):
        if failed and active:
            found.append(Happening("attempt_failed", at, output))
        elif not failed and not active:
            found.append(Happening("started", at))
        else:
            continue
        active = not failed
    kind, at = _ENDS.get(str(run.get("status"))), moment(run.get("endedAt"))
    if kind and at:
        found.append(Happening(kind, at, found[-1].output if kind == "discarded" else None))
    return found


def summary(came: Arrival, run: Any) -> list[Happening]:
    """What `/v1` knows of a run: that it is there and how it ended. It has no attempts, and no time at which anything began."""
    found, at = [_arrived(came)], moment(run.get("ended_at"))
    kind = _ENDS.get(str(run.get("status")).upper())
    if at and kind:
        output: Any = run.get("output")
        error = output if kind == "discarded" and isinstance(output, Mapping) else {}
        found.append(Happening(kind, at, err_type=error.get("name"), err_message=error.get("message")))
    return found


def sightings(run_id: str, job_key: str, happenings: Sequence[Happening], known: int, errors: Mapping[str, Any]) -> list[Sighting]:
    """The happenings after the first `known`. Numbers in their ids are their places in the run: the same at every reading."""
    found: list[Sighting] = []
    for number, happening in enumerate(happenings[known:], known):
        error = errors.get(happening.output or "", {})
        found.append(
            Sighting(
                id=f"{run_id}-{number:04d}",
                job_key=job_key,
                native_id=run_id,
                kind=happening.kind,
                ts_ns=happening.ts_ns,
                until_ns=happening.until_ns,
                err_type=happening.err_type or error.get("name"),
                err_message=happening.err_message or error.get("message"),
            )
        )
    return found


def _arrived(came: Arrival) -> Happening:
    return Happening("delayed" if came.until_ns else "available", came.received_ns, until_ns=came.until_ns)


def _tries(span: Any) -> list[Any]:
    """The executions of a step: one for each attempt, or the step itself where it worked at once."""
    if span.get("stepOp") in _WAITS or span.get("status") == "QUEUED":
        return []
    attempts = [child for child in span.get("childrenSpans") or () if str(child.get("name")).startswith("Attempt ")]
    return attempts or [span]
