"""Timers that the application makes itself and that do a job's work: told by what they do again and again, not by one name alone.

Every program sets timers; only those count that run for as long as the process lives, on a server, and work on rows or put jobs on their
way. What draws, pings, reconnects, counts or forgets is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from migrator.jobs import Confidence, Enqueue, Expression, Job, Literal, Schedule, Trigger, Value, Worker
from migrator.scanners.files import Tree
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, Project
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.prefilter import Marked, containing
from migrator.scanners.reading import View
from migrator.scanners.typescript.custom_timer_evidence import Work, abstract_method, is_server, of_programs, says_job, says_no_job, work_of
from migrator.scanners.typescript.custom_timer_shapes import Recurring, may_recur, recurring
from migrator.scanners.typescript.custom_timer_tables import entries_of
from migrator.scanners.typescript.handlers import handler_at
from migrator.scanners.typescript.job_table_idle import work_by_clock
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES
from migrator.syntax.tree import field as child
from migrator.systems import postgres_table
from migrator.systems.custom_timer import SYSTEM

NAME = SYSTEM.name
#: what is looked for in every file: one with none of these holds no timer
MARKERS = (b"setInterval(", b"setTimeout(", b"while (true)", b"while(true)", b"for (;;)", b"while (!", b"while (this.", b"while (running")
#: shorter intervals are no jobs': seconds
_SHORTEST = 1
#: how many classes deep an abstract runner is followed
_GENERATIONS = 4


def find_timers(marked: Marked, found: Found, project: Project, evaluator: Evaluator, versions: Versions) -> None:
    """Record the timers of the tree that do a job's work and that no other system accounts for."""
    tree = project.tree
    taken = {(t.view.source.path, t.node.start_byte) for t in found.calls["taker"]}
    # A timer that another system accounts for: it takes its messages, or sets its clock.
    taken |= {
        (i.location.path, i.location.span.start)
        for i in found.items
        if i.system == postgres_table.SYSTEM.name or isinstance(i, Job | Worker | Schedule)
    }
    # Where something takes rows out of a job table, the other timers around it look after it.
    taken_from = any(i.system == postgres_table.SYSTEM.name and isinstance(i, Worker) for i in found.items)
    workers: list[Job] = []
    enqueues = {(i.location.path, i.location.span.start) for i in found.items if isinstance(i, Enqueue)}
    tables = _uses_of(found)
    for path in of_programs(marked.having(MARKERS)):
        if not may_recur(tree.read(path)) or not is_server(path, tree.read(path)):
            continue
        with project.glance(path) as source:
            view = View(source, project, evaluator, versions, found)
            for timer in recurring(view):
                work = work_of(view, timer, enqueues)
                touches = _touches(project, work, tables)
                # What looks after a job table is part of that system.
                if any(_stands_in(work, at) for at in taken) or (touches and taken_from):
                    continue
                made = list(_jobs(view, timer, work, tree))
                found.items.extend(made)
                workers += [job for job in made if touches and isinstance(job, Job)]
            source.forget()
    work_by_clock(found, workers)


def _stands_in(work: Work, at: tuple[str, int]) -> bool:
    return any(path == at[0] and start <= at[1] < end for path, start, end in work.reached)


def _uses_of(found: Found) -> re.Pattern[bytes] | None:
    """How code uses the tree's job tables: `prisma.job.`, `update(jobs)`, `UPDATE jobs`, `"jobs"`."""
    names = {name for t in found.tables for name in (t.table, t.symbol.rpartition(":")[2]) if name}
    ways = [re.escape(marker) for marker in found.markers()]
    ways += [rb"(?i:from|into|update|join)\s+[\"`]?%s\b|\(\s*%s\s*[,)]" % (re.escape(n.encode()), re.escape(n.encode())) for n in names]
    return re.compile(b"|".join(sorted(ways))) if ways else None


def _touches(project: Project, work: Work, tables: re.Pattern[bytes] | None) -> bool:
    return tables is not None and any(tables.search(project.data(path), start, end) for path, start, end in work.reached)


def _jobs(view: View, timer: Recurring, work: Work, tree: Tree) -> Iterator[Job | Schedule]:
    interval = _interval(view, timer)
    known = interval.value if isinstance(interval, Literal) else None
    if isinstance(known, int | float) and known < _SHORTEST:
        return
    owner = abstract_method(view, timer, work)
    if owner is not None:
        if timer.debounces:
            return
        yield from _runners(view, owner, tree, interval)
        return
    tabled = list(entries_of(view, timer))
    for each in tabled:
        yield from _tabled(view, each)
    if tabled or not work.signs or says_no_job(timer.name, work):
        return
    telling = says_job(timer.name, view.source.path)
    confidence: Confidence = "likely" if telling else "possible"
    reason = f"a timer of its own ({timer.shape}) that {work.signs[0]}"
    yield _job(view, timer.at, timer.name or timer.shape, timer.shape, interval, confidence, reason, timer)


def _tabled(view: View, entry: Recurring) -> Iterator[Job | Schedule]:
    """An entry of a table is a job and its schedule."""
    interval = _interval(view, entry)
    reason = "an entry of a table of timers"
    job = _job(view, entry.at, entry.name, entry.shape, interval, "likely", reason, entry)
    yield job
    yield Schedule(
        system=NAME,
        language=job.language,
        name=job.name,
        location=job.location,
        confidence="likely",
        reason=reason,
        area=view.area,
        job_name=job.name,
        interval=interval,
        entry=job.definition,
    )


def _interval(view: View, timer: Recurring) -> Value | None:
    """Seconds between two rounds."""
    if timer.pause is None:
        return None
    value = view.value(timer.pause)
    if timer.pause.node.type == "ternary_expression":
        # Shorter after a round that had something to do: neither is the rhythm.
        return Expression(timer.pause.text, 0.001)
    known = value.value if isinstance(value, Literal) else None
    if isinstance(known, int | float):
        return Literal(known / 1000 if known % 1000 else known // 1000)
    return Expression(value.source, 0.001) if isinstance(value, Expression) else None


def _job(
    view: View, at: Node, name: str, shape: str, interval: Value | None, confidence: Confidence, reason: str, timer: Recurring | None = None
) -> Job:
    source = view.source
    return Job(
        system=NAME,
        language=source.language,
        name=name,
        location=source.location(at),
        confidence=confidence,
        reason=reason,
        area=view.area,
        symbol=name,
        module=view.module,
        definition=span(at),
        form=shape,
        handler=handler_at(timer.callback) if timer is not None else None,
        triggers=(Trigger("interval", interval),) if interval is not None else (),
        live=True,
    )


def _runners(view: View, owner: Node, tree: Tree, interval: Value | None) -> Iterator[Job]:
    """Every class that derives from a runner whose work is left to it: a job of its own."""
    names = {_name(view, owner)} - {""}
    seen: set[str] = set()
    for _ in range(_GENERATIONS):
        fresh = names - seen
        seen |= fresh
        needles = [f"extends {name}".encode() for name in fresh]
        for path in containing(tree, of_programs(tree.sizes), needles):
            derived = View(view.project.source(path), view.project, view.evaluator, view.versions, view.found)
            for node in _derived(derived, fresh):
                if node.type == "abstract_class_declaration":
                    names.add(_name(derived, node))
                else:
                    reason = "a class that runs by a timer of the class from which it derives"
                    yield _job(derived, node, _name(derived, node), "runner", interval, "likely", reason)
                    names.add(_name(derived, node))


def _derived(view: View, names: Iterable[str]) -> Iterator[Node]:
    for node in view.source.nodes(*CLASSES):
        bases = (view.source.text(base) for base in base_classes(view.source, node))
        if any(re.sub(r"<.*", "", base, flags=re.DOTALL) in names for base in bases) and _name(view, node):
            yield node


def _name(view: View, node: Node) -> str:
    name = child(node, "name")
    return view.source.text(name) if name is not None else ""
