"""From what was agreed to edits: the jobs and their uses, the generated modules, and everything around them."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.codemods.changes import Edit
from migrator.codemods.python.blank_lines import close_gaps
from migrator.codemods.python.celery_to_dramatiq.agreement import Agreement
from migrator.codemods.python.celery_to_dramatiq.application import Construction, dismantle, loaded_by
from migrator.codemods.python.celery_to_dramatiq.broker import Broker
from migrator.codemods.python.celery_to_dramatiq.completeness import nothing_stays
from migrator.codemods.python.celery_to_dramatiq.decisions import Outcome
from migrator.codemods.python.celery_to_dramatiq.file_imports import FileImports
from migrator.codemods.python.celery_to_dramatiq.generated import (
    SCHEDULER,
    WORKER,
    CeleryName,
    Generated,
    Place,
    write_app,
    write_scheduler,
    write_worker,
)
from migrator.codemods.python.celery_to_dramatiq.plan import Change, Helper, Problem, Task
from migrator.codemods.python.celery_to_dramatiq.requirements import rewrite_requirement
from migrator.codemods.python.celery_to_dramatiq.retired import retire_settings
from migrator.codemods.python.celery_to_dramatiq.schedules import Recurring, ScheduledUse
from migrator.codemods.python.celery_to_dramatiq.survey import Survey
from migrator.codemods.python.celery_to_dramatiq.tasks import Application
from migrator.codemods.python.celery_to_dramatiq.workers import Processes, rewrite_start
from migrator.codemods.python.imports import Piece, whole_lines
from migrator.jobs import Dependency, Inventory, Span, Worker
from migrator.systems.celery_settings import bearing

SOURCE = "celery"


class Writing:
    """Collects `edits`. `found` is the Celery application, `place` is where the generated modules go."""

    def __init__(self, inventory: Inventory, found: Construction, application: Application, place: Place) -> None:
        self.inventory, self.found, self.application, self.place = inventory, found, application, place
        self.tree, self.unsafe = application.tree, application.unsafe
        self.edits: list[Edit] = []
        self.pieces: dict[str, list[Piece]] = {}
        self.outcome = Outcome()

    def write(self, survey: Survey, agreement: Agreement, broker: Broker | Problem) -> Outcome:
        """Everything that the agreement comes to."""
        moving = [survey.tasks[key] for key in survey.tasks if key in agreement.moving]
        _drop_empty_functions(self.application, survey, agreement)
        self.outcome.complete = nothing_stays(self.found, self.application, survey, agreement)
        if not moving or isinstance(broker, Problem):
            return self.outcome
        changes = [(t.change, t.actor) for t in moving]
        changes += [(u.change, survey.tasks[u.jobs[0]].actor if len(u.jobs) == 1 else "") for u in survey.uses if agreement.moves(u)]
        scheduled = [u for u in survey.uses if isinstance(u, ScheduledUse) and agreement.moves(u)]
        self._modules(broker, [change for change, _ in changes], moving, [(u, survey.tasks[u.jobs[0]]) for u in scheduled])
        if self.outcome.blocked:
            return self.outcome
        for change, group in changes:
            self.pieces.setdefault(change.path, []).extend(change.pieces)
            self.edits += [Edit(change.path, where, text, group) for where, text in change.pieces]
        imports = FileImports(self.application.names, self.application.local, self.found, complete=self.outcome.complete)
        if self.outcome.complete:
            self._dismantle(survey, broker, imports)
        self._add(imports.edits([change for change, _ in changes], self.pieces))
        self._processes(survey, agreement, scheduled=bool(scheduled))
        self._requirements(broker, scheduled=bool(scheduled))
        self._tidy()
        return self.outcome

    def notes(self) -> Iterator[str]:
        """What to do around the deployment, in order."""
        yield "Install what the requirements now name."
        if not any(start.pieces for start in self.outcome.starts):
            queues = " ".join(sorted(self.outcome.queues))
            yield f"Start a worker: dramatiq {self.place.dotted(WORKER)} -t 1 -Q {queues}"
        if self.place.path(SCHEDULER) in self.outcome.new_files:
            yield f"Run exactly one scheduler: python -m {self.place.dotted(SCHEDULER)}"
        yield "Deploy what sends jobs and the new workers together; stop the old Celery workers when their queues are empty (MIG161)."

    def _add(self, edits: Iterator[tuple[str, Span, str]]) -> None:
        self.edits += [Edit(path, where, text) for path, where, text in edits]

    def _modules(self, broker: Broker, changes: list[Change], moving: list[Task], scheduled: list[tuple[ScheduledUse, Task]]) -> None:
        """The generated modules; one that was changed by hand and would have to grow blocks everything."""
        outcome, settings, place = self.outcome, self.application.settings, self.place
        helpers: set[Helper] = {helper for change in changes for helper in change.helpers}
        outcome.queues = {t.queue for t in moving} | {q for change in changes for q in change.queues}
        modules = {self.tree.module_of(t.path) for t in moving if not t.area}
        modules |= loaded_by(self.tree, self.found) if outcome.complete else set()
        entries: list[tuple[Recurring, str, str]] = [
            (use.recurring, self.tree.module_of(task.path), task.symbol) for use, task in scheduled if use.recurring is not None
        ]
        app = self.application.app
        celery = None if outcome.complete else CeleryName(self.tree.module_of(app.path), app.name)
        made: list[Generated] = [
            write_app(self.tree, place, broker, helpers, outcome.queues - {t.queue for t in moving}, django=settings.django),
            write_worker(self.tree, place, modules, django=settings.django, celery=celery),
            write_scheduler(self.tree, place, entries, self.application.zone.name or "UTC", django=settings.django),
        ]
        outcome.blocked = next((g.problem for g in made if g.problem), "")
        for generated in made if not outcome.blocked else ():
            outcome.new_files.update(generated.new)
            self._add(iter(generated.edits))

    def _dismantle(self, survey: Survey, broker: Broker, imports: FileImports) -> None:
        """The application, its settings and every import of Celery's go."""
        outcome, settings = self.outcome, self.application.settings
        outcome.removed, edits = dismantle(self.tree, self.found, settings, survey.app_mentions, broker.preparation)
        retired, outcome.kept_settings = retire_settings(self.tree, settings, broker, outcome.removed)
        # What lies within something that goes need not be taken out of it first.
        gone = [(path, where) for path, where, text in [*edits, *retired] if not text]
        self.edits = [e for e in self.edits if not any(_inside(e.path, e.span, p, s) for p, s in gone)]
        for path, where, text in [*edits, *retired]:
            self.pieces[path] = [p for p in self.pieces.get(path, []) if not _inside(path, p[0], path, where)]
            self.pieces[path].append((where, text))
            self.edits.append(Edit(path, where, text))
        for path, where, text in imports.celerys(outcome.removed):
            self.pieces.setdefault(path, []).append((where, text))
            self.edits.append(Edit(path, where, text))

    def _processes(self, survey: Survey, agreement: Agreement, *, scheduled: bool) -> None:
        """The command lines of workers and beat."""
        staying = any(isinstance(u, ScheduledUse) and not agreement.moves(u) for u in survey.uses)
        hidden = any(x.problem.trap == "MIG142" for x in survey.loose)
        processes = Processes(
            worker=self.place.dotted(WORKER),
            scheduler=self.place.dotted(SCHEDULER),
            scheduled=scheduled,
            queues=self.outcome.queues,
            queue=self.application.router.named,
            default=[self.application.router.named(queue) for queue in self.application.router.consumed],
            renewed=any(bearing(e.key) == "renewal" for e in self.application.settings.entries),
            concurrency=self.application.settings.value("worker_concurrency"),
            complete=self.outcome.complete,
            unsafe=self.unsafe,
            remaining=staying or hidden or bool(survey.stuck or survey.everywhere),
        )
        for worker in self.inventory.of(Worker, SOURCE):
            start = rewrite_start(self.tree, worker, processes)
            binding = [p for p in start.problems if not (p.unsafe and self.unsafe)]
            self.outcome.starts.append(start)
            if not binding:
                self.edits += [Edit(worker.location.path, where, text) for where, text in start.pieces]

    def _requirements(self, broker: Broker, *, scheduled: bool) -> None:
        """The manifests."""
        for dependency in self.inventory.of(Dependency, SOURCE):
            requirement = rewrite_requirement(self.tree, dependency, broker.kind, complete=self.outcome.complete, scheduled=scheduled)
            self.outcome.requirements.append(requirement)
            self.edits += [Edit(dependency.location.path, where, text) for where, text in requirement.pieces]

    def _tidy(self) -> None:
        """Where statements went, the blank lines around them come together."""
        for path in {e.path for e in self.edits if e.path.endswith(".py") and not e.text}:
            mine = [e for e in self.edits if e.path == path]
            deleted = [e.span for e in mine if not e.text]
            inserted = [e.span.start for e in mine if e.span.start == e.span.end]
            self.edits += [Edit(path, where, "") for where in close_gaps(self.tree.data(path), deleted, inserted)]


def _drop_empty_functions(application: Application, survey: Survey, agreement: Agreement) -> None:
    """A set-up function all of whose schedules move goes as a whole."""
    by_function: dict[tuple[str, int], list[ScheduledUse]] = {}
    for use in survey.uses:
        if isinstance(use, ScheduledUse) and use.function is not None and use.alone:
            by_function.setdefault((use.location.path, use.function.start_byte), []).append(use)
    for (path, _), uses in by_function.items():
        function = uses[0].function
        where = whole_lines(application.tree.source(path), function) if function is not None else None
        if where is not None and all(agreement.moves(use) for use in uses):
            for use in uses:
                use.change.pieces = []
            uses[0].change.pieces = [(where, "")]


def _inside(path: str, inner: Span, other: str, outer: Span) -> bool:
    return path == other and outer.start <= inner.start and inner.end <= outer.end
