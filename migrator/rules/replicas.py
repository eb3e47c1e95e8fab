"""Where an application says that a process runs several times: workers of a web server, replicas, instances. Read off the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from migrator.jobs.findings import Spot
from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.rules.evidence import Evidence
from migrator.scanners.files import area_of

_FILES = regex(
    r"(?:^|/)(?:Procfile[^/]*|Dockerfile[^/]*|Makefile|package\.json|[^/]*\.(?:sh|ya?ml|service|conf|toml)|entrypoint[^/]*"
    r"|ecosystem\.config\.c?js|gunicorn[^/]*\.py)$"
)
_WEB = regex(rb"^(?!\s*(?:#|//)).*\b(?:gunicorn|uvicorn|hypercorn|uwsgi)\b(?:[^\n]|\\\n)*", re.MULTILINE)
_WORKERS = regex(rb"(?:\s-w\s*|\s--workers[= ]\s*|\s-p\s+|--processes[= ])(\d+)")
_MODULE = regex(rb"\s[\"']?([\w.]+):\w+")
_PM2 = regex(rb"\bpm2(?:-runtime)?\b[^\n]*\s-i\s+(\d+|max)|^\s*[\"']?instances[\"']?\s*:\s*[\"']?(\d+|max)", re.MULTILINE)
_REPLICAS = regex(rb"^\s*(?:replicas|scale)\s*:\s*(\d+)", re.MULTILINE)
#: one of these stands in every file that says so
_WORDS = (b"gunicorn", b"uvicorn", b"hypercorn", b"uwsgi", b"pm2", b"instances", b"replicas", b"scale")
#: bytes from which on a file is no file that somebody wrote to start processes
_LARGE = 100_000
#: what is forked after the application was loaded: what it started is there once
_PRELOADED = regex(rb"--preload\b|\bpreload_app\s*=\s*True")
#: the name of a service in a compose file
_SERVICE = regex(rb"(?: {2}|\t)([\w.-]+):\s*(?:#.*)?$")
#: lines of a manifest around `replicas` that say what is replicated
_AROUND = 30


class Replicated(msgspec.Struct, frozen=True):
    """A process that runs several times: where that is said, how often (0: once for each core).

    `module`: what it starts, `service`: its name in a compose file, each empty if not told; `text`: the lines around.
    """

    spot: Spot
    times: int
    module: str = ""
    service: str = ""
    text: bytes = b""


def replicated(evidence: Evidence) -> Iterator[Replicated]:
    """Every place that says so in files that start processes, but servers that load the application first and fork then."""
    for path, size in evidence.tree.sizes.items():
        data = evidence.tree.read(path) if size < _LARGE and _FILES.search(path) and not area_of(path) else b""
        if not any(word in data for word in _WORDS):
            continue
        for line in _WEB.finditer(data):
            number, module = _WORKERS.search(line[0]), _MODULE.search(line[0])
            if number is not None and int(number[1]) > 1 and not _PRELOADED.search(line[0]):
                yield _found(path, data, line.start(), int(number[1]), module[1].decode() if module is not None else "")
        for several in _PM2.finditer(data):
            number = several[1] or several[2]
            if number == b"max" or int(number) > 1:
                yield _found(path, data, several.start(), 0 if number == b"max" else int(number))
        for several in _REPLICAS.finditer(data) if path.endswith((".yml", ".yaml")) else ():
            if int(several[1]) > 1:
                yield _found(path, data, several.start(), int(several[1]))


def _found(path: str, data: bytes, at: int, times: int, module: str = "") -> Replicated:
    line = data.count(b"\n", 0, at)
    lines = data.split(b"\n")
    while line < len(lines) and not lines[line].strip():
        line += 1
    text = redact_text(b" ".join(lines[line].split()).decode("utf-8", "replace"))
    around = b"\n".join(lines[max(0, line - _AROUND) : line + _AROUND])
    service = next((s[1].decode() for above in reversed(lines[:line]) if (s := _SERVICE.match(above)) is not None), "")
    return Replicated(Spot(path, line + 1, f"`{text[:60]}`"), times, module, service if "compose" in path else "", around)
