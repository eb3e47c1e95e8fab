"""What consumers of an SQS queue report of their work, as sightings. SQS itself says nothing of a message after it has taken it.

A report is one JSON object in a message of a queue of its own. Times are those of the consumer's machine.
"""

from __future__ import annotations

from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.shadow.drivers.interface import MARKER, Sighting, SightingKind
from migrator.shadow.newest import Newest

ReportKind = OneOf["started", "completed", "failed"]
_KINDS: dict[ReportKind, SightingKind] = {"started": "started", "completed": "completed", "failed": "attempt_failed"}
#: of things that happened in one nanosecond, which came first
_ORDER: tuple[SightingKind, ...] = ("stalled", "started", "attempt_failed", "completed")


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which job of which ledger a message is, when it was handed to SQS, and before when it was not to be handed out.

    SQS tells neither of these to whoever asks later. Times are nanoseconds by the sender's clock, which is compared with SQS's.
    """

    ledger: str
    key: str
    sent_ns: int = 0
    due_ns: int = 0


def handed_over(mark: Mark, message: str) -> Sighting:
    """A message counts as there from the moment at which its sender began to hand it over: that it is there SQS tells nobody."""
    kind, until = ("delayed", mark.due_ns) if mark.due_ns else ("available", None)
    id_ = f"{mark.sent_ns:020d}.0-{message}"
    return Sighting(id=id_, job_key=mark.key, native_id=message, kind=kind, ts_ns=mark.sent_ns, until_ns=until)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a consumer says of one receipt of a message."""

    kind: ReportKind
    mark: Mark = msgspec.field(name=MARKER)
    message: str  #: the MessageId
    receive: int  #: ApproximateReceiveCount: 1 at the first receipt
    ts_ns: int
    err_type: str | None = None
    err_message: str | None = None


def mark_in(body: str, attribute: str | None) -> Mark | None:
    """The mark of a message: in its attribute, else in its body, which is JSON then.

    >>> mark_in('{"n": 1, "__shadow": {"ledger": "a", "key": "a-1"}}', None)
    Mark(ledger='a', key='a-1', sent_ns=0, due_ns=0)
    >>> mark_in("no JSON", None)
    """
    try:
        found: Any = msgspec.json.decode(attribute) if attribute else msgspec.json.decode(body)[MARKER]
        return msgspec.convert(found, Mark)
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None


class Reader:
    """Turns reports into sightings. Reports may come in any order."""

    def __init__(self) -> None:
        # Attempts whose end is remembered, so that the next one does not count as taken away from it.
        self._ended = Newest[tuple[str, int], None]()

    def read(self, reports: list[Report]) -> list[Sighting]:
        """Sightings in the order of what happened.

        A message that is received again while nobody has said how the last receipt ended was taken away from that consumer (`stalled`).
        """
        found: list[Sighting] = []
        for report in sorted(reports, key=lambda report: (report.ts_ns, report.receive)):
            receipt = report.message, report.receive
            if report.kind != "started":
                self._ended[receipt] = None
            elif report.receive == 1 and report.mark.sent_ns:  # the sender may be a process that nobody observes
                found.append(handed_over(report.mark, report.message))
            elif report.receive > 1 and (report.message, report.receive - 1) not in self._ended:
                found.append(_sighting(report, "stalled"))
            found.append(_sighting(report, _KINDS[report.kind]))
        return found


def _sighting(report: Report, kind: SightingKind) -> Sighting:
    return Sighting(
        id=f"{report.ts_ns:020d}.{_ORDER.index(kind)}-{report.message}-{report.receive}",
        job_key=report.mark.key,
        native_id=report.message,
        kind=kind,
        ts_ns=report.ts_ns,
        err_type=report.err_type,
        err_message=report.err_message,
    )
