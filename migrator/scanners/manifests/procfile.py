"""`Procfile` and its variants (`Procfile.dev`)."""

from __future__ import annotations

import posixpath

from migrator.regex import regex
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

_LINE = regex(r"^\ufeff?\s*(?P<name>[A-Za-z0-9_-]+)\s*:\s*(?P<command>.+)$")


def _read(manifest: Manifest) -> None:
    for offset, line in manifest.document.lines():
        match = _LINE.match(line)
        if match:
            manifest.script(match["command"], offset + match.start("command"), match["name"])


READER = ManifestReader(matches=lambda path: posixpath.basename(path).startswith("Procfile"), read=_read)
