"""G09: every job has been seen to work on the target."""

from __future__ import annotations

from typing import Any

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, nothing, settled


def check(evidence: Evidence) -> Answer:
    """Open for each job that no experiment has seen completed on the target."""
    moved = [fate.job.name for fate in evidence.fates if fate.state != "dropped"]
    if not moved:
        return nothing("no job is to be seen")
    seen = {name: file for file, report in evidence.experiments.items() for name in _completed(report, evidence.lock.target)}
    doubts = [f"{name} was seen by no experiment" for name in moved if name not in seen]
    fine = tuple(f"{name} was completed in {seen[name]}" for name in moved if name in seen)
    return settled([], doubts, fine, "--experiment FILE with these jobs, or an attestation")


def _completed(report: dict[str, Any], target: str) -> list[str]:
    done = any(arm["system"] == target and arm["classes"]["completed"] for arm in report["arms"])
    return list(report["job_names"]) if done else []


GATE = Gate(
    id="G09",
    title="Every job works on the target",
    asks="Was every job completed on the target system at least once?",
    how="Reports of `migrate shadow report` in which the target completed jobs of that name. Without them a person says so.",
    answered_by="either",
    check=check,
)
