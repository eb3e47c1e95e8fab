"""`[mirror]`: copies of jobs that the current arm does, for the candidates."""

from __future__ import annotations

from typing import Annotated
from typing import Literal as OneOf

import msgspec

from migrator.shadow.config.values import Positive, Text

#: `replay`: the copy takes as long as the job took and ends as it ended, and does nothing; `dry_run`: its body runs and is kept from doing
#: anything outside; `full`: its body runs
Level = OneOf["replay", "dry_run", "full"]


class MirroredJob(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[mirror.jobs.NAME]`: what is different for one job."""

    level: Level | None = None  #: absent: that of [mirror]
    idempotent: bool = False  #: it may be run twice, once by each system; `full` asks for it


class Mirror(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[mirror]`; for `mode = "mirror"`."""

    level: Level = "replay"
    max_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0  #: of all jobs; which ones is decided by their unit
    per_second: Annotated[float, msgspec.Meta(gt=0)] = 50.0  #: copies a second and candidate
    waiting: Positive = 1000  #: copies that may wait to be sent, in each process; more are suppressed
    fill: bool = True  #: replays carry as many bytes as the job's payload had, all of them dots: systems differ in what they make of size
    allow: tuple[Text, ...] = ()  #: what a dry run may reach: `HOST`, `HOST:PORT`, `unix:/PATH`
    jobs: dict[str, MirroredJob] = {}

    def level_of(self, job: str) -> Level:
        """How a job is mirrored."""
        said = self.jobs.get(job)
        return said.level if said is not None and said.level is not None else self.level
