"""Makefiles, justfiles and shell scripts, with or without a suffix."""

from __future__ import annotations

import posixpath
import re

from migrator.regex import regex
from migrator.scanners.manifests.commands import may_start_workers
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

_SHELL = regex(r"^\ufeff?#!.*\b(ba|z|k|da|a)?sh\b|^\ufeff?#!.*\bwith-contenv\b")
_TARGET = regex(r"^(?P<name>[A-Za-z0-9_./%-]+)[^:=\n]*:(?!=)")
_FUNCTION = regex(r"^\s*(?:function\s+)?(?P<name>[A-Za-z_][\w-]*)\s*\(\s*\)", re.MULTILINE)
#: text that is only shown: `cat <<EOF` whose output goes nowhere else
_SHOWN = regex(
    r"^[ \t]*cat[ \t]*(?:>&2[ \t]*)?<<-?[ \t]*(['\"]?)(?P<end>\w+)\1[ \t]*\r?\n.*?^[ \t]*(?P=end)\b",
    re.DOTALL | re.MULTILINE,
)
_MAKE = ("makefile", "gnumakefile", "justfile")


def _read(manifest: Manifest) -> None:
    if posixpath.basename(manifest.path).lower() in _MAKE or manifest.path.endswith((".mk", ".just")):
        _make(manifest)
    elif manifest.path.endswith((".sh", ".bash", ".zsh")) or _SHELL.match(manifest.text):
        _shell(manifest)


def _make(manifest: Manifest) -> None:
    """Recipes: the indented lines below a target."""
    target = ""
    lines = manifest.document.lines()
    index = 0
    while index < len(lines):
        offset, line = lines[index]
        index += 1
        if line[:1] not in ("\t", " "):
            match = _TARGET.match(line)
            target = match["name"] if match else target
            continue
        end = offset + len(line)
        while lines[index - 1][1].endswith("\\") and index < len(lines):
            end = lines[index][0] + len(lines[index][1])
            index += 1
        text = manifest.text[offset:end]
        body = text.lstrip(" \t@-+")
        manifest.script(body, offset + len(text) - len(body), target)


def _shell(manifest: Manifest) -> None:
    functions = [(m.start(), m["name"]) for m in _FUNCTION.finditer(manifest.text)]
    for start, name, end in _parts(manifest, functions):
        manifest.script(_SHOWN.sub(_blank, manifest.text[start:end]), start, name)


def _blank(match: re.Match[str]) -> str:
    """Blanks of the same length: every other place stays where it is."""
    return re.sub(r"[^\n]", " ", match.group())


def _parts(manifest: Manifest, functions: list[tuple[int, str]]) -> list[tuple[int, str, int]]:
    """(start, function, end) of the stretches of a script that each belong to one function, or to the script itself."""
    name = posixpath.basename(manifest.path)
    starts = [(0, name), *functions]
    ends = [start for start, _ in functions] + [len(manifest.text)]
    return [(start, function, end) for (start, function), end in zip(starts, ends, strict=True)]


def _may_be_script(path: str) -> bool:
    name = posixpath.basename(path)
    return name.lower() in _MAKE or "." not in name or name.endswith((".sh", ".bash", ".zsh", ".mk", ".just"))


READER = ManifestReader(matches=_may_be_script, read=_read, only_if=may_start_workers)
