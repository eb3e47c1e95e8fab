"""G06: there is one job system."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, unmet

_RUNS = ("definition", "enqueue", "schedule", "worker")


def check(evidence: Evidence) -> Answer:
    """Unmet while production code runs jobs of the old system, or of a third."""
    others: dict[str, list[str]] = {}
    for item in evidence.inventory.production:
        if item.kind in _RUNS and item.system != evidence.lock.target:
            others.setdefault(item.system, []).append(item.location.place)
    # What the target itself needs beside it, such as a scheduler of its own, is part of it.
    for system in evidence.target.companions:
        others.pop(system, None)
    if others:
        return unmet(*(f"{system}: {len(places)} places, the first at {places[0]}" for system, places in sorted(others.items())))
    return met(f"all jobs are {evidence.target.title}'s")


GATE = Gate(
    id="G06",
    title="One job system is in use",
    asks="Is every definition, enqueue, schedule and worker of production code one of the target system?",
    how="The audit of now. Another application that sends to this one's old queues cannot be seen.",
    answered_by="machine",
    check=check,
)
