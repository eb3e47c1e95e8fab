"""Workers that are started as files of the project: a command line tied to the job system of the file that it runs."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterator

from migrator.jobs import Client, Item, Job, Worker
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Project
from migrator.scanners.manifests.launches import Entrypoints
from migrator.systems import SYSTEMS

#: systems that call the application, so that no process of its own works the jobs off
_PUSH = frozenset(("inngest", "qstash", "upstash-workflow", "vercel-cron", "vercel-queue", "netlify", "pg_cron", "trigger.dev"))
#: systems of which only some definitions are worked off by a process; where they are, code says so
_FED = frozenset(("sqs",))
#: how a file or service is called whose imports are worth following
_NAME = regex(r"worker|jobs?\b|queue|consumer|process|cron|schedul|task", re.IGNORECASE)
_REACH = 200


def link_launches(found: Found, project: Project) -> None:
    """Record a worker for each command line that runs a file in which, or in whose imports, jobs are worked off."""
    holders = _holders(found)
    if not holders or not found.launches:
        return
    entrypoints = Entrypoints(project.tree)
    for launch in found.launches:
        path = entrypoints.of(launch)
        if not path or entrypoints.is_alias(launch):
            continue
        named = _NAME.search(launch.service) or _NAME.search(posixpath.basename(path)) or _NAME.search(posixpath.dirname(path))
        system = holders.get(path) or (_reached(project, path, holders) if named else "")
        if system:
            found.items.append(
                Worker(
                    system=system,
                    language=SYSTEMS[system].languages[0],
                    name=posixpath.splitext(posixpath.basename(path))[0],
                    location=launch.location,
                    confidence="certain" if path in holders else "likely",
                    reason="" if path in holders else f"{path} leads to code that works jobs off",
                    area=area_of(launch.path),
                    command=" ".join(launch.words),
                    service=launch.service,
                    entry=launch.location.span,
                )
            )


def _holders(found: Found) -> dict[str, str]:
    """Files that work jobs off themselves -> the system."""
    holders: dict[str, str] = {}
    for item in found.items:
        if item.system in SYSTEMS and item.system not in _PUSH and not item.area and _works(item):
            holders.setdefault(item.location.path, item.system)
    return holders


def _works(item: Item) -> bool:
    """True for what makes a process work jobs off: a worker in code, or a definition of a system without a program of its own."""
    if isinstance(item, Worker):
        return item.location.path.endswith((".py", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"))
    if isinstance(item, Client):
        return item.role == "worker"
    return isinstance(item, Job) and not SYSTEMS[item.system].programs and item.system not in _FED


def _reached(project: Project, start: str, holders: dict[str, str]) -> str:
    """The system of the nearest file that `start` imports and that works jobs off."""
    seen, waiting = {start}, deque([start])
    while waiting and len(seen) < _REACH:
        path = waiting.popleft()
        if path in holders:
            return holders[path]
        fresh = [target for module in _imports(project, path) if (target := project.resolve(path, module)) and target not in seen]
        seen.update(fresh)
        waiting.extend(dict.fromkeys(fresh))
    return ""


def _imports(project: Project, path: str) -> Iterator[str]:
    """The modules that a file imports or passes on, as written."""
    bindings = project.bindings(path)
    yield from (b.module for bound in bindings.module.values() for b in bound if b.kind == "import")
    yield from (e.module for e in bindings.exports().values() if e.module)
    yield from bindings.star_exports()
