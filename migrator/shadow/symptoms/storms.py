"""Retry storms: far more attempts than usual while fewer of them succeed, which is how an ailing dependency is made worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median

import msgspec
import numpy as np

from migrator.shadow.judging.check import Check
from migrator.shadow.ledger import JobHistory
from migrator.shadow.ledger.sifting import OrdinaryAttempts
from migrator.shadow.wording import count, listed, percent

MINUTE = 60_000_000_000  # nanoseconds
BASELINE = 30  #: minutes before, of whose starts the median is "usual"
SHORTEST = 10  #: of them are needed before anything is called unusual
TIMES = 5  #: as many starts as usual
FEWEST = 20  #: starts in a minute; fewer are no storm
FALLING = 0.9  #: of the baseline's share of attempts that succeed


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes on end. `at_ns`: the first one's beginning. Starts a minute at its height, and usually; shares of ended attempts."""

    at_ns: int
    minutes: int
    starts: int
    usual: float
    succeeded: float
    usually_succeeded: float


class StormWatch:
    """Watches the attempts of one arm go by."""

    def __init__(self) -> None:
        self._starts: Counter[int] = Counter()
        self._ended: Counter[int] = Counter()
        self._succeeded: Counter[int] = Counter()

    def see(self, history: JobHistory) -> None:
        """Every attempt counts in the minute in which it started, and in that in which it ended."""
        for attempt in history.attempts:
            self._starts[attempt.started_ns // MINUTE] += 1
            if attempt.ended_ns is not None and attempt.result in ("completed", "failed"):
                self._ended[attempt.ended_ns // MINUTE] += 1
                self._succeeded[attempt.ended_ns // MINUTE] += attempt.result == "completed"

    def see_ordinary(self, attempts: OrdinaryAttempts) -> None:
        """The same of many."""
        for counts, times in (
            (self._starts, attempts.started),
            (self._ended, attempts.ended),
            (self._succeeded, attempts.ended[~attempts.failed]),
        ):
            minutes, found = np.unique(times // MINUTE, return_counts=True)
            counts.update(dict(zip(minutes.tolist(), found.tolist(), strict=True)))

    def close(self) -> tuple[Storm, ...]:
        """Storms in the order of time."""
        if not self._starts:
            return ()
        first, found = min(self._starts), list[Storm]()
        last_minute = -1
        for minute in sorted(minute for minute, starts in self._starts.items() if starts >= FEWEST):
            # The minutes of a storm are no baseline for its next ones.
            end = last_minute - found[-1].minutes + 1 if found and minute == last_minute + 1 else minute
            storm = self._look(minute, range(max(first, end - BASELINE), end))
            if storm and found and minute == last_minute + 1:
                kept = found[-1]
                height = max(kept, storm, key=lambda s: s.starts)
                found[-1] = msgspec.structs.replace(height, at_ns=kept.at_ns, minutes=kept.minutes + 1)
            elif storm:
                found.append(storm)
            last_minute = minute if storm else last_minute
        return tuple(found)

    def _look(self, minute: int, before: range) -> Storm | None:
        if len(before) < SHORTEST:
            return None
        usual = median(self._starts[m] for m in before)
        ended, succeeded = sum(self._ended[m] for m in before), sum(self._succeeded[m] for m in before)
        if self._starts[minute] <= TIMES * usual or not ended or not self._ended[minute]:
            return None
        usually, now = succeeded / ended, self._succeeded[minute] / self._ended[minute]
        if now >= FALLING * usually:
            return None
        return Storm(at_ns=minute * MINUTE, minutes=1, starts=self._starts[minute], usual=usual, succeeded=now, usually_succeeded=usually)


def storm_check(arms: Sequence[tuple[str, Sequence[Storm]]]) -> Check:
    """`arms`: each by name."""
    words: list[str] = []
    for name, storms in arms:
        if storms:
            worst = max(storms, key=lambda storm: storm.starts)
            when = datetime.fromtimestamp(worst.at_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
            others = f" and {count(len(storms) - 1, 'time')} more" if len(storms) > 1 else ""
            words.append(
                f"{name} at {when}, for {count(worst.minutes, 'minute')}{others}: {worst.starts:,} attempts a minute instead of "
                f"{worst.usual:g}, of which {percent(worst.succeeded, 0)} succeeded instead of {percent(worst.usually_succeeded, 0)}"
            )
    if words:
        return Check("storms", "warning", f"retries piled up: {listed(words)}")
    return Check("storms", "ok", "at no time did attempts pile up while they failed")
