"""From an inventory to a plan for one target, or to a comparison of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from migrator.errors import MigratorError
from migrator.jobs import Enqueue, Job
from migrator.planning import weights
from migrator.planning.application import Application
from migrator.planning.assessing import FOREIGN, Assessment, assess, profile, sizes_of
from migrator.planning.assumptions import Assumption, require_used
from migrator.planning.expected import Dry, expected
from migrator.planning.fit import general_traps
from migrator.planning.grouping import Tie, groups, ties
from migrator.planning.phasing import STAGES, WAYS, Ranked, ordered
from migrator.planning.plan import Around, Comparison, Group, NamedTrap, Phase, Plan, PlannedJob, Row, Totals
from migrator.planning.score import NOTHING, Hours
from migrator.rules.evidence import Evidence
from migrator.systems import CAPABILITIES, SYSTEMS
from migrator.systems.known import known_system
from migrator.systems.traps import all_traps

#: kinds of items that a move changes beside the jobs
_AROUND = ("enqueue", "schedule", "worker", "client", "endpoint", "dependency", "setting")
#: reasons that a comparison names of one target
_REASONS = 3


def make_plan(evidence: Evidence, target: str, *, sources: Sequence[str] = (), assumptions: Sequence[Assumption] = ()) -> Plan:
    """The plan that moves the jobs of an application to `target`: those of `sources`, of all other systems if none is named.

    Raises:
        MigratorError: a system that we do not know, or one that is source and target; an assumption about what is not there.
    """
    return _Planner(evidence, [target], sources, assumptions).plan(target)


def compare(
    evidence: Evidence, targets: Sequence[str], *, sources: Sequence[str] = (), assumptions: Sequence[Assumption] = ()
) -> Comparison:
    """The same jobs on each of `targets`.

    Raises:
        MigratorError: as `make_plan`.
    """
    targets = list(dict.fromkeys(targets))
    planner = _Planner(evidence, targets, sources, assumptions)
    plans = [planner.plan(target) for target in targets]
    return Comparison(
        root=evidence.inventory.root,
        sources=planner.counted(planner.jobs),
        assumptions=tuple(assumptions),
        rows=tuple(Row(p.target, p.rewrites, p.totals, p.there, _reasons(p)) for p in plans),
    )


def known_target(name: str) -> None:
    """Refuse what no plan can be made for.

    Raises:
        MigratorError: no such system, or one of which nobody has written down what it can do.
    """
    known_system(name)
    if not SYSTEMS[name].capabilities:
        told = ", ".join(sorted(n for n, s in SYSTEMS.items() if s.capabilities))
        raise MigratorError("nothing is known of what it can do, so no plan can be made", place=name, remedy=f"Possible targets: {told}.")


class _Planner:
    """What is the same for every target is found out once."""

    def __init__(self, evidence: Evidence, targets: Sequence[str], sources: Sequence[str], assumptions: Sequence[Assumption]) -> None:
        for source in sources:
            known_system(source)
        for target in targets:
            known_target(target)
        both = set(targets) & set(sources)
        if both:
            raise MigratorError("is where the jobs come from and where they go", place=min(both), remedy="Give two systems.")
        self.root, self.assumptions = evidence.root, assumptions
        self.application = Application(evidence)
        self.jobs = [job for job in self.application.jobs if not sources or job.system in sources]
        self.profiles = {id(job): profile(self.application, job) for job in self.jobs}
        require_used(assumptions, sizes_of(self.profiles))
        self._dry: dict[tuple[str, str], Dry | None] = {}

    def plan(self, target: str) -> Plan:
        """The plan for one target."""
        jobs = [job for job in self.jobs if job.system != target]
        assessed = [
            assess(self.application, self.profiles[id(job)], target, self._rewrite(job.system, target), self.assumptions) for job in jobs
        ]
        ids = _ids(jobs)
        started = _started(self.application, jobs)
        ranked = [
            Ranked(a.way, a.band, a.difficulty.points, a.risk.points, a.confidence, started[n], ids[n]) for n, a in enumerate(assessed)
        ]
        found = ties(self.application, jobs)
        phases = _phases(ids, assessed, ranked, found)
        place = {job: (phase.number, group.number) for phase in phases for group in phase.groups for job in group.jobs}
        planned = [_planned(jobs[n], ids, n, assessed[n], started[n], place[ids[n]]) for n in range(len(jobs))]
        planned.sort(key=lambda job: (job.phase, job.group, job.id))
        return Plan(
            root=self.application.inventory.root,
            target=target,
            sources=self.counted(jobs),
            there=len(self.jobs) - len(jobs),
            rewrites=tuple(sorted({job.system for job in jobs if self._rewrite(job.system, target) is not None})),
            assumptions=tuple(self.assumptions),
            totals=_totals(assessed),
            phases=phases,
            jobs=tuple(planned),
            traps=_named(planned, self._application_traps(jobs, target)),
            around=self._around(jobs, target),
        )

    def counted(self, jobs: Sequence[Job]) -> dict[str, int]:
        """system -> number of jobs."""
        return dict(sorted(Counter(job.system for job in jobs).items()))

    def _rewrite(self, source: str, target: str) -> Dry | None:
        if (source, target) not in self._dry:
            self._dry[(source, target)] = expected(self.application.inventory, self.root, source, target)
        return self._dry[(source, target)]

    def _application_traps(self, jobs: Sequence[Job], target: str) -> tuple[str, ...]:
        systems = sorted({job.system for job in jobs})
        return tuple(sorted({trap.id for system in systems for trap in general_traps(system, target, scope="application")}))

    def _around(self, jobs: Sequence[Job], target: str) -> Around:
        inventory, systems = self.application.inventory, {job.system for job in jobs}
        kinds = Counter(item.kind for item in inventory.production if item.system in systems)
        notes = [note for system in sorted(systems) if (dry := self._rewrite(system, target)) is not None for note in dry.notes]
        strangers = {
            item.location
            for (_, end), items in self.application.picture.edges.items()
            if self.application.picture.nodes[end].kind == "missing"
            for item in items
            if isinstance(item, Enqueue) and item.system in systems
        }
        loose = [u for u in inventory.unresolved if not u.system or u.system in systems]
        return Around(
            items={kind: kinds[kind] for kind in _AROUND if kinds[kind]},
            traps=self._application_traps(jobs, target),
            notes=tuple(notes),
            loose=len(loose),
            strangers=len(strangers),
        )


def _ids(jobs: Sequence[Job]) -> list[str]:
    """A name for each job that no other has: with the path behind it where needed, and the line where that is not enough."""
    names = [f"{job.system}:{job.name or job.symbol or 'unnamed'}" for job in jobs]
    with_path = [f"{name}@{job.location.path}" for name, job in zip(names, jobs, strict=True)]
    with_line = [f"{name}:{job.location.line}" for name, job in zip(with_path, jobs, strict=True)]
    with_column = [f"{name}:{job.location.column}" for name, job in zip(with_line, jobs, strict=True)]
    forms = (names, with_path, with_line, with_column)
    counts = [Counter(form) for form in forms]
    return [
        next((form[n] for form, count in zip(forms, counts, strict=True) if count[form[n]] == 1), f"{with_column[n]}#{n}")
        for n in range(len(jobs))
    ]


def _started(application: Application, jobs: Sequence[Job]) -> list[tuple[int, ...]]:
    number = {id(job): n for n, job in enumerate(jobs)}
    return [tuple(number[id(other)] for other in application.starts(job) if id(other) in number) for job in jobs]


def _phases(ids: Sequence[str], assessed: Sequence[Assessment], ranked: Sequence[Ranked], found: Sequence[Tie]) -> tuple[Phase, ...]:
    phases: list[Phase] = []
    number = 0
    for stage, members in ordered(ranked, groups(len(ids), found)).items():
        inside: list[Group] = []
        for group in members:
            number += 1
            why = tuple(dict.fromkeys(tie.why for tie in found if set(tie.jobs) <= set(group)))
            inside.append(Group(number, tuple(ids[n] for n in group), why, _sum([assessed[n].effort for n in group])))
        title, what = STAGES[stage]
        jobs = sum(len(group.jobs) for group in inside)
        phases.append(Phase(len(phases) + 1, stage, title, what, tuple(inside), jobs, _sum([g.effort for g in inside])))
    return tuple(phases)


def _planned(job: Job, ids: Sequence[str], n: int, a: Assessment, started: Sequence[int], place: tuple[int, int]) -> PlannedJob:
    return PlannedJob(
        id=ids[n],
        name=job.name or job.symbol,
        system=job.system,
        language=job.language,
        module=job.module,
        symbol=job.symbol,
        path=job.location.path,
        line=job.location.line,
        way=a.way,
        band=a.band,
        difficulty=a.difficulty,
        risk=a.risk,
        confidence=a.confidence,
        review=a.confidence < weights.REVIEW,
        effort=a.effort,
        blockers=a.blockers,
        features=a.features,
        limits=a.limits,
        traps=a.traps,
        rewrite=a.rewrite,
        starts=tuple(ids[other] for other in started),
        phase=place[0],
        group=place[1],
    )


def _totals(assessed: Sequence[Assessment]) -> Totals:
    ways, bands = Counter(a.way for a in assessed), Counter(a.band for a in assessed if a.way != "idle")
    return Totals(
        jobs=len(assessed),
        ways={way: ways[way] for way in WAYS},
        bands={band: bands[band] for band in weights.BANDS},
        review=sum(a.confidence < weights.REVIEW for a in assessed),
        effort=_sum([a.effort for a in assessed]),
        basis=weights.BASIS,
        known=sum(a.known for a in assessed),
        needed=sum(a.needed for a in assessed),
    )


def _sum(parts: Sequence[Hours]) -> Hours:
    return sum(parts, NOTHING)


def _named(planned: Sequence[PlannedJob], application: Sequence[str]) -> dict[str, NamedTrap]:
    met = Counter(trap for job in planned for trap in job.traps)
    wanted = {*met, *application}
    return {i: NamedTrap(t.title, t.handling, t.explanation, met[i]) for i, t in all_traps().items() if i in wanted}


def _reasons(plan: Plan) -> tuple[str, ...]:
    """What most jobs lack on the target, then what most have to do otherwise."""
    foreign = sum(any(b.startswith(FOREIGN) for b in job.blockers) for job in plan.jobs)
    lacking = Counter(f.usage.capability for job in plan.jobs for f in job.features if f.cost == "blocked")
    beyond = Counter(use.title for job in plan.jobs for use in job.limits if use.exceeded)
    otherwise = Counter(f.usage.capability for job in plan.jobs for f in job.features if f.cost == "redesigned" and not f.usage.doubt)
    said = [f"is not for code in this language ({foreign})"] if foreign else []
    said += [f"{_title(c)} is missing ({n})" for c, n in lacking.most_common()]
    said += [f"{title}: over its limit ({n})" for title, n in beyond.most_common()]
    said += [f"{_title(c)} is another design ({n})" for c, n in otherwise.most_common()]
    return tuple(said[:_REASONS])


def _title(capability: str) -> str:
    return CAPABILITIES[capability].title
