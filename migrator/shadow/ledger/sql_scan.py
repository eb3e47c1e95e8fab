"""What scans of every database do alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from migrator.shadow.ledger.event import Event
from migrator.shadow.ledger.folded import Folded
from migrator.shadow.ledger.scan import Numbers
from migrator.shadow.ledger.store import COLUMNS, Row, in_lists

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM {{t}}event WHERE position IN (%) ORDER BY position"  # noqa: S608


class SqlScan(ABC):
    """A `Scan` of one moment. `rows` asks the database as it was then."""

    def __init__(self, rows: Callable[[str, Sequence[object]], list[Row]], arms: Sequence[str]) -> None:
        self._rows, self._arms = rows, tuple(arms)
        self._any_folded: bool | None = None

    @abstractmethod
    def chunks(self) -> Iterator[Numbers]:
        """See `Scan`."""

    @abstractmethod
    def text(self, number: int) -> str | None:
        """See `Scan`."""

    def event_ids(self, positions: Sequence[int]) -> dict[int, str]:
        """See `Scan`."""
        return dict(self._in_lists("SELECT position, event_id FROM {t}event WHERE position IN (%)", positions))

    def events_at(self, positions: Sequence[int]) -> Iterator[Event]:
        """See `Scan`."""
        for row in self._in_lists(_SELECT, positions):
            yield Event(**dict(zip(COLUMNS, row, strict=True)))

    @property
    def arms(self) -> Sequence[str]:
        """See `Scan`."""
        return self._arms

    def folded(self, arm: str) -> Iterator[Folded]:
        """See `Scan`."""
        for (sums,) in self._rows("SELECT sums FROM {t}folded WHERE arm = ? ORDER BY position", (arm,)):
            yield msgspec.json.decode(sums, type=Folded)

    def folded_jobs(self, arm: str, keys: Sequence[str]) -> set[str]:
        """See `Scan`."""
        if self._any_folded is None:
            self._any_folded = bool(self._rows("SELECT 1 FROM {t}folded_job LIMIT 1", ()))
        if not self._any_folded:
            return set()
        return {key for (key,) in self._in_lists("SELECT job_key FROM {t}folded_job WHERE arm = ? AND job_key IN (%)", keys, arm)}

    def assigned(self) -> dict[str, int]:
        """See `Scan`."""
        found = dict.fromkeys(self._arms, 0)
        for arm in self._arms:
            ((found[arm],),) = self._rows("SELECT count(*) FROM {t}event WHERE kind = 'assigned' AND arm = ?", (arm,))
        return found

    def _in_lists(self, statement: str, values: Sequence[object], *before: object) -> Iterator[Any]:
        for some, places in in_lists(values):
            yield from self._rows(statement.replace("%", places), (*before, *some))
