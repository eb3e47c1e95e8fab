"""Whether the jobs are fit for production, by a rule that is stated, and how much of the code the answer rests on."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.jobs import Enqueue, Inventory
from migrator.jobs.findings import Severity
from migrator.rules.blind_spots import blind_spots, is_tied

#: below this share of enqueues that could be tied to a job or name, the report says so instead of judging
ENOUGH = 0.9
Verdict = OneOf["READY", "NOT READY", "INCOMPLETE"]


class Coverage(msgspec.Struct, frozen=True):
    """`tied` of `enqueues` lead to a job or name that is known; `loose` places do not, schedules and
    definitions among them; `untold` rules could not be decided.
    """

    files: int
    read: int
    failed: int
    enqueues: int
    tied: int
    loose: int
    untold: int
    set_aside: int
    live: bool

    @property
    def share(self) -> float:
        """Of enqueues that are tied to a job or a name; 1 without any."""
        return self.tied / self.enqueues if self.enqueues else 1.0


class Judgement(msgspec.Struct, frozen=True):
    """`risk`: the worst severity that is open; empty if nothing is. `because`: the rule that led to the verdict, with its numbers."""

    verdict: Verdict
    risk: Severity | OneOf[""]
    because: str


def coverage(inventory: Inventory) -> Coverage:
    """How much of the code the report rests on."""
    enqueues = [i for i in inventory.production if isinstance(i, Enqueue)]
    return Coverage(
        inventory.stats.files_seen,
        inventory.stats.files_parsed,
        inventory.stats.files_failed,
        len(enqueues),
        sum(1 for e in enqueues if is_tied(e)),
        sum(len(places) for places in blind_spots(inventory).values()),
        sum(1 for c in inventory.checks if c.state == "unknown"),
        len(inventory.suppressed) + inventory.below,
        inventory.live is not None,
    )


def judge(inventory: Inventory) -> Judgement:
    """NOT READY with a critical finding that is certain; READY without any, and enough tied down; else INCOMPLETE."""
    covered = coverage(inventory)
    risk: Severity | OneOf[""] = inventory.findings[0].severity if inventory.findings else ""
    critical = [f for f in inventory.findings if f.severity == "critical"]
    sure = [f for f in critical if f.confidence == "certain"]
    if sure:
        number = "1 critical finding is" if len(sure) == 1 else f"{len(sure)} critical findings are"
        return Judgement("NOT READY", risk, f"{number} certain.")
    if not inventory.production:
        return Judgement(
            "INCOMPLETE", risk, f"There is nothing to judge: in {covered.files} files nothing was found that has to do with jobs."
        )
    if covered.share < ENOUGH:
        told = f"{covered.tied} of {covered.enqueues} enqueues could be tied to a job or a name, and {ENOUGH:.0%} are needed to judge."
        return Judgement("INCOMPLETE", risk, told)
    if critical:
        number = "1 critical finding is" if len(critical) == 1 else f"{len(critical)} critical findings are"
        return Judgement("INCOMPLETE", risk, f"{number} likely or possible: somebody has to look.")
    told = f"There is no critical finding, and {covered.tied} of {covered.enqueues} enqueues are tied to a job or a name."
    return Judgement("READY", risk, told)
