"""`.env` files: the names, never the values."""

from __future__ import annotations

import posixpath

from migrator.regex import regex
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

_NAME = regex(
    r"^\.env(\..+|rc)?$|^.+\.env(\.(example|sample|template|dist))?$|^env\.(example|sample|template|dist)$|^\.?(dev\.vars|flaskenv)$"
)
_LINE = regex(r"^\ufeff?\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=")


def _read(manifest: Manifest) -> None:
    for offset, line in manifest.document.lines():
        match = _LINE.match(line)
        if match:
            manifest.setting(match["name"], offset + match.start("name"), offset + len(line))


READER = ManifestReader(matches=lambda path: _NAME.match(posixpath.basename(path)) is not None, read=_read)
