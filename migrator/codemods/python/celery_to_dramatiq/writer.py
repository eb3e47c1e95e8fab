"""`migrate codemod --from celery --to dramatiq`: read everything, decide, and say what changes. Nothing here touches a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from migrator.codemods.changes import ChangeSet, Edit
from migrator.codemods.edits import apply_edits
from migrator.codemods.python.blank_lines import close_gaps
from migrator.codemods.python.celery_to_dramatiq.agreement import Agreement, agree
from migrator.codemods.python.celery_to_dramatiq.application import (
    Construction,
    Preparation,
    dismantle,
    find_application,
    loaded_by,
    read_preparation,
)
from migrator.codemods.python.celery_to_dramatiq.broker import Broker, find_broker
from migrator.codemods.python.celery_to_dramatiq.crosscheck import crosscheck
from migrator.codemods.python.celery_to_dramatiq.decisions import Outcome, decide_all
from migrator.codemods.python.celery_to_dramatiq.dynamic import unknown_sends
from migrator.codemods.python.celery_to_dramatiq.generated import (
    APP,
    SCHEDULER,
    WORKER,
    CeleryName,
    Generated,
    Place,
    place_of,
    write_app,
    write_scheduler,
    write_worker,
)
from migrator.codemods.python.celery_to_dramatiq.leftovers import commands_left
from migrator.codemods.python.celery_to_dramatiq.local_names import LocalNames
from migrator.codemods.python.celery_to_dramatiq.plan import Change, Helper, Problem
from migrator.codemods.python.celery_to_dramatiq.requirements import Requirement, rewrite_requirement
from migrator.codemods.python.celery_to_dramatiq.retired import retire_settings
from migrator.codemods.python.celery_to_dramatiq.routes import read_routes
from migrator.codemods.python.celery_to_dramatiq.schedules import Recurring, ScheduledUse
from migrator.codemods.python.celery_to_dramatiq.settings import HARMLESS_METHODS, STARTING_METHODS, read_settings
from migrator.codemods.python.celery_to_dramatiq.survey import Loose, Survey, Surveyor
from migrator.codemods.python.celery_to_dramatiq.tasks import Application
from migrator.codemods.python.celery_to_dramatiq.workers import Processes, Start, rewrite_start, time_limited
from migrator.codemods.python.imports import Imported, Piece, add_imports, drop_unused, imported_names, remove_names, whole_lines
from migrator.codemods.python.markers import distinct, marker
from migrator.codemods.python.mentions import mentions
from migrator.codemods.python.names import Names
from migrator.codemods.python.tree import CodeTree
from migrator.errors import MigratorError
from migrator.jobs import Dependency, Inventory, Job, Location, Span, Worker, literal_of
from migrator.syntax.source import Source, parse
from migrator.syntax.tree import field as child
from migrator.systems.celery import MODULES, PLUGINS
from migrator.systems.celery_settings import bearing

SOURCE, TARGET = "celery", "dramatiq"


def rewrite(inventory: Inventory, root: Path, *, unsafe: bool) -> ChangeSet:
    """The change that moves the Celery jobs below `root` to Dramatiq. With `unsafe`, also what depends on more than the code shows."""
    if not any(item.system == SOURCE for item in inventory.items):
        return ChangeSet(source=SOURCE, target=TARGET)
    changes = _Rewrite(inventory, CodeTree(root), unsafe=unsafe).run()
    fault = _fault(root, changes)
    if fault is None:
        return changes
    return _Rewrite(inventory, CodeTree(root), unsafe=unsafe, fault=fault).run()


def _fault(root: Path, changes: ChangeSet) -> Problem | None:
    """Where the edits of a change contradict each other or spoil a file: then nothing may be rewritten at all."""
    for path, edits in changes.by_file().items():
        data = (root / path).read_bytes()
        where = next((Location(path, 1, 0, 1, e.span) for e in edits), None)
        if where is None:
            continue
        try:
            after = apply_edits(data, edits)
        except MigratorError as error:
            return Problem("MIG156", f"the rewrite contradicts itself in {path}: {error.cause}", where)
        if path.endswith(".py") and not parse(path, data).gaps and parse(path, after).gaps:
            return Problem("MIG156", f"the rewrite would spoil {path}", where)
    return None


class _Rewrite:
    def __init__(self, inventory: Inventory, tree: CodeTree, *, unsafe: bool, fault: Problem | None = None) -> None:
        self.inventory, self.tree, self.unsafe, self.fault = inventory, tree, unsafe, fault
        self.names = Names(tree, (*MODULES, "dramatiq", "apscheduler"))
        self.edits: list[Edit] = []

    def run(self) -> ChangeSet:
        """Read, decide, write."""
        self._rebase()
        found = find_application(self.tree, self.names)
        if not isinstance(found, Construction):
            return self._untouched(found)
        place = place_of(self.tree, found.app.path)
        local = LocalNames(self.tree, place.dotted(APP))
        application, preparation, broker = self._read(found, local)
        surveyor = Surveyor(application, self.inventory.of(Job, SOURCE))
        surveyor.survey.everywhere += [*application.settings.problems, *application.router.problems, *preparation.problems]
        surveyor.survey.everywhere += [self.fault] if self.fault is not None else []
        surveyor.survey.everywhere += [broker] if isinstance(broker, Problem) else []
        surveyor.survey.everywhere += self._plugins()
        surveyor.survey.everywhere += unknown_sends(self.tree, self.inventory)
        survey = surveyor.run()
        crosscheck(self.tree, self.inventory, survey)
        agreement = agree(survey, unsafe=self.unsafe)
        outcome = self._write(found, application, place, local, survey, agreement, broker)
        self._tidy()
        if outcome.complete and agreement.moving:
            read = {(w.location.path, w.location.line) for w in self.inventory.of(Worker, SOURCE)}
            survey.loose += [Loose(problem, "celery") for problem in commands_left(self.tree, read)]
        decisions = decide_all(self.tree, self.inventory, application, survey, agreement, outcome, unsafe=self.unsafe)
        self._mark(decisions.markers)
        return ChangeSet(
            source=SOURCE,
            target=TARGET,
            edits=tuple(dict.fromkeys(e for e in self.edits if e.path not in outcome.removed)),
            new_files=outcome.new_files,
            removed_files=tuple(outcome.removed),
            decisions=tuple(decisions.made),
            notes=tuple(_notes(place, outcome)) if agreement.moving else (),
        )

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self, found: Construction, local: LocalNames) -> tuple[Application, Preparation, Broker | Problem]:
        uses = [
            m
            for path in self.tree.containing(found.app.name.encode())
            for m in mentions(self.names, self.tree.source(path), lambda origin: origin == found.app)
        ]
        settings = read_settings(self.tree, self.names, found.app, found.call, uses)
        settings.understood.append((found.app.path, Span(found.call.start_byte, found.call.end_byte)))
        preparation = read_preparation(self.tree, found, settings)
        broker = find_broker(self.tree, settings, self.inventory, found.source.location(found.call))
        if settings.django and not preparation.django_settings:
            where = found.source.location(found.call)
            settings.problems.append(Problem("MIG156", "the application does not say which Django settings it uses", where))
        if isinstance(broker, Broker):
            broker.preparation = preparation.lines
            broker.imports += [line for line in preparation.imports if line not in broker.imports]
        router = read_routes(settings)
        return Application(self.tree, self.names, local, found.app, settings, router, self.unsafe), preparation, broker

    def _rebase(self) -> None:
        """Workers say how modules are imported: `-A src.shop.app` means that `src` is part of the name."""
        for worker in self.inventory.of(Worker, SOURCE):
            named = literal_of(worker.options.get("app"))
            module = named.partition(":")[0] if isinstance(named, str) else ""
            for tail in (
                f"{module.replace('.', '/')}.py",
                f"{module.replace('.', '/')}/__init__.py",
                f"{module.replace('.', '/')}/celery.py",
            ):
                found = [p for p in self.tree.python if module and (p == tail or p.endswith(f"/{tail}"))]
                if len(found) == 1:
                    self.tree.base = found[0][: -len(tail)].rstrip("/")
                    return

    def _plugins(self) -> Iterator[Problem]:
        """What acts on all tasks without a trace in the code: packages, and time limits on a worker's command line."""
        for dependency in self.inventory.of(Dependency):
            if dependency.name.lower().replace("_", "-") in PLUGINS:
                yield Problem("MIG158", f"`{dependency.name}` acts on every job", dependency.location)
        for worker in self.inventory.of(Worker, SOURCE):
            if not worker.location.path.endswith(".py") and time_limited(self.tree, worker):
                yield Problem("MIG105", "a worker's command line limits the time of every job", worker.location)

    def _untouched(self, problem: Problem | None) -> ChangeSet:
        from migrator.codemods.python.celery_to_dramatiq.decisions import leave_all

        made, markers = leave_all(self.inventory, problem)
        self._mark(markers)
        return ChangeSet(source=SOURCE, target=TARGET, edits=tuple(self.edits), decisions=tuple(made))

    # -- writing ------------------------------------------------------------------------------------------------------

    def _write(
        self,
        found: Construction,
        application: Application,
        place: Place,
        local: LocalNames,
        survey: Survey,
        agreement: Agreement,
        broker: Broker | Problem,
    ) -> Outcome:
        moving = [survey.tasks[key] for key in survey.tasks if key in agreement.moving]
        _drop_empty_functions(self.tree, survey, agreement)
        changes = [(t.change, t.actor) for t in moving]
        changes += [(u.change, survey.tasks[u.jobs[0]].actor if len(u.jobs) == 1 else "") for u in survey.uses if agreement.moves(u)]
        outcome = Outcome(complete=self._complete(found, application, survey, agreement))
        if not moving or isinstance(broker, Problem):
            return outcome
        scheduled = [u for u in survey.uses if isinstance(u, ScheduledUse) and agreement.moves(u)]
        entries = [(u.recurring, self.tree.module_of(survey.tasks[u.jobs[0]].path), survey.tasks[u.jobs[0]].symbol) for u in scheduled]
        self._modules(found, place, application, broker, changes, moving, [e for e in entries if e[0] is not None], outcome)  # pyright: ignore[reportArgumentType]
        if outcome.blocked:
            return outcome
        pieces: dict[str, list[Piece]] = {}
        for change, group in changes:
            pieces.setdefault(change.path, []).extend(change.pieces)
            self.edits += [Edit(change.path, where, text, group) for where, text in change.pieces]
        if outcome.complete:
            self._dismantle(found, application, survey, broker, pieces, outcome)
        self._imports(found, local, [change for change, _ in changes], pieces, complete=outcome.complete)
        self._processes(place, application, survey, agreement, scheduled, changes, outcome)
        for dependency in self.inventory.of(Dependency, SOURCE):
            self._requirement(dependency, broker.kind, outcome, scheduled=bool(scheduled))
        return outcome

    def _complete(self, found: Construction, application: Application, survey: Survey, agreement: Agreement) -> bool:
        """True if nothing of Celery is left once everything that moves has moved."""
        if survey.stuck or survey.loose or survey.everywhere or len(agreement.moving) < len(survey.tasks) or not survey.tasks:
            return False
        moved = [t.change for t in survey.tasks.values()] + [u.change for u in survey.uses if agreement.moves(u)]

        def done(path: str, where: Span) -> bool:
            understood = any(p == path and s.start <= where.start and where.end <= s.end for p, s in application.settings.understood)
            return understood or any(c.path == path and c.covers(where) for c in moved) or _retired(application, path, where)

        for path in self.tree.containing(*(m.encode() for m in MODULES)):
            source = self.tree.source(path)
            inner = [i for i in imported_names(source) if _package(source, i) in MODULES and i.statement.parent != source.root]
            if inner and path != found.app.path:
                return False
        # A call such as `app.start()` is understood anywhere, but goes only with the application's own module.
        own = (found.app.path, place_of(self.tree, found.app.path).path(WORKER))
        calls = [m for m in survey.app_mentions if m.attribute_name in HARMLESS_METHODS - STARTING_METHODS and m.method_call is not None]
        if any(m.source.path not in own for m in calls):
            return False
        mentioned = [*survey.app_mentions, *survey.api_mentions]
        return all(m.imported or done(m.source.path, m.span) for m in mentioned) and found.source.gaps == ()

    def _modules(
        self,
        found: Construction,
        place: Place,
        application: Application,
        broker: Broker,
        changes: list[tuple[Change, str]],
        moving: list[object],
        entries: list[tuple[Recurring, str, str]],
        outcome: Outcome,
    ) -> None:
        from migrator.codemods.python.celery_to_dramatiq.plan import Task

        tasks = [t for t in moving if isinstance(t, Task)]
        helpers: set[Helper] = {helper for change, _ in changes for helper in change.helpers}
        outcome.queues = {t.queue for t in tasks} | {q for change, _ in changes for q in change.queues}
        extra = outcome.queues - {t.queue for t in tasks}
        django = application.settings.django
        modules = {self.tree.module_of(t.path) for t in tasks if not t.area}
        modules |= loaded_by(self.tree, found) if outcome.complete else set()
        zone = application.settings.value("timezone", default="UTC")
        celery = None if outcome.complete else CeleryName(self.tree.module_of(application.app.path), application.app.name)
        made: list[Generated] = [
            write_app(self.tree, place, broker, helpers, extra, django=django),
            write_worker(self.tree, place, modules, django=django, celery=celery),
            write_scheduler(self.tree, place, entries, zone if isinstance(zone, str) and zone else "UTC", django=django),
        ]
        outcome.blocked = next((g.problem for g in made if g.problem), "")
        if not outcome.blocked:
            for generated in made:
                outcome.new_files.update(generated.new)
                self.edits += [Edit(path, where, text) for path, where, text in generated.edits]

    def _dismantle(
        self,
        found: Construction,
        application: Application,
        survey: Survey,
        broker: Broker,
        pieces: dict[str, list[Piece]],
        outcome: Outcome,
    ) -> None:
        outcome.removed, edits = dismantle(self.tree, found, application.settings, survey.app_mentions, broker.preparation)
        retired, kept = retire_settings(self.tree, application.settings, broker, outcome.removed)
        outcome.kept_settings = kept
        # What lies within something that goes need not be taken out of it first.
        gone = [(path, where) for path, where, text in [*edits, *retired] if not text]
        self.edits = [e for e in self.edits if not any(_inside(e.path, e.span, p, s) for p, s in gone)]
        for path, where, text in [*edits, *retired]:
            pieces[path] = [p for p in pieces.get(path, []) if not _inside(path, p[0], path, where)]
            pieces[path].append((where, text))
            self.edits.append(Edit(path, where, text))
        for path, where, text in self._celery_imports(outcome.removed):
            pieces.setdefault(path, []).append((where, text))
            self.edits.append(Edit(path, where, text))

    def _celery_imports(self, removed: list[str]) -> Iterator[tuple[str, Span, str]]:
        """Every import of Celery's that is left, used before or not: the package will not be installed any more."""
        for path in self.tree.containing(*(m.encode() for m in MODULES)):
            source = self.tree.source(path)
            if path not in removed:
                parts = [i for i in imported_names(source) if _package(source, i) in MODULES]
                yield from ((path, where, text) for where, text in remove_names(source, parts))

    def _imports(
        self, found: Construction, local: LocalNames, changes: list[Change], pieces: dict[str, list[Piece]], *, complete: bool
    ) -> None:
        """New import lines and unused old ones, file by file."""
        for path, of_file in pieces.items():
            if not path.endswith(".py"):
                continue
            source = self.tree.source(path)
            here = [c for c in changes if c.path == path]
            lines = self._wanted(local, path, here)
            self.edits += [Edit(path, where, text) for where, text in add_imports(source, lines, self._is_own(local, path))]
            gone = [p for p, text in of_file if not text]
            candidates = [
                i
                for i in imported_names(source)
                if not any(p.start <= i.statement.start_byte < p.end for p in gone)
                and not (complete and _package(source, i) in MODULES)
                and self._may_go(found, source, i, complete=complete)
            ]
            self.edits += [Edit(path, where, text) for where, text in drop_unused(source, of_file, candidates)]

    def _is_own(self, local: LocalNames, path: str) -> Callable[[str], bool]:
        """A test for modules of the project, as the file `path` sees them."""
        return lambda module: module == local.module or bool(self.tree.resolve(path, module))

    def _may_go(self, found: Construction, source: Source, imported: Imported, *, complete: bool) -> bool:
        """True for an import that does nothing but bind a name.

        Loading a module of the project may register jobs that stay; loading the application tells them their broker, unless something
        else surely does.
        """
        module = child(imported.statement, "module_name")
        dotted = source.text(module if module is not None else imported.part).split(" as ")[0]
        if not dotted.startswith(".") and not self.tree.resolve(source.path, dotted):
            return True
        if found.app not in self.names.lookup(source, imported.name, source.root) or complete:
            return False
        above = [f"{folder}/__init__.py" for folder in PurePosixPath(source.path).parents if str(folder) != "."]
        return any(
            found.app in self.names.lookup(self.tree.source(path), i.name, self.tree.source(path).root)
            for path in above
            if path in self.tree and path != source.path
            for i in imported_names(self.tree.source(path))
        )

    def _wanted(self, local: LocalNames, path: str, changes: list[Change]) -> list[str]:
        lines: list[str] = []
        bound = self.tree.bindings(path).module
        if any(c.dramatiq for c in changes) and "dramatiq" not in bound:
            lines.append("import dramatiq")
        if any(c.logging for c in changes) and "logging" not in bound:
            lines.append("import logging")
        helpers = sorted({h for c in changes for h in c.helpers})
        missing = [(h, local.name(path, h)) for h in helpers if not local.imported(path, h)]
        if missing:
            parts = [helper if helper == name else f"{helper} as {name}" for helper, name in missing]
            lines.append(f"from {local.module} import {', '.join(parts)}")
        elif any(c.defines for c in changes) and not local.imports_module(path) and not helpers:
            lines.append(f"import {local.module}  # noqa: F401")
        return lines

    def _processes(
        self,
        place: Place,
        application: Application,
        survey: Survey,
        agreement: Agreement,
        scheduled: list[ScheduledUse],
        changes: list[tuple[Change, str]],
        outcome: Outcome,
    ) -> None:
        del changes
        staying = any(isinstance(u, ScheduledUse) and not agreement.moves(u) for u in survey.uses)
        hidden = any(x.problem.trap == "MIG142" for x in survey.loose)
        processes = Processes(
            worker=place.dotted(WORKER),
            scheduler=place.dotted(SCHEDULER),
            scheduled=bool(scheduled),
            queues=outcome.queues,
            queue=application.router.named,
            default=[application.router.named(queue) for queue in application.router.consumed],
            renewed=any(bearing(e.key) == "renewal" for e in application.settings.entries),
            concurrency=application.settings.value("worker_concurrency"),
            complete=outcome.complete,
            unsafe=self.unsafe,
            remaining=staying or hidden or bool(survey.stuck),
        )
        for worker in self.inventory.of(Worker, SOURCE):
            start = rewrite_start(self.tree, worker, processes)
            binding = [p for p in start.problems if not (p.unsafe and self.unsafe)]
            outcome.starts.append(start)
            if not binding:
                self.edits += [Edit(worker.location.path, where, text) for where, text in start.pieces]

    def _requirement(self, dependency: Dependency, kind: str, outcome: Outcome, *, scheduled: bool) -> None:
        requirement: Requirement = rewrite_requirement(self.tree, dependency, kind, complete=outcome.complete, scheduled=scheduled)
        outcome.requirements.append(requirement)
        self.edits += [Edit(dependency.location.path, where, text) for where, text in requirement.pieces]

    def _tidy(self) -> None:
        """Where statements went, the blank lines around them come together."""
        for path in {e.path for e in self.edits if e.path.endswith(".py") and not e.text}:
            mine = [e for e in self.edits if e.path == path]
            deleted = [e.span for e in mine if not e.text]
            inserted = [e.span.start for e in mine if e.span.start == e.span.end]
            self.edits += [Edit(path, where, "") for where in close_gaps(self.tree.data(path), deleted, inserted)]

    def _mark(self, problems: list[Problem]) -> None:
        found: list[tuple[str, Span, str]] = []
        for problem in problems:
            made = marker(self.tree, problem.location, problem.trap, problem.reason)
            if made is not None:
                found.append((problem.location.path, *made))
        self.edits += [Edit(path, where, text) for path, where, text in distinct(found)]


def _package(source: Source, imported: Imported) -> str:
    """The package that an import statement takes a name from; empty for a relative import."""
    module = child(imported.statement, "module_name")
    return source.text(module if module is not None else imported.part).split(" as ")[0].split(".")[0]


def _drop_empty_functions(tree: CodeTree, survey: Survey, agreement: Agreement) -> None:
    """A set-up function all of whose schedules move goes as a whole."""
    by_function: dict[tuple[str, int], list[ScheduledUse]] = {}
    for use in survey.uses:
        if isinstance(use, ScheduledUse) and use.function is not None and use.alone:
            by_function.setdefault((use.location.path, use.function.start_byte), []).append(use)
    for (path, _), uses in by_function.items():
        function = uses[0].function
        where = whole_lines(tree.source(path), function) if function is not None else None
        if where is not None and all(agreement.moves(use) for use in uses):
            for use in uses:
                use.change.pieces = []
            uses[0].change.pieces = [(where, "")]


def _retired(application: Application, path: str, where: Span) -> bool:
    """True for text of a setting that goes with Celery."""
    return any(
        e.source.path == path and e.statement.start_byte <= where.start and where.end <= e.statement.end_byte
        for e in application.settings.entries
        if e.key != "broker_url"
    )


def _inside(path: str, inner: Span, other: str, outer: Span) -> bool:
    return path == other and outer.start <= inner.start and inner.end <= outer.end


def _notes(place: Place, outcome: Outcome) -> Iterator[str]:
    """What to do around the deployment, in order."""
    yield "Install what the requirements now name."
    if not any(isinstance(s, Start) and s.pieces for s in outcome.starts):
        queues = " ".join(sorted(outcome.queues))
        yield f"Start a worker: dramatiq {place.dotted(WORKER)} -t 1 -Q {queues}"
    if place.path(SCHEDULER) in outcome.new_files:
        yield f"Run exactly one scheduler: python -m {place.dotted(SCHEDULER)}"
    yield "Deploy what sends jobs and the new workers together; stop the old Celery workers when their queues are empty (MIG161)."
