"""A command line that runs a file of the project, before it is known what that file does."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.jobs import Location


@dataclass(frozen=True)
class Launch:
    """A command line as it stands in the manifest `path`; `service` is what it is called there."""

    path: str
    location: Location
    service: str
    words: tuple[str, ...]
