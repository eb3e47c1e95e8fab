"""Schedules that SQL puts into django-celery-beat's tables: in migrations with `RunSQL` or a cursor, in scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from migrator.jobs import Argument, Expression, Literal, Location, Schedule, Unresolved, Value
from migrator.regex import regex
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.sql.files import forward, goes_back, history_of
from migrator.scanners.sql.inserts import Row, inserted
from migrator.scanners.sql.row_texts import SCRIPT, written
from migrator.scanners.sql.texts import Text, location_in
from migrator.scanners.sql.tokens import Token
from migrator.systems.celery import SYSTEM
from migrator.systems.celery_beat import CRON_FIELDS, PERIODS, TABLES

NAME = SYSTEM.name
_TASKS, _CRONTABS, _INTERVALS = f"{TABLES}periodictask", f"{TABLES}crontabschedule", f"{TABLES}intervalschedule"
_LOADED = "rows of django-celery-beat that COPY loads are not read"
_COPY = regex(rf"^\s*(COPY\s+(?:\w+\.)?{_TASKS}\b)", re.IGNORECASE | re.MULTILINE)
_DELETE = regex(rf"\bdelete\s+from\s+\W?{_TASKS}\W?\s+where\s+\W?name\W?\s*=\s*'([^']+)'", re.IGNORECASE)
_EQUAL = "="


def read_celery_beat(tree: Tree, found: Found) -> None:
    """Record the schedules of SQL files and of SQL in code. What a later migration of the same folder deletes by its name is gone."""
    texts = [t for t in found.sql if TABLES in t.text]
    files = [path for path in tree.sizes if path.endswith(".sql") and not goes_back(path)]
    texts += [Text(p, forward(tree.read(p).decode("utf-8", "replace"))) for p in files if TABLES.encode() in tree.read(p)]
    gone = [(t.path, match[1]) for t in texts for match in _DELETE.finditer(t.text)]
    for text in texts:
        rows = list(inserted(text.text, text.offset))
        for row in rows:
            if row.table == _TASKS:
                schedule = _schedule(tree, text, row, rows)
                if not any(name == schedule.name and _follows(path, text.path) for path, name in gone):
                    found.items.append(schedule)
        for match in _COPY.finditer(text.text):
            line = location_in(tree, text.path, text.offset + match.start(1), text.offset + match.end()).line
            found.unresolved.append(Unresolved(text.path, line, _LOADED, NAME, match[1]))


def _follows(later: str, earlier: str) -> bool:
    """True for a later migration of the same folder; their names begin with their numbers."""
    return later > earlier and later.rpartition("/")[0] == earlier.rpartition("/")[0] and bool(history_of(later))


def _schedule(tree: Tree, text: Text, row: Row, rows: Sequence[Row]) -> Schedule:
    values = {column: written(tokens, text) for column, tokens in row.values.items()}
    cron, interval, why = _moment(text, row, rows)
    where = location_in(tree, text.path, row.start, row.end)
    name = values.get("name") or ""
    task = values.get("task") or ""
    reason = why or ("" if task else "the name of the task is only known at run time")
    reason = reason or (SCRIPT if text.language == "sql" and not history_of(text.path) else "")
    options: dict[str, Value] = {
        column: Literal(value)
        for column, value in values.items()
        if value is not None and column in ("enabled", "queue", "exchange", "routing_key", "priority", "one_off", "expires", "start_time")
    }
    return Schedule(
        system=NAME,
        language=text.language,
        name=name or task,
        location=where,
        area=area_of(text.path),
        confidence="likely" if reason else "certain",
        reason=reason,
        job_name=task,
        cron=cron,
        interval=interval,
        arguments=tuple(_arguments(values, where)),
        entry=where.span,
        defined_in="database",
        options=options,
    )


def _moment(text: Text, row: Row, rows: Sequence[Row]) -> tuple[Value | None, Value | None, str]:
    """(cron, interval, why neither) of a row, by the row that its key means: one of the same text, or one that a condition describes."""
    if row.values.get("crontab_id", ()):
        fields = _referred(text, row.values["crontab_id"], _CRONTABS, rows)
        told = [fields.get(name, "*" if fields else None) for name in CRON_FIELDS]
        if fields and None not in told:
            return Literal(" ".join(str(field).replace(" ", "") for field in told)), None, ""
        return None, None, "the row of the crontab could not be told"
    if row.values.get("interval_id", ()):
        fields = _referred(text, row.values["interval_id"], _INTERVALS, rows)
        every, period = fields.get("every") or "", fields.get("period") or ""
        if every.isdigit() and period in PERIODS:
            return None, Literal(int(every) * PERIODS[period]), ""
        return None, None, "the row of the interval could not be told"
    return None, None, "the schedule is only known at run time"


def _referred(text: Text, key: Sequence[Token], table: str, rows: Sequence[Row]) -> Mapping[str, str | None]:
    """The fields of the row that a key means: `3`, or `(select id from … where minute = '0' and …)`; empty if that cannot be told."""
    words = [t.value for t in key]
    if "select" in words and table in words and "or" not in words:
        begin = words.index("where") + 1 if "where" in words else len(words)
        equal = [i for i in range(begin, len(key)) if key[i].value == _EQUAL and 0 < i < len(key) - 1]
        return {key[i - 1].value: written(key[i + 1 : i + 2], text) for i in equal}
    number = written(key, text)
    known = [{c: written(v, text) for c, v in row.values.items()} for row in rows if row.table == table]
    return next((fields for fields in known if number is not None and fields.get("id") == number), {})


def _arguments(values: Mapping[str, str | None], where: Location) -> Iterator[Argument]:
    for column, star in (("args", "*"), ("kwargs", "**")):
        try:
            given = json.loads(values.get(column) or "null")
        except ValueError:
            yield Argument(Expression(values.get(column) or ""), where.span, star=star)
            continue
        if isinstance(given, list) and star == "*":
            yield from (Argument(Literal(value), where.span) for value in given)
        if isinstance(given, dict) and star == "**":
            yield from (Argument(Literal(value), where.span, str(key)) for key, value in given.items())
