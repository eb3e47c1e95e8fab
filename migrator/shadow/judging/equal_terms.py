"""Did the arms run on equal terms: as many workers for their share, as many attempts, and the same question throughout?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from migrator.shadow.judging.check import Check
from migrator.shadow.judging.criteria import Metric
from migrator.shadow.ledger import ArmRecord, Epoch, Ledger
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.wording import count, listed

OTHER_CAPACITY = 0.01  #: share of jobs that may have been assigned while workers did not match the shares


def capacity(arms: Sequence[ArmMetrics], epochs: Sequence[Epoch] = ()) -> Check:
    """Can the arms run equally many jobs at once, for their share? Asked of every configuration that had a part of the jobs."""
    slots = [arm.record.slots for arm in arms]
    words = listed([f"{arm.record.arm} {arm.record.slots if arm.record.slots is not None else 'unknown'}" for arm in arms])
    if None in slots:
        return Check(
            "capacity", "unknown", f"jobs that can run at once: {words}; where it is unknown, waits may differ for want of workers"
        )
    spoils: tuple[Metric, ...] = ("queue_wait_p95", "end_to_end_p95")
    if _unlike([arm.record for arm in arms]):
        finding = f"jobs that can run at once do not match the arms' shares: {words}; waits cannot be compared until they do"
        return Check("capacity", "warning", finding, spoils)
    total = sum(len(arm.timeline.epoch) for arm in arms)
    unlike = [epoch.config_epoch for epoch in epochs if _unlike(epoch.arms)]
    before = sum(int(np.isin(arm.timeline.epoch, unlike).sum()) for arm in arms)
    if before > OTHER_CAPACITY * total:
        finding = (
            f"jobs that can run at once: {words}; they did not match the arms' shares when {before:,} of {count(total, 'job')} were "
            "assigned, under an earlier configuration, and waits of then and now cannot be told apart"
        )
        return Check("capacity", "warning", finding, spoils)
    return Check("capacity", "ok", f"jobs that can run at once: {words}")


def _unlike(arms: Sequence[ArmRecord]) -> bool:
    per_share = [arm.slots / arm.share for arm in arms if arm.slots is not None and arm.share > 0]
    return bool(per_share) and max(per_share) > 1.01 * min(per_share)


def retries(arms: Sequence[ArmMetrics]) -> Check:
    """Do all arms try equally often?"""
    words = listed(
        [f"{arm.record.arm} {arm.record.max_attempts if arm.record.max_attempts is not None else 'not one number'}" for arm in arms]
    )
    beyond = [arm.record.arm for arm in arms if arm.record.max_attempts is not None and _p99(arm.attempts) > arm.record.max_attempts]
    if beyond:
        return Check(
            "retries",
            "warning",
            f"attempts allowed: {words}; more than one in a hundred jobs of {listed(beyond)} took more",
            ("discarded",),
        )
    if len({arm.record.max_attempts for arm in arms}) > 1:
        return Check(
            "retries",
            "warning",
            f"attempts allowed differ: {words}; how often jobs fail for good cannot be compared, first attempts can",
            ("discarded",),
        )
    if arms[0].record.max_attempts is None:
        finding = "how many attempts are allowed is not said, or not the same for every job: see that every arm's workers allow as many"
        return Check("retries", "unknown", finding)
    return Check("retries", "ok", f"attempts allowed: {words}")


def _p99(attempts: dict[int, int]) -> int:
    """Attempts that 99 of 100 jobs stay within; 0 where none has ended."""
    reached, needed = 0, 0.99 * sum(attempts.values())
    for made, jobs in sorted(attempts.items()):
        reached += jobs
        if reached >= needed:
            return made
    return 0


def transactions(arms: Sequence[ArmMetrics]) -> Check:
    """Does an enqueue vanish with the caller's transaction in some arms and not in others?"""
    inside = [arm.record.arm for arm in arms if arm.record.transactional]
    outside = [arm.record.arm for arm in arms if not arm.record.transactional]
    if inside and outside:
        finding = (
            f"an enqueue can join the caller's transaction in {listed(inside)}, not in {listed(outside)}: there, enqueue after the commit"
        )
        return Check("transactions", "warning", finding)
    return Check("transactions", "ok", f"an enqueue {'can' if inside else 'cannot'} join the caller's transaction, in every arm")


def configuration(epochs: Sequence[Epoch], left_behind: Mapping[str, int] | None = None) -> Check:
    """Did the question change while it was being answered? `left_behind`: arms that are no longer in it -> their jobs."""
    if len(epochs) <= 1:
        return Check("configuration", "ok", "one configuration throughout")
    words = f"changed {count(len(epochs) - 1, 'time')}; the numbers mix what came before and after"
    for arm, jobs in (left_behind or {}).items():
        words += f"; {count(jobs, 'job')} of {arm}, which is no longer an arm, {'is' if jobs == 1 else 'are'} in the ledger and not in them"
    if len({_declared(epoch) for epoch in epochs}) > 1:
        words += "; what counts as not worse was declared anew after jobs had come, and the newest holds"
    return Check("configuration", "warning", words)


def jobs_left_behind(ledger: Ledger, epochs: Sequence[Epoch]) -> dict[str, int]:
    """Arm -> its jobs, of those that an earlier configuration had and the newest has not."""
    now = {arm.arm for arm in epochs[-1].arms} if epochs else set[str]()
    gone = list(dict.fromkeys(arm.arm for epoch in epochs for arm in epoch.arms if arm.arm not in now))
    if not gone:
        return {}
    with ledger.scan(gone) as scan:
        found = {arm: jobs + sum(sums.jobs for sums in scan.folded(arm)) for arm, jobs in scan.assigned().items()}
    return {arm: jobs for arm, jobs in found.items() if jobs}


def _declared(epoch: Epoch) -> str:
    """The criteria of a configuration; they were read before, so what is no JSON is another error's."""
    config: dict[str, object] = msgspec.json.decode(epoch.config or "{}")
    return msgspec.json.encode(config.get("criteria"), order="sorted").decode()
