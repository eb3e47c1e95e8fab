"""How near jobs come to the limits of the systems that are to take them, by what was seen of them: before the first of them goes there.

Sizes and delays are those that were asked for, job by job. Of run times, those of the current system, the 99th percentile is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from migrator.shadow.ledger.event import Event
from migrator.systems import SYSTEMS
from migrator.systems.limits import UNSAID, Limit

#: the quantile that is taken of run times
RUNS = 0.99
#: sizes of messages, delays, run times (`LIMIT_CHECKS`)
_SIZE, _DELAY, _RUN = "MIG04", "MIG08", "MIG13"


class Headroom(msgspec.Struct, frozen=True):
    """One limit of the system of an arm and what jobs ask of it, in its unit.

    `over`: jobs that ask for more; None where they are not counted. `most`: the largest that was seen, of run times the 99th percentile;
    None where nothing was seen.
    """

    arm: str
    limit: Limit
    most: float | None
    over: int | None

    @property
    def exceeded(self) -> bool:
        """True where the system would refuse jobs, or end them early."""
        return self.most is not None and self.most > self.limit.value


def headroom(
    assigned: Iterable[Event], candidates: Mapping[str, str], *, run_p99: float | None, payload_bytes: int | None = None
) -> tuple[Headroom, ...]:
    """The limits of the systems of `candidates` (arm -> system), in their order, with what jobs ask of them.

    `assigned`: the events of that kind. `run_p99`: seconds. `payload_bytes`: larger payloads stay with the current arm whatever happens.
    """
    limits = {arm: tuple(limit for limit in SYSTEMS[system].limits if _concerns(limit)) for arm, system in candidates.items()}
    values = {limit.id: sorted({each.value for of in limits.values() for each in of if each.id == limit.id}) for limit in _all(limits)}
    most: dict[str, float | None] = {_SIZE: None, _DELAY: None, _RUN: run_p99}
    over = {(kind, value): 0 for kind in (_SIZE, _DELAY) for value in values.get(kind, ())}
    for event in assigned:
        asked = {_SIZE: event.bytes, _DELAY: (event.until_ns - event.ts_ns) / 1e9 if event.until_ns is not None else None}
        if event.bytes is not None and payload_bytes is not None and event.bytes > payload_bytes:
            continue
        for kind, much in asked.items():
            if much is not None:
                most[kind] = max(most[kind] or 0.0, much)
                for value in values.get(kind, ()):
                    over[kind, value] += much > value
    return tuple(
        Headroom(arm, limit, most[limit.id], over.get((limit.id, limit.value)) if most[limit.id] is not None else None)
        for arm, of in limits.items()
        for limit in of
    )


def _all(limits: Mapping[str, Sequence[Limit]]) -> Iterable[Limit]:
    return (limit for of in limits.values() for limit in of)


def _concerns(limit: Limit) -> bool:
    """Is it about one job, and is it not merely advice?"""
    unit = {_SIZE: "bytes", _DELAY: "s", _RUN: "s"}.get(limit.id)
    # Where each step of a run has its own limit, how long the run takes says nothing.
    right = limit.unit == unit and (limit.id != _RUN or limit.per == "run")
    return right and (limit.kind == "maximum" or (limit.kind == "default" and limit.name in UNSAID))
