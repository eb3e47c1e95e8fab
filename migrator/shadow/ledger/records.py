"""What a ledger says about its experiment: configuration epochs and arms."""

from __future__ import annotations

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


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration of the experiment; a changed configuration begins another. `config` is JSON."""

    config_epoch: int
    experiment: str
    config_hash: str
    config: str
    started_ns: int
    arms: tuple[ArmRecord, ...]


class ClockReading(msgspec.Struct, frozen=True):
    """A store's clock against the host's: `offset_ns` = store - host, known to within half of `rtt_ns`."""

    offset_ns: int
    rtt_ns: int
