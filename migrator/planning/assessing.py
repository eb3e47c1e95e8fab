"""One job against one target: what it uses, what becomes of that, its score and the way in which it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrator.jobs import Job
from migrator.planning import score
from migrator.planning.application import Application
from migrator.planning.assumptions import Assumption, sizes_for
from migrator.planning.difficulty import difficulty_parts
from migrator.planning.expected import Dry, Expected, Outcome
from migrator.planning.fit import Fit, fits, general_traps
from migrator.planning.limit_checks import limit_uses
from migrator.planning.limit_use import LimitUse
from migrator.planning.phasing import Way
from migrator.planning.risk import risk_parts
from migrator.planning.score import Hours, Part, Score
from migrator.planning.step_limits import step_limits
from migrator.planning.steps import Steps, steps_of
from migrator.planning.usage import Usage, usages
from migrator.planning.weights import Band, Cost
from migrator.systems import CAPABILITIES, SYSTEMS
from migrator.systems.traps import all_traps

#: languages that code of jobs is written in; schedules in manifests and databases have none
_LANGUAGES = frozenset(("python", "typescript", "javascript"))
#: the blocker of a target that has no client for the job's language
FOREIGN = "language"
#: what a capability costs at most where a rewrite has decided: what it writes is there to be read, and once more where it is not sure
_MOST: Mapping[Outcome, Cost] = {"safe": "renamed", "unsafe": "adapted", "manual": "blocked", "idle": "blocked"}


@dataclass(frozen=True)
class Profile:
    """What a job is, whatever the target: read once, used for each."""

    job: Job
    usages: tuple[Usage, ...]
    steps: Steps
    risk: tuple[Part, ...]


@dataclass(frozen=True)
class Assessment:
    """A job on a target; the fields are those of `plan.PlannedJob`. `known` of `needed` facts are known."""

    way: Way
    band: Band
    difficulty: Score
    risk: Score
    known: int
    needed: int
    effort: Hours
    blockers: tuple[str, ...]
    features: tuple[Fit, ...]
    limits: tuple[LimitUse, ...]
    traps: tuple[str, ...]
    rewrite: Expected | None

    @property
    def confidence(self) -> float:
        """Share of the facts that are known."""
        return round(self.known / self.needed, 2) if self.needed else 1.0


def profile(application: Application, job: Job) -> Profile:
    """What a job is."""
    found = usages(application, job)
    return Profile(job, found, steps_of(application.evidence, job), risk_parts(application, job, found))


def assess(application: Application, of: Profile, target: str, dry: Dry | None, assumptions: Sequence[Assumption]) -> Assessment:
    """A job on `target`. `dry`: what the rewrite of its system would do, where there is one."""
    job, said = of.job, dry.of(of.job) if dry is not None else None
    moved = said is not None and said.outcome in ("safe", "unsafe")
    features = fits(of.usages, job.system, target, _MOST[said.outcome] if said is not None else "blocked")
    sizes = sizes_for(assumptions, job.name or job.symbol)
    uses = (*step_limits(job, of.steps, target, sizes), *limit_uses(job, application.sent(job), target, sizes))
    today = step_limits(job, of.steps, job.system, sizes, today=True)
    blockers = (*_language(job, target), *_blockers(features, uses))
    known, needed = _facts(of, features, uses)
    difficulty = difficulty_parts(application, job, features, of.steps, uses, unknown=needed - known, facts=needed)
    way = _way(job, said, blocked=bool(blockers))
    total = score.total(difficulty)
    band = score.band(total.points, blocked=bool(blockers), mechanical=moved)
    return Assessment(
        way=way,
        band=band,
        difficulty=total,
        risk=score.total(of.risk),
        known=known + sum(part.known for part in difficulty),
        needed=needed + len(difficulty),
        # What does not run today is a decision first, and no work.
        effort=score.NOTHING if way == "idle" else score.hours(band),
        blockers=blockers,
        features=features,
        limits=(*uses, *today),
        traps=_traps(job, target, features, said),
        rewrite=said,
    )


def _language(job: Job, target: str) -> tuple[str, ...]:
    """Why a job cannot move without being written anew in another language; nothing for one that stands in no code."""
    languages, can = SYSTEMS[target].languages, SYSTEMS[target].capabilities
    if job.language not in _LANGUAGES:
        return ()
    handlers = [can.get(f"{kind}-handler") for kind in ("sync", "async")]
    if all(handler is not None and handler.kind == "absent" for handler in handlers):
        return (f"{FOREIGN}: {SYSTEMS[target].title} runs no code of an application",)
    if job.language in languages:
        return ()
    return (f"{FOREIGN}: {SYSTEMS[target].title} is for {' and '.join(languages)}, the job is written in {job.language}",)


def _blockers(features: Sequence[Fit], uses: Sequence[LimitUse]) -> tuple[str, ...]:
    missing = [f"{CAPABILITIES[f.usage.capability].title} ({f.usage.what}): {f.how}" for f in features if f.cost == "blocked"]
    beyond = [f"{use.title}: {use.formula}, and {_amount(use.maximum, use.unit)} at most" for use in uses if use.exceeded]
    return (*missing, *beyond)


def _amount(value: float, unit: str) -> str:
    if unit == "bytes":
        return f"{value / 1024:,.0f} KiB"
    return f"{value:,.0f}" + (" s" if unit == "s" else "")


def _facts(of: Profile, features: Sequence[Fit], uses: Sequence[LimitUse]) -> tuple[int, int]:
    """(known, needed): every feature, every limit, every part of the risk, and how many steps there are."""
    said = [*(f.known for f in features), *(use.share is not None for use in uses), *(part.known for part in of.risk)]
    said += [not of.steps.open_end] if of.job.steps else []
    return sum(said), len(said)


def _way(job: Job, said: Expected | None, *, blocked: bool) -> Way:
    if job.live is False or (said is not None and said.outcome == "idle"):
        return "idle"
    if said is None or said.outcome == "manual":
        return "blocked" if blocked else "hand"
    if blocked:
        return "blocked"
    known = all_traps()
    helped = said.outcome == "unsafe" or any(known[trap].handling == "helper" for trap in said.traps if trap in known)
    return "helper" if helped else "automatic"


def _traps(job: Job, target: str, features: Sequence[Fit], said: Expected | None) -> tuple[str, ...]:
    """What the rewrite names; without one, what the pair's table says of what the job uses, and of every job."""
    if said is not None:
        return tuple(sorted(said.traps))
    general = (trap.id for trap in general_traps(job.system, target, scope="job"))
    return tuple(sorted({*general, *(trap for f in features for trap in f.traps)}))


def sizes_of(profiles: Mapping[int, Profile]) -> set[tuple[str, str]]:
    """(job, size) for every size that the steps of some job depend on."""
    return {(p.job.name or p.job.symbol, size) for p in profiles.values() for size in p.steps.count.names}
