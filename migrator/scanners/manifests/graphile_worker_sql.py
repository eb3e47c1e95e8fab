"""SQL that adds jobs to Graphile Worker: `select graphile_worker.add_job('name', …)` in migrations, functions and triggers."""

from __future__ import annotations

import re

from migrator.jobs import Enqueue
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.systems.graphile_worker import SYSTEM

#: the call, and the task it names where that is a text
ADD_JOB = regex(
    r"\bgraphile_worker\s*\.\s*(?P<function>add_jobs?)\s*\(\s*(?:(?:identifier\s*(?:=>|:=)\s*)?'(?P<task>[^']*)')?", re.IGNORECASE
)


def _read(manifest: Manifest) -> None:
    for match in ADD_JOB.finditer(manifest.text):
        line = manifest.text.rfind("\n", 0, match.start()) + 1
        if "--" in manifest.text[line : match.start()]:
            continue
        location = manifest.document.location(match.start(), match.end())
        manifest.found.items.append(
            Enqueue(
                system=SYSTEM.name,
                language="sql",
                name=match["task"] or "",
                location=location,
                area=area_of(manifest.path),
                form=f"graphile_worker.{match['function'].lower()}",
                call=location.span,
            )
        )


READER = ManifestReader(endings=(".sql", ".pgsql"), read=_read, only_if=lambda data: b"graphile_worker" in data.lower())
