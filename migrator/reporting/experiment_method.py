"""How the numbers of an experiment were worked out: every method with its formula and what went into it."""

from __future__ import annotations

import msgspec

from migrator.shadow.judging.criteria import RESOLUTION
from migrator.shadow.judging.fairness import ENDS_ALARM, LOOKS, SPLIT_ALARM, SPLIT_ALARM_ONCE
from migrator.shadow.judging.one_look import MOST, TINY
from migrator.shadow.judging.share_claims import EXACT_BELOW, FEW_EVENTS, TIGHTEST_AT
from migrator.shadow.judging.validity import RECORDER_LOSS
from migrator.shadow.measuring.metering import AGE_CUT, STUCK_AFTER
from migrator.shadow.statistics.quantile_ratio import REPLICATES
from migrator.shadow.statistics.sample_ratio import CONCENTRATION
from migrator.shadow.summary import ExperimentSummary
from migrator.shadow.wording import percent, seconds


class Method(msgspec.Struct, frozen=True):
    """A method in words, its formula, and what went into it here."""

    title: str
    text: str
    formula: str = ""
    inputs: tuple[str, ...] = ()


def methods(summary: ExperimentSummary) -> tuple[Method, ...]:
    """Every method that the report leans on, in the order in which it does."""
    return (*_decision(summary), *_shares(summary), *_durations(summary), *_kin(summary), *_books(summary))


def _decision(summary: ExperimentSummary) -> tuple[Method, ...]:
    criteria, candidates = summary.criteria, max(1, len(summary.verdicts))
    return (
        Method(
            "Not inferior, inferior, inconclusive, invalid",
            "A candidate is not inferior when the upper end of its interval is below the margin on every metric, with at least "
            f"{criteria.minimum_jobs} jobs in every arm and {criteria.minimum_days:g} days between the first and the last job, of which a "
            "day (in UTC) without jobs in both arms counts nothing. "
            "It is inferior when on some metric the lower end is beyond “the same” and what was seen is at least half the margin; "
            "when it lost jobs and the current system lost none; or when one of its jobs completed twice. It is invalid when the data "
            "cannot be trusted, and otherwise inconclusive. The number of jobs still needed supposes that everything stays as it is.",
            inputs=(f"α = {criteria.alpha:g} over {candidates} candidates: {criteria.alpha / candidates:.3g} for each end of an interval",),
        ),
        Method(
            "Several candidates",
            "“Not inferior” is one claim a candidate, corrected over the candidates; “inferior” is one claim for each metric of each "
            "candidate, corrected over all of them. Both by Holm's method. The intervals shown are the stricter ones: α divided by the "
            "number of candidates.",
            "p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1) · p₍ⱼ₎)",
            tuple(
                f"{v.arm}, {c.metric}: p(within the margin) = {c.p_not_inferior:.3g}, p(worse) = {c.p_inferior:.3g}"
                for v in summary.verdicts
                for c in v.comparisons
            ),
        ),
        Method(
            "Looking every day",
            "An ordinary interval is right at one look, decided on beforehand. Looked at daily, and stopped when it pleases, it is wrong "
            "far more often than it says. The thin lines hold at all looks together: they are confidence sequences. The thick lines are "
            "the ordinary intervals, for a single look.",
        ),
    )


def _shares(summary: ExperimentSummary) -> tuple[Method, ...]:
    compared = tuple(
        f"{v.arm}, {c.metric}: {percent(c.candidate)} of {c.n_candidate:,} against {percent(c.current)} of {c.n_current:,}"
        for v in summary.verdicts
        for c in v.comparisons
        if c.scale == "difference"
    )
    return (
        Method(
            f"Shares, with fewer than {EXACT_BELOW} jobs or {FEW_EVENTS} events in an arm",
            "What the two shares may be instead, averaged, over the most likely pair with the supposed difference: exact at every size "
            "and at every look. Half of the average has both shares equal, half lets them differ, each with Jeffreys' prior.",
            "{ δ : ½ (m(S₁ + S₂, n₁ + n₂) + m(S₁, n₁) · m(S₂, n₂)) / max over p₁ − p₂ = δ of L(p₁, p₂) < 1/α };  "
            "m(S, n) = B(½ + S, ½ + n − S) / B(½, ½)",
            compared,
        ),
        Method(
            "Shares, from there on",
            "An asymptotic confidence sequence, each end on its own, around shares with a success and a failure added (Agresti, Caffo).",
            f"d ± σ√N · √( 2(Nρ² + 1)/(N²ρ²) · ln(1 + √(Nρ² + 1)/(2α)) ),  ρ² = (−2 ln 2α + ln(1 − 2 ln 2α)) / {TIGHTEST_AT}",
        ),
        Method(
            "Shares, at one look",
            "A single share: Wilson's interval; Clopper and Pearson's where nothing or everything was an event. A difference: Newcombe's.",
            "(p̂ + z²/2n ± z√(p̂q̂/n + z²/4n²)) / (1 + z²/n)",
        ),
    )


def _durations(summary: ExperimentSummary) -> tuple[Method, ...]:
    compared = tuple(
        f"{v.arm}, {c.metric}: n = {c.n_candidate:,} against {c.n_current:,}"
        for v in summary.verdicts
        for c in v.comparisons
        if c.scale == "ratio"
    )
    return (
        Method(
            "95th percentiles, watched",
            "The ranks that may hold the percentile, at half of α in each arm; the ratio takes the ends crosswise. A job that is still "
            "open counts as its age for the lower end and as endless for the upper one; a lost job as endless for both. What took less "
            f"than {seconds(RESOLUTION)} counts as that: no store's clock tells more.",
            "{ k : ½ Σ over m = 2, 200 of B(mq + k, m(1 − q) + n − k) / (B(mq, m(1 − q)) · qᵏ · (1 − q)ⁿ⁻ᵏ) < 2/α };  "
            "[X₍k min₎, X₍k max + 1₎]",
            compared,
        ),
        Method(
            "95th percentiles, at one look",
            f"Percentile bootstrap of the ratio, {REPLICATES:,} replicates, drawn as order statistics.",
            "X₍⌈n·b⌉₎,  b from Beta(k, n − k + 1),  k = ⌈0.95 n⌉",
        ),
        Method(
            "Were this the only look",
            "Differences of shares: Miettinen and Nurminen's interval, Farrington and Manning's test of the margin, Fisher's exact test, "
            f"and Barnard's and Boschloo's up to {TINY} jobs in each arm. Times: Mann and Whitney's test with Hodges and Lehmann's shift "
            f"and Cliff's δ, of {MOST:,} values drawn where there are more; the log-rank test while jobs are open. Types of error: "
            "Fisher's exact test, corrected over all types and candidates by Holm's method.",
            "z = (p̂₁ − p̂₂ − δ) / √(p̃₁q̃₁/n₁ + p̃₂q̃₂/n₂), with p̃ the most likely shares that differ by δ;  δ(Cliff) = 2U/(mn) − 1",
        ),
        Method(
            "Times of jobs that are still open",
            "Percentiles and curves are Kaplan and Meier's: an open job counts as not done by its age. A cancelled job leaves the count "
            "when it was cancelled, a lost one never does. Intervals of percentiles are exact, by order statistics, while "
            "nothing is open, and Brookmeyer and Crowley's on the log(−log) scale otherwise. "
            "The band around a curve holds all of it with 95 % (Dvoretzky, Kiefer, Wolfowitz; Massart), widened by what is not known of "
            "open jobs.",
            "Ŝ(t) = ∏ over tᵢ ≤ t of (1 − dᵢ/nᵢ);  band ± √(ln(2/α) / 2n)",
        ),
    )


def _kin(summary: ExperimentSummary) -> tuple[Method, ...]:
    """What is done where jobs are not independent of each other."""
    found: list[Method] = []
    effects = tuple(
        f"{v.arm}, {c.metric}: {c.design_effects[0]:.2f} in {summary.current.arm}, {c.design_effects[1]:.2f} in {v.arm}"
        for v in summary.verdicts
        for c in v.comparisons
        if max(c.design_effects) > 1
    )
    if effects:
        found.append(
            Method(
                "Jobs that share a unit",
                "So many of them count as one: the variance between units over that of as many independent jobs (Rao, Scott). The split is "
                "tested by units, and the bootstrap draws whole units.",
                "deff = g/(g − 1) · Σ(sᵤ − p̂·nᵤ)² / (n · p̂(1 − p̂)) over g units of nᵤ jobs with sᵤ events",
                effects,
            )
        )
    if summary.pairs:
        found.append(
            Method(
                "Mirrored jobs",
                "A copy and its job are no independent samples. Shares are compared by the pairs that disagree, watched: exactly while "
                "there are few, by an asymptotic sequence then. McNemar's exact test and Wilcoxon's signed ranks on the logarithms of "
                "times are for one look.",
                "d = (b − c)/n;  σ² = (b + c − (b − c)²/n)/n²",
                tuple(f"{p.arm}: {p.copied:,} copies of {p.jobs:,} jobs" for p in summary.pairs),
            )
        )
    if summary.noise:
        found.append(
            Method(
                "Noise",
                "An arm that runs the current system once more is compared as a candidate is, and not judged. It is called different "
                "where an interval at α over all ends of all its metrics leaves out “the same”.",
            )
        )
    return tuple(found)


def _books(summary: ExperimentSummary) -> tuple[Method, ...]:
    return (
        Method(
            "What is counted",
            "First-attempt failures: of jobs whose first attempt was seen to end. Failed for good: of completed and discarded jobs; while "
            f"jobs are open, only of those assigned longer ago than {AGE_CUT} times what 999 of 1000 jobs took in the slowest arm. Lost: "
            f"not finished by the deadline and unknown to the system. Stuck: overdue, or running {STUCK_AFTER} times as long as 99 of 100 "
            "attempts. Wait: first start − max(enqueued, due). End to end: completed or discarded − assigned. Times of a store have its "
            "measured clock offset taken out.",
        ),
        Method(
            "The split",
            f"A Dirichlet-multinomial test that may be watched (at up to {LOOKS} looks; alarm below {SPLIT_ALARM:g}), and χ² for one look "
            f"(alarm below {SPLIT_ALARM_ONCE:g}).",
            f"ln BF = ln Γ(Σα) − ln Γ(Σα + N) + Σ[ln Γ(αᵢ + nᵢ) − ln Γ(αᵢ)] − Σ nᵢ ln θᵢ,  α = {CONCENTRATION:g} · θ",
            tuple(f"{arm.arm}: {arm.assigned:,} of {summary.assigned:,}, asked for {percent(arm.target_share, 3)}" for arm in summary.arms),
        ),
        Method(
            "Endings",
            "Did as many of the jobs that are old enough end in each arm as in the current one? Fisher's exact test, for one look, its "
            f"p-value times the number of the other arms (a warning below {ENDS_ALARM:g}).",
        ),
        Method(
            "The recorder",
            "Every event carries a number of its recorder; a number that is missing is an event that was lost. More than "
            f"{RECORDER_LOSS * 1000:g} in 1000 spoil the experiment.",
        ),
    )
