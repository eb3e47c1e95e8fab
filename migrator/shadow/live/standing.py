"""How an experiment stands besides its jobs: is a run at it, where is the ramp, what is switched off, what is missing of the record."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded
from migrator.shadow.ledger import Ledger
from migrator.shadow.ledger.choosing import ledger_address
from migrator.shadow.live.ramping import Step, steps_of
from migrator.shadow.policy.changing import current
from migrator.shadow.policy.reading import read_policy
from migrator.shadow.policy.state import State
from migrator.shadow.transport.collecting import CURSOR
from migrator.shadow.transport.segments import segments


class Ramp(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ramp is. `at` counts from 0; `seconds`: since it is there, None where no run has seen that."""

    steps: tuple[Step, ...]
    at: int
    seconds: float | None
    held: bool

    @property
    def left(self) -> float | None:
        """Seconds until the next step may be taken; None where there is none, or nobody knows."""
        held_for = self.steps[self.at].seconds
        if self.at == len(self.steps) - 1 or held_for is None or self.seconds is None:
            return None
        return max(0.0, held_for - self.seconds)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is None where it cannot be read, and `trouble` says why. `collected`: a run is at it; None where that cannot be told."""

    live: bool
    collected: bool | None
    began_ns: int | None  #: the newest run's
    ended_ns: int | None  #: None while it goes on, or was broken off
    ending: str
    ramp: Ramp | None
    state: State | None
    trouble: str
    events_lost: int  #: that processes recorded, and that did not arrive
    waiting_bytes: int  #: on this host, not yet in the ledger


def standing_of(loaded: Loaded, ledger: Ledger, path: Path | None = None) -> Standing:
    """As it is now. `path`: the ledger's file, where one was named."""
    marks = ledger.marks()
    began = next((mark.ts_ns for mark in reversed(marks) if mark.kind == "run_started"), None)
    ended = next((mark for mark in reversed(marks) if mark.kind == "run_ended"), None)
    over = ended if ended is not None and ended.ts_ns >= (began or 0) else None
    state, trouble = None, ""
    try:
        _, state, _ = current(loaded.file)
    except MigratorError as error:
        trouble = " ".join(str(error).split())
    steps = steps_of(loaded.experiment.routing.ramp)
    ramp = None
    if steps and state is not None:
        at = min(state.step, len(steps) - 1)
        seen = next((mark for mark in reversed(marks) if mark.kind == "ramp"), None)
        seconds = (time.time_ns() - seen.ts_ns) / 1e9 if seen is not None and seen.data.get("step") == state.step + 1 else None
        ramp = Ramp(steps=steps, at=at, seconds=seconds, held=state.held)
    return Standing(
        live=loaded.experiment.workload is None,
        collected=_is_collected(loaded, path),
        began_ns=began,
        ended_ns=over.ts_ns if over else None,
        ending=over.text if over else "",
        ramp=ramp,
        state=state,
        trouble=trouble,
        events_lost=sum(ledger.missing_sequences().values()),
        waiting_bytes=_waiting(loaded, ledger),
    )


def _is_collected(loaded: Loaded, path: Path | None) -> bool | None:
    """Whether somebody writes to the ledger; asked without getting in anybody's way."""
    if ledger_address(loaded, path) is not None:
        return None
    file = path or loaded.ledger
    lock = file.with_name(file.name + ".lock")
    try:
        inode, locks = lock.stat().st_ino, Path("/proc/locks").read_text()
    except OSError:
        return None
    return any(line.split()[1] == "FLOCK" and line.split()[5].endswith(f":{inode}") for line in locks.splitlines() if len(line.split()) > 5)


def _waiting(loaded: Loaded, ledger: Ledger) -> int:
    """Bytes in the spool folder that the ledger has not got. What an outlet sends on is there until it is sent."""
    try:
        folder, cursor = read_policy(loaded.file).spool, ledger.cursor(CURSOR)
        offsets = msgspec.json.decode(cursor, type=dict[str, int]) if cursor else {}
    except (MigratorError, msgspec.MsgspecError):
        return 0
    total = 0
    for segment in segments(folder):
        try:
            total += max(0, segment.path.stat().st_size - offsets.get(segment.key, 0))
        except OSError:
            continue
    return total
