"""One run of a command as the operating system accounts for it: wall time, processor time, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: counted runs of each command, after one that is not counted
RUNS = 5
#: a package that is installed has its bytecode: where Python is told to write none, every run would compile all of a checkout anew
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Run:
    """Seconds on the wall and of processors, and the most memory that the command itself held (bytes)."""

    wall: float
    processor: float
    memory: int


def run(command: Sequence[str], folder: Path, *, answers: Sequence[int] = (0,)) -> Run:
    """Run a command with its output thrown away; an exit status that is none of its `answers` ends the benchmark."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in answers:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    # macOS counts bytes, everything else kilobytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def in_turn(ours: Sequence[str], theirs: Sequence[str], folder: Path) -> list[tuple[Run, Run]]:
    """Both commands one after the other, `RUNS` times, so that a machine that grows busy slows both."""
    # A search that finds nothing ends with 1.
    pairs = [(run(ours, folder), run(theirs, folder, answers=(0, 1))) for _ in range(RUNS + 1)]
    return pairs[1:]


def ratio(pairs: Sequence[tuple[Run, Run]]) -> float:
    """The median over the pairs of how many times as long ours took."""
    return statistics.median(ours.wall / theirs.wall for ours, theirs in pairs)
