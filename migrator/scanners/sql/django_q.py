"""Schedules that SQL puts into the table of Django Q: in migrations with `RunSQL` or a cursor, in scripts."""

from __future__ import annotations

from migrator.jobs import Literal, Schedule, Unresolved, Value
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.sql.files import forward, goes_back, history_of
from migrator.scanners.sql.inserts import Row, inserted
from migrator.scanners.sql.row_texts import SCRIPT, written
from migrator.scanners.sql.texts import Text, location_in
from migrator.systems.django_q import DEFAULT_TYPE, INTERVALS, MINUTE, SCHEDULES, SYSTEM, TYPES

NAME = SYSTEM.name
_KEPT = frozenset(("repeats", "next_run", "cluster", "hook", "args", "kwargs"))


def read_django_q(tree: Tree, found: Found) -> None:
    """Record the schedules of SQL files and of SQL in code."""
    texts = [t for t in found.sql if SCHEDULES in t.text]
    files = [path for path in tree.sizes if path.endswith(".sql") and not goes_back(path)]
    texts += [Text(p, forward(tree.read(p).decode("utf-8", "replace"))) for p in files if SCHEDULES.encode() in tree.read(p)]
    for text in texts:
        for row in inserted(text.text, text.offset):
            if row.table == SCHEDULES:
                told = _told(tree, text, row)
                if isinstance(told, Schedule):
                    found.items.append(told)
                else:
                    found.unresolved.append(told)


def _told(tree: Tree, text: Text, row: Row) -> Schedule | Unresolved:
    values = {column: written(tokens, text) for column, tokens in row.values.items()}
    where = location_in(tree, text.path, row.start, row.end)
    kind = TYPES.get(values.get("schedule_type") or "", "") if "schedule_type" in values else DEFAULT_TYPE
    if kind == DEFAULT_TYPE:
        return Unresolved(
            text.path, where.line, "a row of Django Q that runs once, when its `next_run` says", NAME, values.get("func") or ""
        )
    cron, interval, why = _moment(kind, values)
    job = values.get("func") or ""
    reason = why or ("" if job else "the name of the function is only known at run time")
    reason = reason or (SCRIPT if text.language == "sql" and not history_of(text.path) else "")
    return Schedule(
        system=NAME,
        language=text.language,
        name=values.get("name") or job,
        location=where,
        area=area_of(text.path),
        confidence="likely" if reason else "certain",
        reason=reason,
        job_name=job,
        cron=cron,
        interval=interval,
        entry=where.span,
        defined_in="database",
        options={column: Literal(value) for column, value in values.items() if value is not None and column in _KEPT},
    )


def _moment(kind: str, values: dict[str, str | None]) -> tuple[Value | None, Value | None, str]:
    """(cron, interval, why neither) of a row."""
    if kind in INTERVALS:
        return None, Literal(INTERVALS[kind]), ""
    minutes, cron = values.get("minutes") or "", values.get("cron")
    if kind == "MINUTES" and minutes.isdigit():
        return None, Literal(int(minutes) * MINUTE), ""
    if kind == "CRON" and cron:
        return Literal(cron), None, ""
    return None, None, "when it fires is not told by the row"
