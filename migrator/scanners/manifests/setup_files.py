"""`setup.cfg` and `setup.py`: what they ask for, read as text; a `setup.py` is never run."""

from __future__ import annotations

import posixpath

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.manifests import requirement
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.packages import normalise
from migrator.syntax.source import parse
from migrator.syntax.tree import field, walk

_FILES = ("setup.py", "setup.cfg")
_KEYWORDS = ("install_requires", "extras_require", "tests_require", "setup_requires")
_SECTION = regex(r"\s*\[(?P<name>[^\]]+)\]")
_KEY = regex(r"(?P<name>[^\s=:#;\[][^=:]*?)\s*[=:]\s*(?P<rest>.*)$")


def _read(manifest: Manifest) -> None:
    if manifest.path.endswith(".py"):
        _read_python(manifest)
    else:
        _read_cfg(manifest)


def _read_python(manifest: Manifest) -> None:
    source = parse(manifest.path, manifest.document.data)
    for node in source.nodes("keyword_argument", "assignment"):
        name, value = field(node, "name") or field(node, "left"), field(node, "value") or field(node, "right")
        if name is None or value is None or source.text(name).lower() not in (*_KEYWORDS, "requirements", "requires", "extras"):
            continue
        for text in walk(value, ("string",)):
            _requirement(manifest, source.text(text).strip("rRbBuU\"'"), text)


def _requirement(manifest: Manifest, text: str, node: Node) -> None:
    found = requirement.read(text)
    if found is None:
        return
    start, end = (manifest.document.characters(n) for n in (node.start_byte, node.end_byte))
    manifest.dependency("pypi", normalise(found.name), found.version, start, end, extras=found.extras)


def _read_cfg(manifest: Manifest) -> None:
    section = key = ""
    for offset, line in manifest.document.lines():
        header = _SECTION.match(line)
        if header:
            section, key = header["name"].strip(), ""
            continue
        content, start = line, offset
        assigned = _KEY.match(line) if line[:1] not in (" ", "\t", "") else None
        if assigned:
            key = assigned["name"]
            content, start = assigned["rest"], offset + assigned.start("rest")
        asks = (section == "options" and key in _KEYWORDS) or section == "options.extras_require"
        stripped = content.strip()
        if not asks or not stripped or stripped[0] in "#;":
            continue
        found = requirement.read(stripped)
        if found is not None:
            start += len(content) - len(content.lstrip())
            manifest.dependency("pypi", normalise(found.name), found.version, start + found.start, start + found.end, extras=found.extras)


READER = ManifestReader(endings=_FILES, matches=lambda path: posixpath.basename(path) in _FILES, read=_read)
