"""`pyproject.toml` (project, dependency groups, Poetry, PDM, uv, Hatch) and `Pipfile`."""

from __future__ import annotations

import posixpath
import re

from migrator.regex import regex
from migrator.scanners.manifests import requirement
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.packages import normalise
from migrator.scanners.manifests.toml import Entry, Toml, parse

_FILES = ("pyproject.toml", "Pipfile")
#: tables of which every key is a package
_TABLES = (("tool", "poetry", "dependencies"), ("tool", "poetry", "dev-dependencies"))
_PIPFILE_TABLES = (("packages",), ("dev-packages",))
#: tables of commands
_SCRIPTS = (("scripts",), ("tool", "pdm", "scripts"), ("tool", "poe", "tasks"), ("tool", "taskipy", "tasks"))
#: tables whose arrays hold requirements, one array for each extra or group
_GROUPS = (
    *(("project", "optional-dependencies"), ("dependency-groups",), ("tool", "pdm", "dev-dependencies")),
    *(("tool", "hatch", "envs"), ("tool", "flit", "metadata", "requires-extra")),
)
_LISTS = (
    *(("project", "dependencies"), ("tool", "uv", "dev-dependencies"), ("tool", "uv", "constraint-dependencies")),
    *(("tool", "flit", "metadata", "requires"), ("tool", "uv", "override-dependencies")),
)
_TEST = regex(r"^(tests?|testing)$", re.IGNORECASE)


def _read(manifest: Manifest) -> None:
    toml = parse(manifest.document)
    if toml.error is not None:
        manifest.unresolved(f"{posixpath.basename(manifest.path)} is no valid TOML here; what can be read of it was read", toml.error)
    for entry in toml.entries():
        if entry.value.type == "array" and _is_list(entry.path):
            _requirements(manifest, toml, entry)
        elif _is_package(entry.path, manifest.path):
            version, extras = _constraint(toml, entry)
            area = "test" if any(_TEST.search(part) for part in entry.path[:-1]) else ""
            manifest.dependency("pypi", normalise(entry.path[-1]), version, entry.start, entry.end, area=area, extras=extras)
        elif entry.value.type == "string" and any(entry.path[: len(t)] == t for t in _SCRIPTS):
            _script(manifest, toml, entry)


def _is_list(path: tuple[str, ...]) -> bool:
    return path in _LISTS or any(path[: len(g)] == g and len(path) > len(g) for g in _GROUPS)


def _is_package(path: tuple[str, ...], manifest: str) -> bool:
    table = path[:-1]
    if posixpath.basename(manifest) == "Pipfile":
        return table in _PIPFILE_TABLES
    group = len(path) == 6 and path[:3] == ("tool", "poetry", "group") and path[4] == "dependencies"
    return group or table in _TABLES


def _requirements(manifest: Manifest, toml: Toml, entry: Entry) -> None:
    area = "test" if _TEST.search(entry.path[-1]) else ""
    for text, start, end in toml.strings(entry.value):
        found = requirement.read(text)
        if found is not None:
            manifest.dependency("pypi", normalise(found.name), found.version, start, end, area=area, extras=found.extras)


def _constraint(toml: Toml, entry: Entry) -> tuple[str, list[str]]:
    """The version and the extras of `celery = "^5"` or `celery = { version = "^5", extras = ["redis"] }`."""
    if entry.value.type == "string":
        return toml.string(entry.value), []
    version, extras = "", list[str]()
    for inner in toml.pairs(entry.value):
        if inner.path == ("version",):
            version = toml.string(inner.value)
        elif inner.path == ("extras",):
            extras = [text for text, _, _ in toml.strings(inner.value)]
    return version, extras


def _script(manifest: Manifest, toml: Toml, entry: Entry) -> None:
    text = toml.string(entry.value)
    offset = manifest.document.characters(entry.value.start_byte) + 1
    # Only where the text stands there as it is read do places within it mean anything.
    if manifest.text.startswith(text, offset):
        manifest.script(text, offset, entry.path[-1])


READER = ManifestReader(endings=_FILES, matches=lambda path: posixpath.basename(path) in _FILES, read=_read)
