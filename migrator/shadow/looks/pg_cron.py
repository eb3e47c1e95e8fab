"""Rows of `cron.job_run_details` as sightings: one row for each run of a command, written over as it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from migrator.shadow.drivers.interface import Sighting, SightingKind

_ENDS: dict[str, SightingKind] = {"succeeded": "completed", "failed": "discarded"}
#: what pg_cron says of a run whose job was taken out of the schedule meanwhile
CANCELLED = "job canceled"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Times in microseconds since the epoch."""

    runid: int
    jobid: int
    command: str
    status: str
    message: str | None = None
    start_us: int | None = None
    end_us: int | None = None

    @property
    def over(self) -> bool:
        """There is nothing more to come."""
        return self.status in _ENDS


class Reader:
    """Turns runs into sightings, each once. Another Reader gives the same things the same ids."""

    def __init__(self, own_prefix: str) -> None:
        own = re.escape(own_prefix)
        #: in the payload; else anywhere, as in a comment
        self._patterns = (re.compile(rf'"key"\s*:\s*"({own}[^"\\]*)"'), re.compile(rf"({own}[\w.:@/-]+)"))
        self._told: dict[int, set[str]] = {}

    def read(self, runs: Iterable[Run], now_us: int) -> list[Sighting]:
        """What is new, in order. `now_us`: when the runs were read."""
        found: list[Sighting] = []
        for run in runs:
            key = self.key_of(run.command)
            if key is None:
                continue
            told = self._told.setdefault(run.runid, set())
            for kind, at, order in _steps(run):
                if kind in told:
                    continue
                told.add(kind)
                err_type, err_message = read_error(run.message) if kind == "discarded" else (None, None)
                found.append(
                    Sighting(
                        id=f"{at:017d}.{order}-{run.runid}",
                        job_key=key,
                        native_id=str(run.jobid),
                        kind=kind,
                        ts_ns=(at or now_us) * 1000,
                        dated=at > 0,
                        err_type=err_type,
                        err_message=err_message,
                    )
                )
        return sorted(found, key=lambda sighting: sighting.id)

    def forget(self, before: int) -> None:
        """Runs with lower numbers will not be read again."""
        self._told = {runid: told for runid, told in self._told.items() if runid >= before}

    def key_of(self, command: str) -> str | None:
        """The ledger's key in the command: its payload carries the mark."""
        for pattern in self._patterns:
            if found := pattern.search(command):
                return found[1].replace("''", "'")
        return None


def _steps(run: Run) -> list[tuple[SightingKind, int, int]]:
    steps: list[tuple[SightingKind, int, int]] = []
    if run.start_us is not None:
        steps.append(("started", run.start_us, 1))
    end = _ENDS.get(run.status)
    if end is not None:
        # A run that never came to begin (no connection) has no time at all.
        at = run.end_us if run.end_us is not None else run.start_us or 0
        steps.append(("cancelled" if run.message == CANCELLED else end, at, 2))
    return steps


def read_error(message: str | None) -> tuple[str | None, str | None]:
    """Type and message of what pg_cron keeps of a failure: the server's words, in which an error's code is not to be seen.

    >>> read_error("ERROR: no title\\nCONTEXT: PL/pgSQL function f() line 1 at RAISE")
    (None, 'no title')
    >>> read_error("server restarted")
    (None, 'server restarted')
    """
    if not message:
        return None, None
    return None, re.sub(r"^[A-Z]+:\s+", "", message.splitlines()[0])
