"""The plan as typed structs: a public contract, versioned; `docs/plan.schema.json` is generated from here. Codemods and gates take it."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.planning.assumptions import Assumption
from migrator.planning.expected import Expected
from migrator.planning.fit import Fit
from migrator.planning.limit_use import LimitUse
from migrator.planning.phasing import Stage, Way
from migrator.planning.score import Hours, Score
from migrator.planning.weights import Band
from migrator.systems.trap import Handling

SCHEMA = "migrator.plan/1"
COMPARISON_SCHEMA = "migrator.comparison/1"


class PlannedJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job and its way to the target.

    `id` is unique in the plan: the system and the job's name, with the place behind it where that is not enough. `way`: how it moves;
    `blockers`: what it cannot do without there; `rewrite`: what `migrate codemod` says of it, where there is a rewrite; `review`: too
    little is known for its figures to be used unseen; `traps`: what changes meaning, by id; `starts`: the jobs that it starts, by id.
    """

    id: str
    name: str
    system: str
    language: str
    module: str
    symbol: str
    path: str
    line: int
    way: Way
    band: Band
    difficulty: Score
    risk: Score
    confidence: float
    review: bool
    effort: Hours
    blockers: tuple[str, ...]
    features: tuple[Fit, ...]
    limits: tuple[LimitUse, ...]
    traps: tuple[str, ...]
    rewrite: Expected | None
    starts: tuple[str, ...]
    phase: int
    group: int


class Group(msgspec.Struct, frozen=True):
    """Jobs that move together, by id; `why` says what ties them, one sentence each; empty for a job alone."""

    number: int
    jobs: tuple[str, ...]
    why: tuple[str, ...]
    effort: Hours


class Phase(msgspec.Struct, frozen=True):
    """Groups in the order in which they move. `effort` is the sum of theirs."""

    number: int
    stage: Stage
    title: str
    what: str
    groups: tuple[Group, ...]
    jobs: int
    effort: Hours


class Totals(msgspec.Struct, frozen=True):
    """Sums over all jobs of the plan. `bands` leave out what does not run: it has no hours. `known` of `needed` facts are known."""

    jobs: int
    ways: dict[Way, int]
    bands: dict[Band, int]
    review: int
    effort: Hours
    basis: str
    known: int
    needed: int


class Around(msgspec.Struct, frozen=True):
    """What changes beside the jobs, in numbers; it is in no hours. `traps` are met once, by the move as a whole.

    `loose`: places that could not be tied down; `strangers`: places that start a job which is not in this code.
    """

    items: dict[str, int]
    traps: tuple[str, ...]
    notes: tuple[str, ...]
    loose: int
    strangers: int


class NamedTrap(msgspec.Struct, frozen=True):
    """A trap that the plan names. `handling`: who deals with it; `jobs`: how many meet it."""

    title: str
    handling: Handling
    explanation: str
    jobs: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that `migrate plan --to` says.

    `sources`: job system -> number of its jobs that move; `there`: jobs that are on the target already; `rewrites`: source systems from
    which `migrate codemod` can move to the target.
    """

    schema: OneOf["migrator.plan/1"] = SCHEMA
    root: str
    target: str
    sources: dict[str, int]
    there: int
    rewrites: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    totals: Totals
    phases: tuple[Phase, ...]
    jobs: tuple[PlannedJob, ...]
    traps: dict[str, NamedTrap]
    around: Around


class Row(msgspec.Struct, frozen=True):
    """One target in a comparison. `reasons`: what stands most in the way, with the number of jobs."""

    target: str
    rewrites: tuple[str, ...]
    totals: Totals
    there: int
    reasons: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that `migrate plan --compare` says: the same jobs on each target."""

    schema: OneOf["migrator.comparison/1"] = COMPARISON_SCHEMA
    root: str
    sources: dict[str, int]
    assumptions: tuple[Assumption, ...]
    rows: tuple[Row, ...]
