"""`migrate codemod --from celery --to dramatiq`: read everything, decide, and say what changes. Nothing here touches a disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from migrator.codemods.changes import ChangeSet, Edit
from migrator.codemods.edits import apply_edits
from migrator.codemods.python.celery_to_dramatiq.agreement import agree
from migrator.codemods.python.celery_to_dramatiq.application import Construction, Preparation, find_application, read_preparation
from migrator.codemods.python.celery_to_dramatiq.broker import Broker, find_broker
from migrator.codemods.python.celery_to_dramatiq.crosscheck import crosscheck
from migrator.codemods.python.celery_to_dramatiq.decisions import decide_all, leave_all
from migrator.codemods.python.celery_to_dramatiq.dynamic import unknown_sends
from migrator.codemods.python.celery_to_dramatiq.generated import APP, place_of
from migrator.codemods.python.celery_to_dramatiq.leftovers import commands_left
from migrator.codemods.python.celery_to_dramatiq.local_names import LocalNames
from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.celery_to_dramatiq.routes import read_routes
from migrator.codemods.python.celery_to_dramatiq.settings import read_settings
from migrator.codemods.python.celery_to_dramatiq.survey import Loose, Surveyor
from migrator.codemods.python.celery_to_dramatiq.tasks import Application
from migrator.codemods.python.celery_to_dramatiq.workers import time_limited
from migrator.codemods.python.celery_to_dramatiq.writing import Writing
from migrator.codemods.python.celery_to_dramatiq.zones import zone_of
from migrator.codemods.python.markers import distinct, marker
from migrator.codemods.python.mentions import mentions
from migrator.codemods.python.names import Names
from migrator.codemods.python.tree import CodeTree
from migrator.errors import MigratorError
from migrator.jobs import Dependency, Inventory, Job, Location, Span, Worker, literal_of
from migrator.syntax.source import parse
from migrator.systems.celery import MODULES, PLUGINS

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
        writing = Writing(self.inventory, found, application, place)
        outcome = writing.write(survey, agreement, broker)
        if outcome.complete and agreement.moving:
            read = {(w.location.path, w.location.line) for w in self.inventory.of(Worker, SOURCE)}
            survey.loose += [Loose(problem, "celery") for problem in commands_left(self.tree, read)]
        decisions = decide_all(self.tree, self.inventory, application, survey, agreement, outcome, unsafe=self.unsafe)
        self._mark(decisions.markers)
        return ChangeSet(
            source=SOURCE,
            target=TARGET,
            edits=tuple(dict.fromkeys(e for e in (*writing.edits, *self.edits) if e.path not in outcome.removed)),
            new_files=outcome.new_files,
            removed_files=tuple(outcome.removed),
            decisions=tuple(decisions.made),
            notes=tuple(writing.notes()) if agreement.moving else (),
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
        zone = zone_of(self.tree, settings, self.inventory.versions.get(SOURCE, ""))
        return Application(self.tree, self.names, local, found.app, settings, zone, router, self.unsafe), preparation, broker

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
                stored = dependency.name.lower().replace("_", "-") == "django-celery-beat"
                reason = "keeps schedules in a database, which may start any job" if stored else "acts on every job"
                trap = "MIG142" if stored else "MIG158"
                yield Problem(trap, f"`{dependency.name}` {reason}", dependency.location, unsafe=stored)
        for worker in self.inventory.of(Worker, SOURCE):
            if not worker.location.path.endswith(".py") and time_limited(self.tree, worker):
                yield Problem("MIG105", "a worker's command line limits the time of every job", worker.location)

    def _untouched(self, problem: Problem | None) -> ChangeSet:
        made, markers = leave_all(self.inventory, problem)
        self._mark(markers)
        return ChangeSet(source=SOURCE, target=TARGET, edits=tuple(self.edits), decisions=tuple(made))

    def _mark(self, problems: list[Problem]) -> None:
        found: list[tuple[str, Span, str]] = []
        for problem in problems:
            made = marker(self.tree, problem.location, problem.trap, problem.reason)
            if made is not None:
                found.append((problem.location.path, *made))
        self.edits += [Edit(path, where, text) for path, where, text in distinct(found)]
