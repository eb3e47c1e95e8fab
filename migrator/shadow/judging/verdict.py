"""What an experiment says about each candidate: one of four answers, with its reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal as OneOf

import msgspec

from migrator.errors import Exit
from migrator.shadow.judging import reasons
from migrator.shadow.judging.check import Check
from migrator.shadow.judging.comparison import Comparison, compare
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.judging.share_claims import difference_bounds
from migrator.shadow.judging.together import seconds_together
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.statistics.multiplicity import holm
from migrator.shadow.wording import count, sentence

Answer = OneOf["not-inferior", "inferior", "inconclusive", "invalid"]
#: worst first: the answer of an experiment is the worst of its candidates'
ORDER: tuple[Answer, ...] = ("invalid", "inferior", "inconclusive", "not-inferior")
STATUS: dict[Answer, Exit] = {
    "invalid": Exit.INVALID,
    "inferior": Exit.NO,
    "inconclusive": Exit.UNDECIDED,
    "not-inferior": Exit.YES,
}


class Pace(msgspec.Struct, frozen=True):
    """How fast an experiment gathers jobs, all arms together: so many, in the time from the first to the last."""

    jobs: int
    seconds: float

    def time_for(self, more: int) -> float | None:
        """Seconds until so many more jobs have come; None where the pace cannot be told."""
        return more * self.seconds / (self.jobs - 1) if self.jobs > 1 and self.seconds > 0 else None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """About one candidate. `jobs_needed` and `seconds_needed`: more, over all arms, if things stay as they are; None = not to be had so."""

    arm: str
    answer: Answer
    reason: str
    comparisons: tuple[Comparison, ...]
    guards: tuple[str, ...] = ()  #: what no statistics is needed for
    jobs_needed: int | None = None
    seconds_needed: float | None = None


def judge(arms: Sequence[ArmMetrics], checks: Sequence[Check], criteria: Criteria, pace: Pace) -> tuple[Verdict, ...]:
    """A verdict for every candidate; the first arm is the current system, and arms of role `noise` are not judged.

    "Not inferior" is one claim a candidate: it fails with any metric, so the metrics need no correction. "Inferior" is one claim for
    every metric of every candidate. Each family is corrected by Holm's method.
    """
    current, candidates = arms[0], [arm for arm in arms[1:] if arm.record.role != "noise"]
    spoilt = {metric: check.finding for check in checks for metric in check.spoils}
    compared = [
        tuple(compare(current, arm, metric, criteria, len(candidates), spoilt.get(metric, "")) for metric in criteria.compare)
        for arm in candidates
    ]
    fine = holm([max(1.0 if c.obstacle else c.p_not_inferior for c in comparisons) for comparisons in compared])
    worse = iter(holm([c.p_inferior if c.matters and not c.obstacle else 1.0 for comparisons in compared for c in comparisons]))
    invalid = next((check for check in checks if check.state == "invalid"), None)
    found: list[Verdict] = []
    for arm, comparisons, p_fine in zip(candidates, compared, fine, strict=True):
        proven = [c for c in comparisons if next(worse) <= criteria.alpha]
        alarms = guards(current, arm, criteria.alpha / len(candidates))
        base = Verdict(arm=arm.record.arm, answer="inconclusive", reason="", comparisons=comparisons, guards=alarms)
        # What did not go by the shares is compared with nothing, and an arm that joined late has seen no more than its own days.
        lines = current.timeline.assigned_ns, arm.timeline.assigned_ns
        lasted = seconds_together(*lines)
        lacking = reasons.lacking(min(map(len, lines)), lasted, criteria)
        if invalid:
            base = msgspec.structs.replace(base, answer="invalid", reason=sentence(f"the data cannot be trusted: {invalid.finding}"))
        elif alarms:
            base = _decided(base, "inferior", f"{sentence('; '.join(alarms))} No margin allows for that.")
        elif p_fine <= criteria.alpha and not lacking:
            base = _decided(base, "not-inferior", reasons.fine(current.record.arm, comparisons))
        elif proven and p_fine > criteria.alpha:
            base = _decided(base, "inferior", reasons.worse(current.record.arm, proven))
        else:
            base = _undecided(base, current.record.arm, p_fine <= criteria.alpha, lacking, lasted, criteria, pace)
        found.append(base)
    return tuple(found)


def answer_of(verdicts: Sequence[Verdict]) -> Answer:
    """The experiment's: the worst of its candidates'; without any, undecided."""
    answers = {verdict.answer for verdict in verdicts} or {"inconclusive"}
    return next(answer for answer in ORDER if answer in answers)


def guards(current: ArmMetrics, candidate: ArmMetrics, alpha: float) -> tuple[str, ...]:
    """Reasons to stop that are no matter of degree. `alpha`: chance of calling it more lost jobs where it is not, at any look ever."""
    found: list[str] = []
    name, other = candidate.record.arm, current.record.arm
    lost, before = candidate.lost, current.lost
    if lost.events and not before.events:
        found.append(f"{count(lost.events, 'job')} of {name} {'was' if lost.events == 1 else 'were'} lost, none of {other}")
    elif lost.events and difference_bounds(lost.events, lost.trials, before.events, before.trials, alpha).low > 0:
        shares = [f"{share.events:,} of {count(share.trials, 'job')} of {arm}" for share, arm in ((lost, name), (before, other))]
        found.append(f"{shares[0]} were lost, {shares[1]}: more than by chance")
    if candidate.completed_twice:
        found.append(f"{count(candidate.completed_twice, 'job')} of {candidate.record.arm} completed more than once")
    return tuple(found)


def _decided(base: Verdict, answer: Answer, reason: str) -> Verdict:
    return msgspec.structs.replace(base, answer=answer, reason=reason, jobs_needed=0, seconds_needed=0.0)


def _undecided(base: Verdict, current: str, fine: bool, lacking: list[str], lasted: float, criteria: Criteria, pace: Pace) -> Verdict:
    obstacles = [c for c in base.comparisons if c.obstacle]
    if obstacles:
        return msgspec.structs.replace(base, reason=reasons.incomparable(obstacles))
    hopeless = [c for c in base.comparisons if c.growth is None]
    least = max(1, min((n for c in base.comparisons for n in (c.n_current, c.n_candidate)), default=1))
    growth = max([c.growth or 1.0 for c in base.comparisons] + [criteria.minimum_jobs / least])
    more = None if hopeless and not fine else math.ceil(pace.jobs * (growth - 1))
    days_left = max(0.0, criteria.minimum_days * reasons.DAY - lasted)
    at_this_pace = pace.time_for(more or 0)
    unsettled = [c for c in base.comparisons if not c.interval or c.interval.high >= c.margin]
    said = reasons.too_early(lacking) if fine or not unsettled else reasons.unsettled(current, unsettled)
    return msgspec.structs.replace(
        base,
        reason=f"{said} {reasons.forecast(more, at_this_pace, days_left, hopeless)}",
        jobs_needed=more,
        seconds_needed=None if more is None or at_this_pace is None else max(at_this_pace, days_left),
    )
