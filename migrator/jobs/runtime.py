"""What running systems said beside what the code says: schedules and jobs that only one of the two knows, or both in different ways."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.jobs.model import Kind


class Source(msgspec.Struct, frozen=True):
    """A system that was asked. `address` is its URL without user and password; `found` counts what it knows of each job system."""

    address: str
    found: dict[str, int] = {}


class Difference(msgspec.Struct, frozen=True):
    """`not running`: only in code; `not in code`: only in the running system; `differs`: in both, but not alike, as `detail` says.

    `code` is `path:line` in the tree, `running` the place in the running system; each is empty where there is none.
    """

    kind: OneOf["not running", "not in code", "differs"]
    about: Kind
    system: str
    name: str
    detail: str = ""
    code: str = ""
    running: str = ""


class Runtime(msgspec.Struct, frozen=True):
    """The answers of all systems that were asked, against the code."""

    sources: tuple[Source, ...]
    differences: tuple[Difference, ...] = ()

    def narrowed(self, systems: tuple[str, ...]) -> Runtime:
        """Only what is about these job systems; about all of them if none is named."""
        kept = tuple(d for d in self.differences if not systems or d.system in systems)
        return msgspec.structs.replace(self, differences=kept)
