"""Django's fixtures in JSON and YAML: the rows of schedules that `loaddata` puts into the database, django-celery-beat's and Django Q's."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from typing import Any

import msgspec

from migrator.jobs import Argument, Literal, Schedule
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.manifests.fixture_rows import Row, key_text, rows_of
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.systems import celery, django_q
from migrator.systems.celery_beat import CRON_FIELDS, PERIODS

#: files outside a folder `fixtures` that are loaded by their path
_NAMED = regex(r"(?i)(fixture|periodic|schedule|beat|cron|initial|seed)")
_BEAT, _Q = "django_celery_beat", "django_q"
#: fields that say what the schedule's own do, or nothing while they are empty
_TOLD = frozenset(("name", "task", "args", "kwargs", "crontab", "interval", "func", "cron", "minutes", "schedule_type", "queue", "cluster"))
_ONCE = "a row of a schedule that runs once: nothing recurs"


class _Moment(msgspec.Struct, frozen=True):
    cron: str = ""
    interval: float | None = None
    zone: str = ""
    why: str = ""


def _read(manifest: Manifest) -> None:
    tables: dict[str, list[Row]] = {}
    for row in rows_of(manifest, (f"{_BEAT}.", f"{_Q}.")):
        tables.setdefault(row.model, []).append(row)
    for row in tables.get(f"{_BEAT}.periodictask", ()):
        task = str(row.fields.get("task") or "")
        _add(manifest, row, celery.SYSTEM.name, task, _beat_moment(row, tables), "queue", _json_arguments(row))
    for row in tables.get(f"{_Q}.schedule", ()):
        kind = django_q.TYPES.get(str(row.fields.get("schedule_type", "O")), "")
        if kind == django_q.DEFAULT_TYPE:
            manifest.unresolved(_ONCE, manifest.document.characters(row.location.span.start))
            continue
        # Their texts are Python's, not JSON's: what is handed over is left as it is written.
        _add(manifest, row, django_q.SYSTEM.name, str(row.fields.get("func") or ""), _q_moment(row, kind), "cluster", ())


def _beat_moment(row: Row, tables: Mapping[str, list[Row]]) -> _Moment:
    for kind in ("crontab", "interval", "solar", "clocked"):
        key = row.fields.get(kind)
        if key is None:
            continue
        if kind in ("solar", "clocked"):
            return _Moment(why=f"{kind} schedules have no cron expression")
        given = next((r.fields for r in tables.get(f"{_BEAT}.{kind}schedule", ()) if r.key == key_text(key)), None)
        if given is None:
            return _Moment(why=f"the row of the {kind} is not in this fixture")
        if kind == "crontab":
            zone = given.get("timezone")
            cron = " ".join(str(given.get(name, "*")).replace(" ", "") for name in CRON_FIELDS)
            return _Moment(cron=cron, zone=zone if isinstance(zone, str) else "")
        every, period = given.get("every"), PERIODS.get(str(given.get("period")))
        if isinstance(every, int) and period is not None:
            return _Moment(interval=every * period)
        return _Moment(why="the row of the interval could not be told")
    return _Moment(why="the row names no schedule")


def _q_moment(row: Row, kind: str) -> _Moment:
    if kind in django_q.INTERVALS:
        return _Moment(interval=float(django_q.INTERVALS[kind]))
    minutes, cron = row.fields.get("minutes"), row.fields.get("cron")
    if kind == "MINUTES" and isinstance(minutes, int):
        return _Moment(interval=float(minutes * django_q.MINUTE))
    if kind == "CRON" and isinstance(cron, str) and cron:
        return _Moment(cron=cron)
    return _Moment(
        why=f"a {kind.lower()} schedule counts from its first run, which no cron expression says" if kind else "of no known type"
    )


def _json_arguments(row: Row) -> tuple[tuple[str, Any], ...]:
    """(name, value) of the arguments that the row keeps as JSON text; positional ones have no name."""
    given: list[tuple[str, Any]] = []
    for name, kind in (("args", list), ("kwargs", dict)):
        try:
            value = json.loads(row.fields.get(name) or "null")
        except (TypeError, ValueError):
            value = None
        if isinstance(value, kind):
            given += [("", v) for v in value] if isinstance(value, list) else list(value.items())
    return tuple(given)


def _add(
    manifest: Manifest,
    row: Row,
    system: str,
    job: str,
    when: _Moment,
    queue: str,
    arguments: tuple[tuple[str, Any], ...],
) -> None:
    location = row.location
    reason = when.why or ("" if job else "the row names no function")
    manifest.found.items.append(
        Schedule(
            system=system,
            language="python",
            name=str(row.fields.get("name") or job),
            location=location,
            area=area_of(manifest.path),
            confidence="likely" if reason else "certain",
            reason=reason,
            job_name=job,
            cron=Literal(when.cron) if when.cron else None,
            interval=Literal(when.interval) if when.interval is not None else None,
            timezone=when.zone,
            arguments=tuple(Argument(Literal(value), location.span, name) for name, value in arguments),
            entry=location.span,
            queue=Literal(row.fields[queue]) if row.fields.get(queue) else None,
            defined_in="database",
            options={k: Literal(v) for k, v in row.fields.items() if k not in _TOLD and v not in (None, "", "{}", "[]")},
        )
    )


def _may_hold_rows(path: str) -> bool:
    return posixpath.basename(posixpath.dirname(path)) == "fixtures" or _NAMED.search(posixpath.basename(path)) is not None


READER = ManifestReader(
    endings=(".json", ".yaml", ".yml"),
    matches=_may_hold_rows,
    read=_read,
    only_if=lambda data: b"django_celery_beat." in data or b"django_q." in data,
)
