"""A decision about every item and reference of the inventory: what became of it, or why it was left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from migrator.codemods.changes import Decision, Safety
from migrator.codemods.python.celery_to_dramatiq.agreement import Agreement
from migrator.codemods.python.celery_to_dramatiq.plan import Problem, Task, Use
from migrator.codemods.python.celery_to_dramatiq.requirements import Requirement
from migrator.codemods.python.celery_to_dramatiq.survey import Survey
from migrator.codemods.python.celery_to_dramatiq.tasks import Application
from migrator.codemods.python.celery_to_dramatiq.workers import Start
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Client, Dependency, Enqueue, Inventory, Item, Job, Location, Reference, Schedule, Setting, Span, Worker
from migrator.systems.celery_settings import bearing

SOURCE = "celery"


@dataclass(slots=True)
class Outcome:
    """What the writing came to. `complete`: nothing of Celery is left; `blocked`: why nothing could be written at all."""

    complete: bool = False
    blocked: str = ""
    new_files: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    kept_settings: set[str] = field(default_factory=set)
    starts: list[Start] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    queues: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Decisions:
    """`markers` are the problems that are to be marked in the code."""

    made: list[Decision] = field(default_factory=list)
    markers: list[Problem] = field(default_factory=list)


def leave_all(inventory: Inventory, problem: Problem | None) -> tuple[list[Decision], list[Problem]]:
    """Where there is no application to speak of, every job is left to a person."""
    made: list[Decision] = []
    markers = [problem] if problem is not None else []
    reason = problem.reason if problem is not None else "no Celery application is made in this code"
    trap = problem.trap if problem is not None else "MIG156"
    for item in inventory.items:
        if item.system != SOURCE:
            continue
        if isinstance(item, Job):
            markers.append(Problem(trap, f"stays on Celery: {reason}", item.location))
        safety: Safety = "manual" if isinstance(item, Job) else "safe"
        summary = f"Stays on Celery: {reason}." if safety == "manual" else "Unchanged: all jobs stay on Celery."
        made.append(
            _decision(item.kind, item.name, item.location, safety, "left", summary, (trap,) if safety == "manual" else (), item.name)
        )
    return made, markers


def decide_all(
    tree: CodeTree,
    inventory: Inventory,
    application: Application,
    survey: Survey,
    agreement: Agreement,
    outcome: Outcome,
    *,
    unsafe: bool,
) -> Decisions:
    """Decisions in the order of the inventory, references after items."""
    if outcome.blocked:
        for key in list(agreement.moving):
            task = survey.tasks[key]
            agreement.reasons[key] = [Problem("MIG156", outcome.blocked, task.location)]
        agreement.moving.clear()
    return _Decider(tree, inventory, application, survey, agreement, outcome, unsafe=unsafe).run()


def _decision(
    kind: str, name: str, where: Location, safety: Safety, outcome: str, summary: str, traps: Iterable[str], group: str
) -> Decision:
    done = "rewritten" if outcome == "rewritten" else "left"
    return Decision(
        kind=kind, name=name, location=where, safety=safety, outcome=done, summary=summary, traps=tuple(sorted(traps)), group=group
    )


class _Decider:
    def __init__(
        self,
        tree: CodeTree,
        inventory: Inventory,
        application: Application,
        survey: Survey,
        agreement: Agreement,
        outcome: Outcome,
        *,
        unsafe: bool,
    ) -> None:
        self.tree, self.inventory, self.application = tree, inventory, application
        self.survey, self.agreement, self.outcome, self.unsafe = survey, agreement, outcome, unsafe
        self.result = Decisions()

    def run(self) -> Decisions:
        """Everything."""
        for item in self.inventory.items:
            if item.system == SOURCE:
                self.result.made.append(self._item(item))
        items = [i for i in self.inventory.items if i.system == SOURCE]
        for reference in self.inventory.references:
            if reference.system in ("celery", "kombu", "billiard") and not any(
                _holds(_extent(i), i.location.path, reference.location) for i in items
            ):
                self.result.made.append(self._reference(reference))
        self._rest(items)
        self._markers()
        return self.result

    # -- items --------------------------------------------------------------------------------------------------------

    def _item(self, item: Item) -> Decision:
        match item:
            case Job():
                return self._job(item)
            case Enqueue() | Schedule():
                return self._sent(item)
            case Worker():
                return self._worker(item)
            case Dependency():
                return self._dependency(item)
            case Setting():
                return self._setting(item)
            case Client() if self.outcome.complete:
                return self._done(item, "Replaced by the broker of the generated module.")
            case _:
                return self._left(item, "Still needed: jobs stay on Celery.")

    def _job(self, job: Job) -> Decision:
        key = f"{job.location.path}:{job.symbol}"
        task = self.survey.tasks.get(key)
        if task is not None and key in self.agreement.moving:
            of_uses = [p for u in self.survey.uses if key in u.jobs for p in u.problems]
            chosen = [p for p in (*task.problems, *of_uses, *self.survey.everywhere) if p.unsafe]
            summary = f"An actor on the queue `{task.queue}`."
            traps = {*task.traps, *(p.trap for p in chosen)}
            return _decision(job.kind, job.name, job.location, "unsafe" if chosen else "safe", "rewritten", summary, traps, job.name)
        reasons = self.agreement.reasons.get(key) or [self.survey.stuck[key][1]]
        return self._stays(job, reasons)

    def _stays(self, item: Item, reasons: list[Problem]) -> Decision:
        only_unsafe = all(p.unsafe for p in reasons)
        binding = [p for p in reasons if not p.unsafe] or reasons
        # What only the scan has seen says least.
        first = next((p for p in binding if p.trap != "MIG129"), binding[0])
        summary = f"Stays on Celery{_place(first.location, item.location)}: {first.reason}."
        if only_unsafe:
            summary += " Moves with --unsafe."
        traps = {p.trap for p in reasons}
        if not only_unsafe:
            self.result.markers.append(Problem(first.trap, summary.rstrip("."), item.location))
        return _decision(item.kind, item.name, item.location, "unsafe" if only_unsafe else "manual", "left", summary, traps, item.name)

    def _sent(self, item: Enqueue | Schedule) -> Decision:
        where = _extent(item)
        use = self._use(item.location.path, where)
        if use is not None:
            return self._of_use(item.kind, item.name, item.location, use)
        loose = next((x for x in self.survey.loose if _holds(where, item.location.path, x.problem.location)), None)
        if loose is not None:
            problem = loose.problem
            return _decision(item.kind, item.name, item.location, "manual", "left", _sentence(problem.reason), (problem.trap,), item.name)
        if item.job and not any(item.job.endswith(f":{t.symbol}") for t in self.survey.tasks.values()):
            return self._left(item, "Unchanged: its job stays on Celery.")
        if any(p.location.path == item.location.path and _holds(where, item.location.path, p.location) for p in self.survey.everywhere):
            return self._left(item, "Unchanged: all jobs stay on Celery.")
        problem = Problem("MIG129", "what it sends cannot be told", item.location)
        self.result.markers.append(problem)
        return _decision(item.kind, item.name, item.location, "manual", "left", _sentence(problem.reason), ("MIG129",), item.name)

    def _of_use(self, kind: str, name: str, where: Location, use: Use) -> Decision:
        group = self.survey.tasks[use.jobs[0]].actor if use.jobs else where.path
        binding = [p for p in use.problems if not (p.unsafe and self.unsafe)]
        if self.agreement.moves(use):
            chosen = {p.trap for p in use.problems}
            return _decision(kind, name, where, "unsafe" if chosen else "safe", "rewritten", use.summary, {*use.traps, *chosen}, group)
        if not binding:
            return _decision(kind, name, where, "safe", "left", "Unchanged: what it uses stays on Celery.", (), group)
        safety: Safety = "unsafe" if all(p.unsafe for p in binding) else "manual"
        return _decision(kind, name, where, safety, "left", _sentence(binding[0].reason), {p.trap for p in binding}, group)

    def _use(self, path: str, where: Span) -> Use | None:
        """The smallest use that shares text with `where`."""
        found = [
            u
            for u in self.survey.uses
            if u.location.path == path and u.location.span.start < where.end and where.start < u.location.span.end
        ]
        return min(found, key=lambda u: u.location.span.end - u.location.span.start, default=None)

    def _worker(self, worker: Worker) -> Decision:
        start = next((s for s in self.outcome.starts if s.worker is worker), None)
        if start is None:
            return self._left(worker, "Unchanged: all jobs stay on Celery.")
        return self._with_problems(worker, start.problems, bool(start.pieces), start.summary, start.traps)

    def _dependency(self, dependency: Dependency) -> Decision:
        requirement = next((r for r in self.outcome.requirements if r.dependency is dependency), None)
        if requirement is None:
            return self._left(dependency, "Unchanged: all jobs stay on Celery.")
        return self._with_problems(dependency, requirement.problems, requirement.rewritten, requirement.summary)

    def _with_problems(self, item: Item, problems: list[Problem], changed: bool, summary: str, told: Collection[str] = ()) -> Decision:
        binding = [p for p in problems if not (p.unsafe and self.unsafe)]
        if binding:
            hard = [p for p in binding if not p.unsafe]
            if hard:
                self.result.markers += hard
            first = (hard or binding)[0]
            safety: Safety = "manual" if hard else "unsafe"
            return _decision(
                item.kind, item.name, item.location, safety, "left", _sentence(first.reason), {p.trap for p in binding}, item.location.path
            )
        if changed:
            chosen = {p.trap for p in problems}
            safety = "unsafe" if chosen else "safe"
            return _decision(item.kind, item.name, item.location, safety, "rewritten", summary, {*chosen, *told}, item.location.path)
        return self._left(item, summary or "Unchanged.")

    def _setting(self, setting: Setting) -> Decision:
        where = _extent(setting)
        entries = [
            e
            for e in self.application.settings.entries
            if e.source.path == setting.location.path and _touch(Span(e.node.start_byte, e.node.end_byte), where)
        ]
        problem = next((p for p in self.survey.everywhere if _holds(where, setting.location.path, p.location)), None)
        if problem is not None:
            self.result.markers.append(problem)
            return _decision(
                setting.kind,
                setting.name,
                setting.location,
                "manual",
                "left",
                _sentence(problem.reason),
                (problem.trap,),
                setting.location.path,
            )
        if any(bearing(e.key) == "tests" for e in entries):
            reason = "jobs that run at once in tests have no counterpart: use Dramatiq's StubBroker there"
            self.result.markers.append(Problem("MIG152", reason, setting.location))
            return _decision(
                setting.kind, setting.name, setting.location, "manual", "left", _sentence(reason), ("MIG152",), setting.location.path
            )
        moved = any(self.agreement.moves(u) and _holds(where, setting.location.path, u.location) for u in self.survey.uses)
        if not self.outcome.complete:
            return self._done(setting, "What moved was taken out.") if moved else self._left(setting, "Still needed: jobs stay on Celery.")
        if (
            setting.location.path.endswith(".py")
            and setting.name not in self.outcome.kept_settings
            and (entries or setting.name == "config_from_object")
        ):
            return self._done(setting, "Nothing reads it any more.")
        return self._left(setting, "Still read, or harmless.")

    def _done(self, item: Item, summary: str) -> Decision:
        return _decision(item.kind, item.name, item.location, "safe", "rewritten", summary, (), item.location.path)

    def _left(self, item: Item, summary: str) -> Decision:
        return _decision(item.kind, item.name, item.location, "safe", "left", summary, (), item.location.path)

    # -- references ---------------------------------------------------------------------------------------------------

    def _reference(self, reference: Reference) -> Decision:
        where = reference.location
        use = self._use(where.path, where.span)
        if use is not None:
            return self._of_use("reference", reference.target, where, use)
        problem = self._problem_at(where)
        if problem is not None:
            return _decision("reference", reference.target, where, "manual", "left", _sentence(problem.reason), (problem.trap,), where.path)
        changed = any(t.path == where.path and t.change.covers(where.span) for t in self._moved()) or (
            self.outcome.complete and where.path in self.outcome.removed
        )
        if changed:
            return _decision("reference", reference.target, where, "safe", "rewritten", "Gone with what used it.", (), where.path)
        if reference.form == "call":
            summary = "Called as a function: it runs at once on either system."
        elif reference.form == "import":
            summary = "An import, kept as far as it is still used."
        else:
            summary = "Follows what it refers to."
        return _decision("reference", reference.target, where, "safe", "left", summary, (), where.path)

    def _problem_at(self, where: Location) -> Problem | None:
        problems = [*(x.problem for x in self.survey.loose), *self.survey.everywhere]
        return next((p for p in problems if p.location.path == where.path and _touch(p.location.span, where.span)), None)

    def _moved(self) -> Iterator[Task]:
        return (self.survey.tasks[key] for key in self.agreement.moving)

    def _rest(self, items: list[Item]) -> None:
        """Problems at places that no item and no reference of the inventory stands for."""
        del items
        for problem in [*(x.problem for x in self.survey.loose), *self.survey.everywhere]:
            where = problem.location
            if not any(
                d.location.path == where.path and d.safety == "manual" and _touch(d.location.span, where.span) for d in self.result.made
            ):
                self.result.made.append(
                    _decision("reference", problem.trap, where, "manual", "left", _sentence(problem.reason), (problem.trap,), where.path)
                )
        for use in self.survey.uses:
            decided = any(d.location.path == use.location.path and _touch(d.location.span, use.location.span) for d in self.result.made)
            if not decided:
                self.result.made.append(self._of_use("reference", use.name, use.location, use))

    def _markers(self) -> None:
        for use in self.survey.uses:
            if not self.agreement.moves(use):
                self.result.markers += [p for p in use.problems if not p.unsafe and use.name != "get_task_logger"]
        self.result.markers += [x.problem for x in self.survey.loose]
        self.result.markers += self.survey.everywhere


def _extent(item: Item) -> Span:
    match item:
        case Job() if item.definition is not None:
            return item.definition
        case Enqueue() if item.call is not None:
            return item.call
        case Schedule() | Setting() if item.entry is not None:
            return item.entry
        case _:
            return item.location.span


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _holds(outer: Span, path: str, inner: Location) -> bool:
    return path == inner.path and outer.start <= inner.span.start and inner.span.end <= outer.end


def _place(where: Location, here: Location) -> str:
    """Where the reason is, unless it is right here."""
    if where.path == here.path and _touch(where.span, here.span):
        return ""
    return f" ({where.path}:{where.line})"


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:].rstrip(".") + "."
