"""In which order groups of jobs move: what others need first and what is of low risk first, in phases that a rule fills."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from migrator.planning import weights
from migrator.planning.weights import Band

Way = OneOf["automatic", "helper", "hand", "blocked", "idle"]
#: in the order in which a plan counts them
WAYS: tuple[Way, ...] = ("automatic", "helper", "hand", "blocked", "idle")
Stage = OneOf["first", "bulk", "care", "redesign", "idle"]
#: stage -> (title, what is in it)
STAGES: Mapping[Stage, tuple[str, str]] = {
    "first": (
        "The first to move",
        "Of the easy ones that start no other job, those of least risk: what goes wrong is found early and cheaply.",
    ),
    "bulk": ("The bulk", "Known work: a rewrite or a few lines for each."),
    "care": ("With care", "High risk, much to make anew, or too little known: read each of them before it moves."),
    "redesign": ("After a redesign", "The target lacks what they cannot do without, a limit is too low, or nearly all of it is made anew."),
    "idle": (
        "Not running today",
        "Nothing registers them with a worker. Decide whether they are still wanted; if so, they move like the others.",
    ),
}


class Ranked(msgspec.Struct, frozen=True):
    """What the order of a job depends on. `starts`: the jobs that it starts, by number."""

    way: Way
    band: Band
    difficulty: float
    risk: float
    confidence: float
    starts: tuple[int, ...]
    name: str


def stage(members: Sequence[Ranked]) -> Stage:
    """The stage of a group: that of its worst member. Which of the bulk are the first depends on the others (`ordered`)."""
    ways = {member.way for member in members}
    if ways == {"idle"}:
        return "idle"
    if "blocked" in ways or any(member.band == "redesign" for member in members):
        return "redesign"
    doubtful = any(member.confidence < weights.REVIEW for member in members)
    if doubtful or any(member.band == "manual" or member.risk > weights.HIGH_RISK for member in members):
        return "care"
    return "bulk"


def ordered(jobs: Sequence[Ranked], members: Sequence[tuple[int, ...]]) -> dict[Stage, list[tuple[int, ...]]]:
    """The groups by stage, and in a stage: those that start nothing before those that start them, then by risk, difficulty and name.

    The first are a quarter of the bulk that starts no other group, rounded up.
    """
    group_of = {job: number for number, group in enumerate(members) for job in group}
    depths = _depths(jobs, members, group_of)

    def key(number: int) -> tuple[int, float, float, str]:
        inside = [jobs[job] for job in members[number]]
        return depths[number], max(j.risk for j in inside), max(j.difficulty for j in inside), min(j.name for j in inside)

    stages: dict[Stage, list[tuple[int, ...]]] = {}
    for number in sorted(range(len(members)), key=key):
        stages.setdefault(stage([jobs[job] for job in members[number]]), []).append(members[number])
    bulk = stages.pop("bulk", [])
    leaves = [group for group in bulk if not depths[group_of[group[0]]]]
    pilots = leaves[: math.ceil(len(leaves) * weights.PILOTS)]
    stages["first"], stages["bulk"] = pilots, [group for group in bulk if group not in pilots]
    return {name: stages[name] for name in STAGES if stages.get(name)}


def _depths(jobs: Sequence[Ranked], members: Sequence[tuple[int, ...]], group_of: Mapping[int, int]) -> list[int]:
    """For each group how many groups stand one behind the other below it; above a circle, and in it, all there are."""
    below = [{group_of[s] for job in group for s in jobs[job].starts if s in group_of} - {n} for n, group in enumerate(members)]
    above: defaultdict[int, list[int]] = defaultdict(list)
    for number, others in enumerate(below):
        for other in others:
            above[other].append(number)
    # What is never settled is in a circle, or stands above one: below all else that there is.
    depths = [len(members)] * len(members)
    left = [len(others) for others in below]
    settled = deque(n for n, count in enumerate(left) if not count)
    while settled:
        number = settled.popleft()
        depths[number] = max((depths[other] + 1 for other in below[number]), default=0)
        for higher in above[number]:
            left[higher] -= 1
            if not left[higher]:
                settled.append(higher)
    return depths
