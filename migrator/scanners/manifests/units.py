"""systemd units and supervisor, circus or honcho configuration: `ExecStart=` and `command=`."""

from __future__ import annotations

import posixpath
import re

from migrator.regex import regex
from migrator.scanners.manifests.commands import may_start_workers
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

_SECTION = regex(r"^\s*\[(?P<name>[^\]]+)\]")
_COMMAND = regex(r"^\s*(?:ExecStart(?:Pre|Post)?|command|cmd)\s*=\s*[-@:+!|]*(?P<command>.*)$", re.IGNORECASE)


def _read(manifest: Manifest) -> None:
    section = ""
    lines = manifest.document.lines()
    for index, (offset, line) in enumerate(lines):
        header, match = _SECTION.match(line), _COMMAND.match(line)
        if header:
            section = header["name"].rpartition(":")[2]
        elif match:
            end = offset + len(line)
            following = index + 1
            # A systemd line goes on after a backslash, a supervisor value on indented lines.
            while following < len(lines) and (lines[following - 1][1].endswith("\\") or lines[following][1][:1] in (" ", "\t")):
                end = lines[following][0] + len(lines[following][1])
                following += 1
            start = offset + match.start("command")
            manifest.script(_on_one_line(manifest.text[start:end]), start, _service(manifest.path, section))


def _on_one_line(text: str) -> str:
    """The same length, but nothing in it ends the command before its end; `;` begins a comment in supervisor's files."""
    return text.replace("\\\r\n", "   ").replace("\\\n", "  ").replace("\r", " ").replace("\n", " ")


def _service(path: str, section: str) -> str:
    return section if section.lower() not in ("service", "unit", "") else posixpath.basename(path).rpartition(".")[0]


READER = ManifestReader(
    endings=(".service", ".conf", ".ini", ".cfg", ".supervisor", ".supervisord", ".service.j2", ".conf.j2"),
    read=_read,
    only_if=may_start_workers,
)
