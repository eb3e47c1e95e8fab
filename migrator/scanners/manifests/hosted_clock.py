"""Clocks of hosting services and the operating system: Render, Railway, Cloudflare, App Engine, Clever Cloud, Scalingo, systemd timers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import yaml

from migrator.regex import regex
from migrator.scanners.manifests import json_source, yaml_source
from migrator.scanners.manifests.clock import called, cron_line, schedule
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.systems.cron import SYSTEM

NAME = SYSTEM.name
_RAILWAY = regex(r"[\"']?cronSchedule[\"']?\s*[:=]\s*[\"'](?P<cron>[^\"'\n]+)[\"']")
_CLOUDFLARE = regex(r"[\"']?\bcrons[\"']?\s*[:=]\s*\[(?P<list>[^\]]*)\]")
_QUOTED = regex(r"[\"'](?P<cron>[^\"'\n]+)[\"']")
_TIMER = regex(r"^\s*(?P<key>OnCalendar|OnUnitActiveSec|OnUnitInactiveSec)\s*=\s*(?P<value>\S[^\n]*?)\s*$", re.MULTILINE)
_UNIT = regex(r"^\s*Unit\s*=\s*(?P<unit>\S+)", re.MULTILINE)
_ENTRY = regex(r"[\"']?(?:name|main)[\"']?\s*[:=]\s*[\"'](?P<name>[^\"'\n]+)[\"']")


def _read(manifest: Manifest) -> None:
    name = posixpath.basename(manifest.path)
    if name.startswith("render"):
        _render(manifest)
    elif name.startswith("railway"):
        _matches(manifest, _RAILWAY.finditer(manifest.text), posixpath.dirname(manifest.path).rpartition("/")[2] or "railway")
    elif name.startswith("wrangler"):
        entry = _ENTRY.search(manifest.text)
        for listed in _CLOUDFLARE.finditer(manifest.text):
            found = _QUOTED.finditer(manifest.text, listed.start("list"), listed.end("list"))
            _matches(manifest, found, entry["name"] if entry else "worker")
    elif name == "cron.yaml":
        _app_engine(manifest)
    elif name == "cron.json":
        _cron_json(manifest)
    else:
        _systemd(manifest)


def _matches(manifest: Manifest, found: Iterator[re.Match[str]], name: str) -> None:
    for match in found:
        schedule(manifest, NAME, name, match.start("cron"), match.end("cron"), cron=match["cron"], zone="UTC")


def _render(manifest: Manifest) -> None:
    """`services: [{ type: cron, name, schedule, startCommand }]`."""
    for document in yaml_source.documents(manifest):
        for key, services, _ in yaml_source.pairs(document, 0):
            for service in services.value if key == "services" and isinstance(services, yaml.SequenceNode) else ():
                entries = {k: v for k, v, _ in yaml_source.pairs(service, 0) if isinstance(v, yaml.ScalarNode)}
                when, command, title = entries.get("schedule"), entries.get("startCommand"), entries.get("name")
                if when is not None:
                    start, end = when.start_mark.index, when.end_mark.index
                    text = command.value if command is not None else ""
                    schedule(manifest, NAME, title.value if title else called(text), start, end, cron=when.value, zone="UTC", command=text)


def _app_engine(manifest: Manifest) -> None:
    """`cron: [{ url, schedule, timezone }]`, whose times are words."""
    for document in yaml_source.documents(manifest):
        for key, jobs, _ in yaml_source.pairs(document, 0):
            for job in jobs.value if key == "cron" and isinstance(jobs, yaml.SequenceNode) else ():
                entries = {k: v for k, v, _ in yaml_source.pairs(job, 0) if isinstance(v, yaml.ScalarNode)}
                when, url, zone = entries.get("schedule"), entries.get("url"), entries.get("timezone")
                if when is not None and url is not None:
                    start, end = when.start_mark.index, when.end_mark.index
                    schedule(manifest, NAME, url.value, start, end, cron=when.value, zone=zone.value if zone else "UTC")


def _cron_json(manifest: Manifest) -> None:
    """Clever Cloud: a list of lines as in a crontab; Scalingo: `jobs: [{ command }]` with such lines, in UTC."""
    json = json_source.parse(manifest.document)
    lines = [(node, "") for node in json.elements(json.root)]
    for job in json.elements(json.get("jobs")):
        lines += [(value, "UTC") for key, value, _, _ in json.pairs(job) if key == "command"]
    for node, zone in lines:
        found = cron_line(json.string(node))
        if found is not None:
            start, end = json.range(node)
            schedule(manifest, NAME, called(found.command), start, end, cron=found.cron, zone=zone, command=found.command)


def _systemd(manifest: Manifest) -> None:
    unit = _UNIT.search(manifest.text)
    name = unit["unit"] if unit else posixpath.basename(manifest.path).removesuffix(".timer")
    for match in _TIMER.finditer(manifest.text):
        schedule(manifest, NAME, name, match.start("key"), match.end("value"), cron=match["value"])


def _is_hosted(path: str) -> bool:
    name = posixpath.basename(path)
    return (
        name in ("render.yaml", "render.yml", "railway.json", "railway.toml", "cron.yaml", "cron.json")
        or name.startswith("wrangler.")
        or name.endswith(".timer")
    )


READER = ManifestReader(matches=_is_hosted, read=_read)
