"""From a tree to an inventory: walk, manifests and schemas, then the code round by round (see `rounds`)."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from migrator.jobs import Enqueue, Inventory, Item, Literal, Schedule, Stats
from migrator.scanners import calls_around, own_systems, unread_systems
from migrator.scanners.areas import settle_areas
from migrator.scanners.files import walk
from migrator.scanners.found import Found
from migrator.scanners.invoked import link_invoked
from migrator.scanners.launched import link_launches
from migrator.scanners.manifests import read_manifests
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.pgmq_rpc import hide_wrappers, read_callers
from migrator.scanners.prefilter import containing, marked, passed_over
from migrator.scanners.progress import Progress, unwatched
from migrator.scanners.reading import Reader
from migrator.scanners.registration import settle
from migrator.scanners.registry import FOLDERS, folder_of, readers
from migrator.scanners.rounds import Rounds
from migrator.scanners.sql import drop_history, read_schemas
from migrator.scanners.sql.celery_beat import read_celery_beat
from migrator.scanners.sql.django_q import read_django_q
from migrator.scanners.sql.pg_cron import read_pg_cron
from migrator.scanners.sql.pgmq import read_pgmq
from migrator.scanners.typescript import custom_schedule, custom_timer, deno_kv, packages_around
from migrator.scanners.typescript.decorator_metadata import report_decorator_metadata
from migrator.scanners.workspace import Workspace
from migrator.syntax.source import SUFFIXES
from migrator.systems import postgres_table


def scan(root: Path, *, exclude: Sequence[str] = (), progress: Progress = unwatched, prefilter: bool = True) -> Inventory:
    """Read the tree below `root`, but for what `exclude` names in the patterns of `.gitignore`. Nothing in it is run.

    Raises:
        MigratorError: `root` is not a folder; a pattern is none.
    """
    return read(root, exclude=exclude, progress=progress, prefilter=prefilter)[0]


def read(root: Path, *, exclude: Sequence[str] = (), progress: Progress = unwatched, prefilter: bool = True) -> tuple[Inventory, Workspace]:
    """What `scan` gives, and the code as it was read, for whoever wants to look further.

    Raises:
        MigratorError: as `scan` does.
    """
    started = time.monotonic()
    tree = walk(root, exclude)
    found = Found()
    versions = read_manifests(tree, found)
    read_schemas(tree, found)
    sources = [p for p in tree.sizes if _suffix(p) in SUFFIXES]
    # Grammars and readers of a language that the tree does not have are never loaded.
    installed = {folder: readers(folder) for folder in FOLDERS if any(folder_of(p) == folder for p in sources)}
    packages = {p for listed in installed.values() for r in listed for p in r.packages}
    besides = {folder: set(markers) for folder, markers in unread_systems.MARKERS.items()}
    besides["python"] |= calls_around.MARKERS | own_systems.MARKERS
    besides["typescript"] |= {*custom_timer.MARKERS, *custom_schedule.MARKERS, *packages_around.MARKERS, *deno_kv.MARKERS}
    first = marked(tree, sources, besides)
    workspace = Workspace.of(tree, packages, versions, first.naming_global)
    project, evaluator = workspace.project, workspace.evaluator
    rounds = Rounds(workspace, found, first.readers if prefilter else installed, everything=not prefilter, progress=progress)
    unread = dict.fromkeys(sources)
    rounds.declare(first.declaring)
    # What only may declare a table is read if it does.
    declared = {t.at[0] for t in found.tables} & unread.keys()
    pending = sorted({*first.paths, *declared, *containing(tree, sources, found.markers())}) if prefilter else sources
    while pending:
        for path in pending:
            progress("reading", len(sources) - len(unread), len(sources))
            del unread[path]
            rounds.read(path)
        pending = rounds.following(unread)
    rounds.finish()
    drop_history(found)
    read_celery_beat(tree, found)
    read_django_q(tree, found)
    asked = _asked(installed.keys(), found)
    for reader in asked if found.items or found.views else ():
        if reader.finish:
            reader.finish(found)
    link_invoked(found, project, evaluator, versions)
    custom_timer.find_timers(first, found, project, evaluator, versions)
    custom_schedule.find_schedules(first, found, project, evaluator, versions)
    packages_around.report_packages_around(first, found, project)
    calls_around.report_calls_around(first, found, project, evaluator)
    unread_systems.report_unread_systems(first, found, project)
    own_systems.report_own_systems(first, found, project, evaluator)
    report_decorator_metadata(tree, found, project, evaluator)
    deno_kv.report_deno_kv(first, found, project, evaluator)
    link_launches(found, project)
    settle(found, project)
    read_pg_cron(tree, found, project)
    through = read_pgmq(tree, found)
    read_callers(through, lambda path: workspace.view(path, found), project.data, sources)
    hide_wrappers(found, through)
    found.unresolved.extend(passed_over(tree))
    _drop_strangers(found)
    settle_areas(found, project)
    inventory = Inventory(
        root=str(root),
        items=tuple(sorted(_distinct(found.items), key=lambda item: (_order(item), _queue(item)))),
        references=tuple(sorted(set(found.references), key=lambda r: (r.location.path, r.location.span.start, r.form, r.target))),
        unresolved=tuple(sorted(set(found.unresolved), key=lambda u: (u.path, u.line, u.reason))),
        stats=Stats(
            files_seen=len(tree.sizes),
            files_parsed=project.parsed,
            files_failed=sum(1 for u in found.unresolved if u.reason.startswith("parsed with gaps")),
            bytes_read=project.bytes_read,
            files_skipped={k: len(v) for k, v in tree.skipped.items()},
            seconds=round(time.monotonic() - started, 3),
        ),
        versions=_system_versions(versions, asked),
    )
    return inventory, workspace


def _asked(languages: Collection[str], found: Found) -> tuple[Reader, ...]:
    """Who finishes what was found in a tree with code in these `languages`.

    TypeScript's readers finish for both. Without Python code, Python's are loaded only where a manifest or command names a system of it.
    """
    ours = readers("typescript")
    known = {reader.system for reader in ours}
    of_python = "python" in languages or any(i.language == "python" or i.system not in known for i in found.items)
    return readers() if of_python else ours


def _system_versions(versions: Versions, asked: Iterable[Reader]) -> dict[str, str]:
    """system -> declared version of its main package at the tree's root or in the first manifest that has it."""
    # A system may have several readers, and not each of them has packages of its own.
    found = {r.system: v for r in asked for p in reversed(r.packages) if (v := versions.of("", p))}
    return dict(sorted(found.items()))


def _drop_strangers(found: Found) -> None:
    """Loose ends of a system that nothing else in the tree knows are another library's methods of the same name."""
    present = {i.system for i in found.items} | {r.system for r in found.references}
    if found.tables:
        present.add(postgres_table.SYSTEM.name)
    found.unresolved[:] = [u for u in found.unresolved if not u.system or u.system in present]


def _suffix(path: str) -> str:
    dot = path.rfind(".")
    return path[dot:] if dot > 0 else ""


def _order(item: Item) -> tuple[str, int, int, str, str, str]:
    return (item.location.path, item.location.line, item.location.column, item.kind, item.system, item.name)


def _distinct(items: list[Item]) -> list[Item]:
    """The same thing seen by two rules counts once; the surer one stays. What goes into several queues counts once for each of them."""
    rank = {"certain": 0, "likely": 1, "possible": 2}
    best: dict[tuple[tuple[str, int, int, str, str, str], bytes], Item] = {}
    told = {_order(item) for item in items if _queue(item)}
    for item in items:
        key = (_order(item), _queue(item))
        if not key[1] and key[0] in told:
            continue
        other = best.get(key)
        # Which one was found first depends on the order of reading, so that it must not matter.
        if other is None or (rank[item.confidence], _text(item)) < (rank[other.confidence], _text(other)):
            best[key] = item
    return list(best.values())


def _queue(item: Item) -> bytes:
    """The queue that something is put into; empty where nothing is known of it."""
    queue = item.queue if isinstance(item, Enqueue | Schedule) else None
    return msgspec.json.encode(queue) if isinstance(queue, Literal) else b""


def _text(item: Item) -> bytes:
    return msgspec.json.encode(item)
