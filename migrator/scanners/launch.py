"""A command line that runs a file of the project, before it is known what that file does."""

from __future__ import annotations

import msgspec

from migrator.jobs import Location


class Launch(msgspec.Struct, frozen=True):
    """A command line as it stands in the manifest `path`; `service` is what it is called there."""

    path: str
    location: Location
    service: str
    words: tuple[str, ...]
