"""What a ledger says about its experiment: configuration epochs and arms."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from migrator.shadow.ledger.event import Role
from migrator.shadow.routing import BUCKETS


class ArmRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One arm as it was configured in one epoch. It owns the half-open `ranges` of the 2³² routing buckets."""

    arm: str
    system: str
    role: Role
    ranges: tuple[tuple[int, int], ...]
    max_attempts: int | None = None  #: total executions of the body; None = unlimited or unknown
    slots: int | None = None  #: jobs that its workers can run at once; None = not declared
    transactional: bool = False  #: an enqueue can join the caller's database transaction

    @property
    def share(self) -> float:
        """Fraction of the traffic that is routed here."""
        return sum(end - first for first, end in self.ranges) / BUCKETS


class _Heading(msgspec.Struct):
    mode: str = "split"


class _Written(msgspec.Struct):
    experiment: _Heading = msgspec.field(default_factory=_Heading)


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration of the experiment; a changed configuration begins another. `config` is JSON."""

    config_epoch: int
    experiment: str
    config_hash: str
    config: str
    started_ns: int
    arms: tuple[ArmRecord, ...]

    @property
    def mode(self) -> str:
        """`split`, `fallback` or `mirror`, as the configuration says; `split` where it says nothing.

        >>> Epoch(config_epoch=1, experiment="x", config_hash="", config="{}", started_ns=0, arms=()).mode
        'split'
        """
        try:
            return msgspec.json.decode(self.config or "{}", type=_Written).experiment.mode
        except msgspec.MsgspecError:
            return "split"


class ClockReading(msgspec.Struct, frozen=True):
    """A store's clock against the host's: `offset_ns` = store - host, known to within half of `rtt_ns`.

    None: nothing was compared, since it is the workers' machines that tell the times; `rtt_ns` is then how long the store took to answer.
    """

    offset_ns: int | None
    rtt_ns: int

    @classmethod
    def between(cls, before_ns: int, store_ns: int, after_ns: int) -> ClockReading:
        """From the host's time before and after asking the store for its own.

        >>> ClockReading.between(100, 175, 110)
        ClockReading(offset_ns=70, rtt_ns=10)
        """
        return cls(store_ns - (before_ns + after_ns) // 2, after_ns - before_ns)


def offset_of(reading: ClockReading | None) -> int:
    """What has to be taken off the times of a store, nanoseconds: nothing where its clock was not compared with the host's."""
    return (reading.offset_ns or 0) if reading else 0


def shortest(readings: Iterable[ClockReading]) -> ClockReading:
    """The reading with the shortest round trip: the one that knows best."""
    return min(readings, key=lambda reading: reading.rtt_ns)
