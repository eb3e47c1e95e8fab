"""`netlify.toml`: functions that run by the clock."""

from __future__ import annotations

import posixpath

from migrator.jobs import Literal, Location, Schedule, Trigger
from migrator.scanners.files import area_of
from migrator.scanners.invoked import Invoked
from migrator.scanners.manifests import toml
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.netlify import MANIFEST, function_name
from migrator.systems.netlify import SCHEDULED_TIMEOUT, SYSTEM

NAME = SYSTEM.name


def _read(manifest: Manifest) -> None:
    parsed = toml.parse(manifest.document)
    for entry in parsed.entries():
        # `[functions."nightly"]` or `functions.nightly.schedule`; also `[functions] nightly = { schedule = … }`.
        if len(entry.path) == 3 and entry.path[0] == "functions" and entry.path[2] == "schedule":
            _scheduled(manifest, entry.path[1], parsed.string(entry.value), manifest.document.location(entry.start, entry.end))
        elif len(entry.path) == 2 and entry.path[0] == "functions":
            for inner in parsed.pairs(entry.value):
                if inner.path == ("schedule",):
                    where = manifest.document.location(entry.start, entry.end)
                    _scheduled(manifest, entry.path[1], parsed.string(inner.value), where)


def _scheduled(manifest: Manifest, name: str, when: str, where: Location) -> None:
    manifest.found.items.append(
        Schedule(
            system=NAME,
            language="typescript",
            name=name,
            location=where,
            area=area_of(manifest.path),
            job_name=name,
            cron=Literal(when),
            timezone="UTC",
            entry=where.span,
            defined_in="config",
        )
    )
    base = posixpath.dirname(manifest.path)
    manifest.found.invoked.append(
        Invoked(
            system=NAME,
            name=name,
            where=where,
            files=tuple(
                path
                for path in manifest.tree.sizes
                if name in path and path.startswith(base) and function_name(manifest.tree, path) == name
            ),
            exports=("default", "handler"),
            form="schedule",
            triggers=(Trigger("cron", Literal(when), timezone="UTC", span=where.span),),
            timeout=Literal(SCHEDULED_TIMEOUT),
            missing=f"no file was found for the function {name}",
        )
    )


READER = ManifestReader(
    endings=(MANIFEST,), matches=lambda path: posixpath.basename(path) == MANIFEST, read=_read, only_if=lambda data: b"schedule" in data
)
