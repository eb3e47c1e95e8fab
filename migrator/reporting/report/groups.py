"""What rules are about, by the first digit of their ids."""

from __future__ import annotations

GROUPS: dict[str, str] = {
    "JOB0": "Correctness and dates",
    "JOB1": "Reliability",
    "JOB2": "Performance",
    "JOB3": "Schedules",
    "JOB4": "Seeing what happens",
    "JOB5": "Payloads",
    "JOB6": "Ids and duplicates",
    "JOB7": "Security",
    "JOB8": "Processes and deployment",
    "JOB9": "Wiring",
    "LIV": "Running servers",
}


def group_of(rule: str) -> str:
    """The title of the group that a rule belongs to."""
    return next(title for start, title in GROUPS.items() if rule.startswith(start))
