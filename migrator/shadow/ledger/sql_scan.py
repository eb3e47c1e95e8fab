"""What scans of every database do alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from migrator.shadow.ledger.event import Event
from migrator.shadow.ledger.scan import Numbers
from migrator.shadow.ledger.store import AT_ONCE, COLUMNS, Row

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM {{t}}event WHERE position IN (%) ORDER BY position"  # noqa: S608


class SqlScan(ABC):
    """A `Scan` of one moment. `rows` asks the database as it was then."""

    def __init__(self, rows: Callable[[str, Sequence[object]], list[Row]], arms: Sequence[str]) -> None:
        self._rows, self._arms = rows, tuple(arms)

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

    def assigned(self) -> dict[str, int]:
        """See `Scan`."""
        found = dict.fromkeys(self._arms, 0)
        for arm in self._arms:
            ((found[arm],),) = self._rows("SELECT count(*) FROM {t}event WHERE kind = 'assigned' AND arm = ?", (arm,))
        return found

    def _in_lists(self, statement: str, positions: Sequence[int]) -> Iterator[Any]:
        for start in range(0, len(positions), AT_ONCE):
            some = positions[start : start + AT_ONCE]
            yield from self._rows(statement.replace("%", ", ".join("?" * len(some))), some)
