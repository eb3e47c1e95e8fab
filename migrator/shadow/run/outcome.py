"""What a run came to: the books of every arm, what makes its data doubtful, and the exit status that follows."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.errors import Exit
from migrator.shadow.ledger import Account, Ledger

#: `watched`: the application's own traffic, until somebody ended that; `closed`: for the last time
End = OneOf["finished", "deadline", "interrupted", "failed", "watched", "closed"]
NAMED = 10


class RunOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended. `problems` are sentences; each is a reason not to trust the comparison."""

    end: End
    accounts: tuple[Account, ...]
    problems: tuple[str, ...]

    @property
    def exit(self) -> Exit:
        """0 all jobs ended · 1 jobs were lost · 3 jobs are still in flight · 4 the data cannot be trusted · 130 interrupted."""
        if self.end == "interrupted":
            return Exit.INTERRUPTED
        if self.problems:
            return Exit.INVALID
        if any(account.count("presumed_lost") for account in self.accounts):
            return Exit.NO
        if self.end in ("watched", "closed"):
            # Traffic goes on: some of it is always in flight.
            return Exit.YES
        return Exit.UNDECIDED if any(account.open for account in self.accounts) else Exit.YES


def outcome_of(ledger: Ledger, end: End) -> RunOutcome:
    """Read the outcome from the ledger. Of weeks of traffic, what went away, or was lost on the way, is for the report to weigh."""
    accounts = tuple(ledger.conservation(arm.arm) for arm in ledger.arms())
    problems = [f"arm {account.arm}: the books do not balance: {account.sentence()}" for account in accounts if not account.holds]
    if end not in ("watched", "closed"):
        problems += [*_missing(ledger), *_incidents(ledger)]
    return RunOutcome(end=end, accounts=accounts, problems=tuple(problems))


def _missing(ledger: Ledger) -> list[str]:
    return [f"{lost} events of recorder {boot} are missing from the ledger" for boot, lost in ledger.missing_sequences().items()]


def _incidents(ledger: Ledger) -> list[str]:
    words = {"worker_died": "a worker", "store_down": "its store did not answer:", "gap": "events are missing:"}
    return [f"arm {mark.arm}: {words[mark.kind]} {mark.text}" for mark in ledger.marks() if mark.kind in words]
