"""`METADATA` of a package that was installed into the tree: the version that the code beside it runs with."""

from __future__ import annotations

import posixpath
from email.parser import HeaderParser

from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.packages import normalise


def _read(manifest: Manifest) -> None:
    headers = HeaderParser().parsestr(manifest.text)
    name, version = headers.get("Name", ""), headers.get("Version", "")
    if name and version:
        manifest.versions.add(posixpath.dirname(manifest.path), normalise(name), version)


READER = ManifestReader(endings=(".dist-info/METADATA",), read=_read)
