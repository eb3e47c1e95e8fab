"""Kubernetes' CronJobs, in plain manifests and in Helm's templates, which are text until their values are known."""

from __future__ import annotations

import posixpath
import re

from migrator.regex import regex
from migrator.scanners.manifests import helm
from migrator.scanners.manifests.clock import schedule
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.yaml_loading import plain
from migrator.systems.docker_cron import SYSTEM

_DOCUMENT = regex(r"^---[^\n]*$", re.MULTILINE)
_KIND = regex(r"^\s*kind:\s*[\"']?CronJob\b", re.MULTILINE)
_SCHEDULE = regex(r"^(?P<indent>\s*)schedule:[ \t]*(?P<value>[^\n#]+?)[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_ZONE = regex(r"^\s*timeZone:\s*[\"']?(?P<zone>[\w/+-]+)", re.MULTILINE)
_NAME = regex(r"^\s*name:\s*(?P<name>[^\n#]+?)\s*$", re.MULTILINE)
_RANGE = regex(r"\{\{-?\s*range\b")
_VALUE = regex(r"\.Values\.(?P<path>[\w.]+)")


def _read(manifest: Manifest) -> None:
    if _RANGE.search(manifest.text) and helm.is_template(manifest):
        helm.read_made(manifest, _documents, unknown=str)
    else:
        _documents(manifest)


def _documents(manifest: Manifest) -> None:
    starts = [0, *(m.end() for m in _DOCUMENT.finditer(manifest.text))]
    for start, end in zip(starts, [*starts[1:], len(manifest.text)], strict=True):
        text = manifest.text[start:end]
        when = _SCHEDULE.search(text)
        if _KIND.search(text) and when is not None:
            _cron_job(manifest, text, start, when)


def _cron_job(manifest: Manifest, text: str, offset: int, when: re.Match[str]) -> None:
    written = when["value"].strip().strip("\"'")
    named, zone = _NAME.search(text), _ZONE.search(text)
    name = _plain(named["name"]) if named else ""
    values = [found for m in _VALUE.finditer(written) if (found := _value(manifest, m["path"]))]
    known = "{{" not in written
    schedule(
        manifest,
        SYSTEM.name,
        name or posixpath.basename(manifest.path).partition(".")[0],
        offset + when.start("value"),
        offset + when.end("value"),
        cron=written if known else values[0] if values else written,
        zone=zone["zone"] if zone else "",
        confidence="certain" if known or values else "likely",
        reason="" if known or values else "the chart's values say when",
    )


def _plain(name: str) -> str:
    """`digest` of `{{ .Release.Name }}-digest`."""
    return re.sub(r"\{\{.*?\}\}", "", name).strip(" -\"'_")


def _value(manifest: Manifest, path: str) -> str:
    """What the chart's `values.yaml` says by default."""
    folder = posixpath.dirname(manifest.path)
    while folder:
        folder = posixpath.dirname(folder)
        values = posixpath.join(folder, "values.yaml")
        if values not in manifest.tree:
            continue
        found = plain(manifest.tree.read(values))
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""
    return ""


READER = ManifestReader(
    endings=(".yml", ".yaml", ".tpl"),
    matches=lambda path: not path.startswith(".github/"),
    read=_read,
    only_if=lambda data: b"CronJob" in data,
)
