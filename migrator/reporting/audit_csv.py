"""An inventory as a table for spreadsheets and data frames: one row for each item."""

from __future__ import annotations

import csv
import io

from migrator.jobs import Enqueue, Expression, Inventory, Item, Job, Literal, Schedule, Value, Worker
from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.reporting.audit_words import describe
from migrator.reporting.spreadsheet import cell

_NUMBER = regex(r"-?\d+(?:\.\d+)?")
COLUMNS = (
    *(
        "kind",
        "system",
        "language",
        "name",
        "path",
        "line",
        "end_line",
        "confidence",
        "job",
        "queue",
        "cron",
        "interval_seconds",
        "timezone",
    ),
    *("max_attempts", "timeout_seconds", "delay_seconds", "priority", "form", "live", "via", "about"),
)


def render_csv(inventory: Inventory) -> str:
    """The items of production code with `COLUMNS`; a cell is empty where the item has no such thing.

    A value that is only known at run time stands as its source text, with the arithmetic that its unit still needs.
    """
    sheet = io.StringIO(newline="")
    writer = csv.DictWriter(sheet, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _plain(value) for column, value in _row(item).items()} for item in inventory.production)
    return sheet.getvalue()


def _plain(value: str | int) -> str | int:
    """What a spreadsheet shows and does not run; a number stays one."""
    return value if isinstance(value, int) or _NUMBER.fullmatch(value) else cell(value)


def _row(item: Item) -> dict[str, str | int]:
    where = item.location
    row: dict[str, str | int] = {
        "kind": item.kind,
        "system": item.system,
        "language": item.language,
        "name": item.name,
        "path": where.path,
        "line": where.line,
        "end_line": where.end_line,
        "confidence": item.confidence,
        "via": " > ".join(item.via),
        "about": describe(item),
    }
    match item:
        case Job():
            row |= {"queue": _cell(item.queue), "timeout_seconds": _cell(item.timeout), "priority": _cell(item.priority), "form": item.form}
            row |= {"max_attempts": _cell(item.retry.max_attempts) if item.retry is not None else ""}
            row |= {
                "job": item.identity,
                "live": "" if item.live is None else str(item.live).lower(),
            }
        case Enqueue():
            row |= {"job": item.job, "queue": _cell(item.queue), "delay_seconds": _cell(item.delay), "priority": _cell(item.priority)}
            row |= {"max_attempts": _cell(item.max_attempts), "form": item.form}
        case Schedule():
            row |= {"job": item.job or item.job_name, "cron": _cell(item.cron), "interval_seconds": _cell(item.interval)}
            row |= {"timezone": item.timezone}
        case Worker():
            row |= {"queue": " ".join(item.queues)}
        case _:
            pass
    return row


def _cell(value: Value | None) -> str:
    match value:
        case None | Literal(None):
            return ""
        case Literal():
            return redact_text(str(value.value))
        case Expression():
            changed = f" * {value.scale:g}" * (value.scale != 1) + f" + {value.offset:g}" * (value.offset != 0)
            return redact_text(f"({value.source}){changed}" if changed else value.source)
