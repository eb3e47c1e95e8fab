"""pg_cron in SQL: what is on the schedule at the end of all migrations, and what each schedule runs."""

from __future__ import annotations

import re
from collections import defaultdict

from migrator.jobs import Expression, Literal, Options, Schedule, Unresolved
from migrator.regex import regex
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Project
from migrator.scanners.sql.cron_handlers import Handlers
from migrator.scanners.sql.cron_history import CronHistory, Entry
from migrator.scanners.sql.cron_targets import Target, target_of
from migrator.scanners.sql.texts import COMPUTED, histories, location_in, written_in
from migrator.systems.pg_cron import SYSTEM, interval_of

NAME = SYSTEM.name
_LATER = "in a function of the database that nothing in the tree calls"
_SCRIPT = "in a script that is no migration: whether it was run cannot be told"
#: credentials in the headers of a request
_BEARER = regex(r"(Bearer\s+|apikey['\"]?\s*[:,=]\s*['\"])[^'\"\s|]{6,}", re.IGNORECASE)


def read_pg_cron(tree: Tree, found: Found, project: Project) -> None:
    """Record what the SQL files of the tree, and the SQL in its code, leave on the schedule."""
    handlers = Handlers(tree, found, project)
    known: dict[str, set[str]] = defaultdict(set)
    for group, texts in histories(tree, found.sql, b"cron"):
        history = CronHistory()
        for text in texts:
            history.run(text)
        for entry in history.left():
            area = area_of(entry.source.path)
            # What a script puts on the schedule again is there already; two histories are two databases.
            if group or not entry.name or entry.name not in known[area]:
                known[area].add(entry.name)
                _add(found, handlers, tree, entry, is_script=not group)
        for source, offset, why in history.lost:
            found.unresolved.append(Unresolved(source.path, location_in(tree, source.path, offset, offset).line, why, NAME))
    handlers.record()


def _add(found: Found, handlers: Handlers, tree: Tree, entry: Entry, *, is_script: bool) -> None:
    target = target_of(entry.command) if entry.command is not None else Target()
    interval = interval_of(entry.schedule) if entry.schedule is not None else None
    cron = (
        Literal(entry.schedule)
        if entry.schedule is not None
        else Expression(written_in(tree, entry.source.path, *entry.written).strip("'"))
    )
    options: Options = {}
    if entry.command is not None:
        options["command"] = Literal(masked(entry.command.strip()).replace(COMPUTED, "?"))
    if entry.database:
        options["database"] = Literal(entry.database)
    reason = _LATER if entry.later else _SCRIPT if is_script and entry.source.language == "sql" else ""
    location = location_in(tree, entry.source.path, entry.start, entry.end)
    # A job without a name is called by what it runs.
    name = entry.name or ("" if entry.dynamic else target.name or " ".join((entry.command or "").replace(COMPUTED, "?").split())[:60])
    found.items.append(
        Schedule(
            system=NAME,
            language=entry.source.language,
            name=name,
            location=location,
            area=area_of(entry.source.path),
            confidence="likely" if reason else "certain",
            reason=reason,
            job=handlers.job(target),
            job_name=target.name,
            cron=cron if interval is None else None,
            interval=Literal(interval) if interval is not None else None,
            entry=location.span,
            options=options,
        )
    )


def masked(command: str) -> str:
    """A command without the credentials that it sends along.

    >>> masked("'Authorization', 'Bearer abcdef123'")
    "'Authorization', 'Bearer •••'"
    """
    return _BEARER.sub(r"\1•••", command)
