"""SQL that adds jobs to Graphile Worker in migrations, functions and triggers: its function, and rows that are put into its table.

`select graphile_worker.add_job('name', …)`, `insert into graphile_worker.jobs (task_identifier, …) values ('name', …)`. What takes a
migration back adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from migrator.jobs import Enqueue
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.sql.files import forward, goes_back
from migrator.systems.graphile_worker import SYSTEM

#: the call, and the task it names where that is a text
_ADDS = regex(
    r"\bgraphile_worker\s*\.\s*(?P<function>add_jobs?)\s*\(\s*(?:(?:identifier\s*(?:=>|:=)\s*)?'(?P<task>[^']*)')?"
    r"|\binsert\s+into\s+\"?graphile_worker\"?\s*\.\s*\"?(?P<table>jobs)\"?\s*\("
    r"(?:\s*\"?task_identifier\"?\b[^()]*\)\s*(?:values\s*\(|select\b)\s*(?:'(?P<row>[^']*)')?)?",
    re.IGNORECASE,
)


class Added(msgspec.Struct, frozen=True):
    """What SQL adds from `start` to `end`: `task` is empty where it is no text."""

    task: str
    form: str
    start: int
    end: int


def added(text: str) -> Iterator[Added]:
    """The jobs that a text of SQL adds."""
    for match in _ADDS.finditer(text):
        line = text.rfind("\n", 0, match.start()) + 1
        if "--" not in text[line : match.start()]:
            form = f"graphile_worker.{match['function'].lower()}" if match["function"] else "insert"
            yield Added(match["task"] or match["row"] or "", form, match.start(), match.end())


def _read(manifest: Manifest) -> None:
    for each in added(forward(manifest.text)) if not goes_back(manifest.path) else ():
        location = manifest.document.location(each.start, each.end)
        manifest.found.items.append(
            Enqueue(
                system=SYSTEM.name,
                language="sql",
                name=each.task,
                location=location,
                area=area_of(manifest.path),
                form=each.form,
                call=location.span,
            )
        )


READER = ManifestReader(endings=(".sql", ".pgsql"), read=_read, only_if=lambda data: b"graphile_worker" in data.lower())
