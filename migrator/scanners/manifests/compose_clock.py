"""What containers do by the clock: labels for ofelia and its kin, and services that are a loop around `sleep`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from migrator.regex import regex
from migrator.scanners.manifests import yaml_source
from migrator.scanners.manifests.clock import called, schedule
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.systems.docker_cron import SYSTEM

NAME = SYSTEM.name
_OFELIA = regex(r"^(?:ofelia|chadburn)\.job-[\w-]+\.(?P<name>[\w.-]+)\.(?P<key>schedule|command)$")
_SWARM = "swarm.cronjob.schedule"
#: a loop without an end, and what it waits for in each round
_ENDLESS = regex(r"\bwhile\s+(?:true|:|\[\s*1\s*\])\s*;?\s*(?:\n\s*)?do\b(?P<body>.*?)\bdone\b", re.DOTALL)
_SLEEP = regex(r"\bsleep\s+(?P<count>\d+(?:\.\d+)?|\$\$?\{?\w+(?::?-(?P<default>\d+))?\}?)(?P<unit>[smhd]?)\b")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_ASKS = regex(r"\b(?:curl|wget)\b[^\n;&|]*(?:https?://|\$\w+|\$\{)[^\n;&|]*")
#: what is only waited for
_WAITS = regex(r"pg_isready|redis-cli\s+ping|/health|nc\s+-z|wait-for|certbot|nginx -s reload", re.IGNORECASE)


def _read(manifest: Manifest) -> None:
    for document in yaml_source.documents(manifest):
        for key, services, _ in yaml_source.pairs(document, 0):
            for service, node, _ in yaml_source.pairs(services, 0) if key == "services" else ():
                _service(manifest, service, node)


def _service(manifest: Manifest, service: str, node: yaml.Node) -> None:
    for key, value, _ in yaml_source.pairs(node, 0):
        if key == "labels":
            _labels(manifest, service, value)
        elif key == "deploy":
            for inner, labels, _ in yaml_source.pairs(value, 0):
                if inner == "labels":
                    _labels(manifest, service, labels)
        elif key in ("command", "entrypoint"):
            _loop(manifest, service, value)


def _pairs(node: yaml.Node) -> Iterator[tuple[str, str, int, int]]:
    """(label, value, start, end) of labels that are a mapping or a list of `label=value`."""
    for key, value, where in yaml_source.pairs(node, 0):
        if isinstance(value, yaml.ScalarNode):
            yield key, value.value, where.start_mark.index, value.end_mark.index
    for inner in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(inner, yaml.ScalarNode) and "=" in inner.value:
            key, _, value = inner.value.partition("=")
            yield key.strip(), value.strip().strip("\"'"), inner.start_mark.index, inner.end_mark.index


def _labels(manifest: Manifest, service: str, node: yaml.Node) -> None:
    commands: dict[str, str] = {}
    times: dict[str, tuple[str, int, int]] = {}
    for key, value, start, end in _pairs(node):
        match = _OFELIA.match(key)
        if match and match["key"] == "command":
            commands[match["name"]] = value
        elif match:
            times[match["name"]] = (value, start, end)
        elif key == _SWARM:
            times[service] = (value, start, end)
    for name, (when, start, end) in times.items():
        schedule(manifest, NAME, name, start, end, cron=when, command=commands.get(name, ""))


def _loop(manifest: Manifest, service: str, node: yaml.Node) -> None:
    """A service that does the same thing again and again: a schedule for each address that it asks, else one for the loop."""
    start, end = node.start_mark.index, node.end_mark.index
    text = manifest.text[start:end]
    for match in _ENDLESS.finditer(text):
        body = match["body"]
        slept = [_seconds(s) for s in _SLEEP.finditer(body)]
        interval = max((s for s in slept if s is not None), default=None)
        if not slept or _WAITS.search(body):
            continue
        asked = list(_ASKS.finditer(body))
        for each in asked:
            at = start + match.start("body") + each.start()
            command = " ".join(each.group().split())
            schedule(manifest, NAME, called(command), at, at + len(each.group()), interval=interval, command=command)
        if not asked:
            at = start + match.start()
            schedule(manifest, NAME, service, at, start + match.end(), interval=interval, command=" ".join(body.split()))


def _seconds(match: re.Match[str]) -> float | None:
    count = match["default"] or match["count"]
    return float(count) * _UNITS[match["unit"]] if count[0].isdigit() else None


READER = ManifestReader(
    endings=(".yml", ".yaml"),
    matches=lambda path: not path.startswith(".github/"),
    read=_read,
    only_if=lambda data: b"services:" in data and (b".job-" in data or b"sleep" in data or _SWARM.encode() in data),
)
