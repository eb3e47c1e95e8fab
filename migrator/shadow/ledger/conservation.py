"""The conservation law: assigned = enqueue_failed + completed + discarded + cancelled + in flight + presumed lost, job by job."""

from __future__ import annotations

import msgspec

from migrator.shadow.ledger.history import OUTCOMES, JobHistory, Outcome


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One arm's books. `jobs` names the jobs of each class, `unnamed` counts those of it that went by without a name.

    `unassigned` names those that the law cannot explain.
    """

    arm: str
    assigned: int
    jobs: dict[Outcome, tuple[str, ...]]
    unnamed: dict[Outcome, int] = {}  #: ordinary jobs of which nobody asks
    unassigned: tuple[str, ...] = ()  #: events, but never assigned to this arm
    assigned_twice: tuple[str, ...] = ()  #: assigned to this arm more than once

    def count(self, outcome: Outcome) -> int:
        """Number of jobs in one class."""
        return len(self.jobs[outcome]) + self.unnamed.get(outcome, 0)

    @property
    def holds(self) -> bool:
        """Every assigned job is in exactly one class and nothing else is in any."""
        return not self.unassigned and not self.assigned_twice and self.assigned == sum(map(self.count, OUTCOMES))

    @property
    def open(self) -> int:
        """Jobs whose end is still to come."""
        return self.count("in_flight")

    def sentence(self) -> str:
        """The law with its numbers.

        >>> Account(arm="a", assigned=2, jobs={**{o: () for o in OUTCOMES}, "completed": ("j1", "j2")}).sentence()
        '2 assigned = 0 enqueue failed + 2 completed + 0 discarded + 0 cancelled + 0 in flight + 0 presumed lost'
        """
        classes = " + ".join(f"{self.count(outcome)} {outcome.replace('_', ' ')}" for outcome in OUTCOMES)
        beside = f"; {len(self.unassigned)} in its store that nobody assigned" if self.unassigned else ""
        beside += f"; {len(self.assigned_twice)} assigned twice" if self.assigned_twice else ""
        return f"{self.assigned} assigned {'=' if self.holds else '≠'} {classes}{beside}"


class Bookkeeper:
    """Keeps one arm's books from two readings: its jobs as they were folded, and its `assigned` events as the database counts them."""

    def __init__(self, arm: str) -> None:
        self._arm = arm
        self._classes: dict[Outcome, list[str]] = {outcome: [] for outcome in OUTCOMES}
        self._unnamed: dict[Outcome, int] = {}
        self._unassigned: list[str] = []
        self._twice: dict[str, int] = {}

    def see(self, history: JobHistory) -> None:
        """One job, by name. A copy that was never sent is no job of the arm."""
        if history.suppressed is not None and not history.assignments:
            return
        (self._classes[history.outcome] if history.assignments else self._unassigned).append(history.job_key)
        if history.assignments > 1:
            self._twice[history.job_key] = history.assignments - 1

    def add(self, outcome: Outcome, jobs: int) -> None:
        """So many jobs of one class, each assigned once."""
        self._unnamed[outcome] = self._unnamed.get(outcome, 0) + jobs

    def close(self, assigned: int) -> Account:
        """`assigned`: how many such events there are, or stood for jobs that were folded away."""
        return Account(
            arm=self._arm,
            assigned=assigned - sum(self._twice.values()),
            jobs={outcome: tuple(sorted(keys)) for outcome, keys in self._classes.items()},
            unnamed=self._unnamed,
            unassigned=tuple(sorted(self._unassigned)),
            assigned_twice=tuple(sorted(self._twice)),
        )
