"""What stands above a report: the answer in a line, when it was, and the experiment in two sentences."""

from __future__ import annotations

import math
from datetime import datetime

from migrator.shadow.judging.verdict import Answer
from migrator.shadow.summary import ArmSummary, ExperimentSummary
from migrator.shadow.wording import count, listed, percent, roughly, seconds


def period(summary: ExperimentSummary) -> str:
    """When, in words."""
    if summary.started is None:
        return "before the first job"
    start, end = (datetime.fromisoformat(text) for text in (summary.started, summary.last_seen or summary.started))
    if start.date() == end.date():
        return f"{start.day} {start:%B %Y}, {start:%H:%M:%S} to {end:%H:%M:%S} UTC"
    return f"{start.day} {start:%B %Y, %H:%M} to {end.day} {end:%B %Y, %H:%M} UTC"


def standfirst(summary: ExperimentSummary) -> str:
    """The experiment in two sentences."""
    arms = listed([f"{arm.arm} ({arm.title}, {_portion(summary, arm)})" for arm in summary.arms])
    jobs = f"{count(summary.assigned, 'job')}" + (f" of {listed(list(summary.job_names))}" if summary.job_names else "")
    took = f", sent within {seconds(summary.seconds) if summary.seconds < 60 else roughly(summary.seconds)}," if summary.seconds else ""
    candidates = [verdict.arm for verdict in summary.verdicts]
    asked = (
        f" The question: is {' or '.join(candidates)} worse than {summary.current.arm} by more than was declared acceptable?"
        if candidates
        else ""
    )
    how = "each job to exactly one of them"
    if summary.pairs:
        how = f"{summary.current.arm} did the work, the candidates had copies"
    elif summary.fallbacks:
        how = f"what a candidate did not take up, {summary.current.arm} did in its place"
    return f"{jobs}{took} went to {arms}; {how}.{asked}"


def _portion(summary: ExperimentSummary, arm: ArmSummary) -> str:
    """An arm's part of the jobs: what was asked for or, where that changed on the way, what it came to, and what is asked for now."""
    asked = (summary.drift.target.get(arm.arm) or (arm.target_share,))[-1]
    if math.isclose(asked, arm.target_share, abs_tol=0.0005) or not summary.assigned:
        return percent(arm.target_share)
    return f"{percent(arm.assigned / summary.assigned)}, now {percent(arm.target_share)}"


def headline(summary: ExperimentSummary) -> str:
    """What was found, in a line.

    Arms with the same answer share a clause, the most certain answers first.
    """
    current = summary.current.arm
    clauses: dict[Answer, str] = {
        "invalid": "the data on {} cannot be trusted",
        "inferior": "{} {is} worse than " + current,
        "not-inferior": "{} {is} not worse than " + current,
        "inconclusive": "for {} it is too early to say",
    }
    found: list[str] = []
    for answer, clause in clauses.items():
        arms = [verdict.arm for verdict in summary.verdicts if verdict.answer == answer]
        if arms:
            found.append(clause.replace("{is}", "is" if len(arms) == 1 else "are").format(listed(arms)))
    line = "; ".join(found) or "one system alone: nothing to compare it with"
    # An arm's name stays as it is written, even at the beginning.
    named = any(line.startswith(verdict.arm) for verdict in summary.verdicts)
    return line if named else line[0].upper() + line[1:]
