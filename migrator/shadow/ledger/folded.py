"""Jobs that are no longer kept one by one: sums and sketches of those that one arm was assigned in one hour."""

from __future__ import annotations

import msgspec

HOUR = 3_600_000_000_000  # nanoseconds
DAY = 24 * HOUR


class FoldedTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Durations as counts in the buckets of a sketch (`measuring.sketch`); how many were not seen, rounded up to zero, or impossible."""

    buckets: tuple[tuple[int, int], ...]
    unknown: int = 0
    rounded: int = 0
    negative: int = 0


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs of one arm, name, label and configuration that were assigned in one hour, completed in the ordinary way and then folded.

    An hour may have several of these: what was folded at different times is added up by whoever reads.
    """

    arm: str
    job_name: str
    label: str | None
    config_epoch: int
    jobs: int
    first_ns: int  #: when the first was assigned
    last_ns: int
    newest_ns: int  #: when the last of them completed
    started: int  #: jobs of which a start was seen
    first_failed: int  #: jobs whose first attempt failed
    attempts: dict[int, int]  #: attempts made -> jobs; 0 where none was seen
    errors: dict[str, int]  #: error type (empty: not visible) -> attempts
    wasted_ns: int
    times: dict[str, FoldedTimes]  #: wait, run_completed, run_failed, end_to_end, enqueue
