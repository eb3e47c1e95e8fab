"""The conservation law: assigned = enqueue_failed + completed + discarded + cancelled + in flight + presumed lost, job by job."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from migrator.shadow.ledger.history import OUTCOMES, JobHistory, Outcome


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One arm's books. `jobs` names the jobs of each class; `unassigned` names those that the law cannot explain."""

    arm: str
    assigned: int
    jobs: dict[Outcome, tuple[str, ...]]
    unassigned: tuple[str, ...] = ()  #: events, but never assigned to this arm
    assigned_twice: tuple[str, ...] = ()  #: assigned to this arm more than once

    def count(self, outcome: Outcome) -> int:
        """Number of jobs in one class."""
        return len(self.jobs[outcome])

    @property
    def holds(self) -> bool:
        """Every assigned job is in exactly one class and nothing else is in any."""
        return not self.unassigned and not self.assigned_twice and self.assigned == sum(map(len, self.jobs.values()))

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
        return f"{self.assigned} assigned {'=' if self.holds else '≠'} {classes}"


def account(arm: str, assigned: Iterable[str], histories: Iterable[JobHistory]) -> Account:
    """Books of one arm from two independent readings: keys of its `assigned` events (with repeats), and its folded histories."""
    counts: dict[str, int] = {}
    for key in assigned:
        counts[key] = counts.get(key, 0) + 1
    classes: dict[Outcome, list[str]] = {outcome: [] for outcome in OUTCOMES}
    unassigned: list[str] = []
    for history in histories:
        (classes[history.outcome] if history.job_key in counts else unassigned).append(history.job_key)
    return Account(
        arm=arm,
        assigned=len(counts),
        jobs={outcome: tuple(sorted(keys)) for outcome, keys in classes.items()},
        unassigned=tuple(sorted(unassigned)),
        assigned_twice=tuple(sorted(key for key, count in counts.items() if count > 1)),
    )
