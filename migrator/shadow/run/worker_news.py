"""What the hooks in a run's workers tell, taken over while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from migrator.shadow.config.reading import Loaded
from migrator.shadow.ledger import Ledger
from migrator.shadow.live.collector import CollectorThread, Hearing
from migrator.shadow.policy.reading import read_policy
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.interface import Batch, Inlet
from migrator.shadow.transport.opening import inlet_of


class OfLedger:
    """An inlet, without what is of other jobs: an earlier run's workers may have left something there."""

    def __init__(self, inlet: Inlet, ledger_id: str) -> None:
        self._inlet, self._prefix = inlet, f"{ledger_id}-"
        self._others: set[str] = set()  # processes that told of such
        self.place = inlet.place

    def resume(self, cursor: str) -> None:
        """See `Inlet`."""
        self._inlet.resume(cursor)

    def read(self, limit: int = 10_000) -> Batch:
        """See `Inlet`."""
        batch = self._inlet.read(limit)
        ours = tuple(line for line in batch.lines if line.job_key.startswith(self._prefix))
        self._others |= {line.boot_id for line in batch.lines if not line.job_key.startswith(self._prefix)}
        return msgspec.structs.replace(batch, lines=ours, ended=tuple(each for each in batch.ended if each.boot_id not in self._others))

    def done(self, batch: Batch) -> None:
        """See `Inlet`."""
        self._inlet.done(batch)

    def close(self) -> None:
        """See `Inlet`."""
        self._inlet.close()


def listener(
    loaded: Loaded,
    ledger: Ledger,
    epoch: int,
    arms: Mapping[str, Hearing],
    *,
    say: Callable[[str], None],
    on_failure: Callable[[Exception], None],
) -> CollectorThread:
    """A thread that takes over what the workers' hooks tell, not started yet. Raises MigratorError as `inlet_of` does."""
    inlet = OfLedger(inlet_of(read_policy(loaded.file)), ledger.ledger_id)
    collector = Collector(inlet, ledger, lambda _: epoch)
    return CollectorThread(collector, lambda: arms, place=inlet.place, say=say, on_failure=on_failure)
