"""What routing costs beside `random.choices`, and how soon a kill switch is heard of: part of `make bench`."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from migrator.shadow.policy import changing
from migrator.shadow.policy.router import Router

#: decisions in one round, and rounds
DECISIONS, ROUNDS = 20_000, 9
#: processes that hear of the kill switch, how often, and the seconds that it may take for 99 of 100
PROCESSES, KILLS, SOON = 20, 5, 2.0
#: at most so many times as long as `random.choices`
LIMIT = 2.0
_EXPERIMENT = """\
[experiment]
name = "bench"
current = "old"
[arms.old]
system = "pg-boss"
connection = "X"
weight = 33
[arms.new]
system = "pg-boss"
connection = "X"
weight = 33
[arms.other]
system = "bullmq"
connection = "X"
weight = 33
"""
_LISTENER = """\
import sys, time
from migrator.shadow.policy.router import Router
router = Router.open(sys.argv[1])
print("ready", flush=True)
for wanted in sys.stdin:
    while (router.decide("a", "1").reason == "killed") != (wanted.strip() == "off"):
        time.sleep(0.005)
    print(time.time(), flush=True)
"""


def decisions(console: Console, file: Path) -> None:
    """Microseconds of one decision, and of one draw of `random.choices`, in turn."""
    ours: list[float] = []
    theirs: list[float] = []
    with Router.open(file) as router:
        units = [f"unit-{number}" for number in range(DECISIONS)]
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for unit in units:
                router.decide("import_article", unit)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            for _unit in units:
                random.choices(("old", "new", "other"), (33, 33, 33))  # noqa: S311 - the peer
            theirs.append(time.perf_counter() - began)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    each = statistics.median(ours) / DECISIONS * 1e6
    console.print(f"a decision: {each:.2f} µs, {ratio:.2f} times random.choices, at most {LIMIT}")


def kill_switch(console: Console, file: Path) -> None:
    """Seconds from `migrate shadow kill` until a process sends nothing to candidates any more."""
    processes = [
        subprocess.Popen([sys.executable, "-c", _LISTENER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    heard: list[float] = []
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        for _ in range(KILLS):
            for change, wanted in ((changing.kill((), ()), "off"), (changing.resume((), ()), "on")):
                for process in processes:
                    assert process.stdin is not None
                    process.stdin.write(f"{wanted}\n")
                    process.stdin.flush()
                began = time.time()
                changing.change(file, change, "bench")
                heard += [float(process.stdout.readline()) - began for process in processes if process.stdout is not None]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    slowest = statistics.quantiles(heard, n=100)[98]
    console.print(f"kill switch in {PROCESSES} processes: {slowest:.2f} s at p99 of {len(heard)}, at most {SOON} s")


def main() -> None:
    """Measure, print."""
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "experiment.toml"
        file.write_text(_EXPERIMENT)
        decisions(console, file)
        kill_switch(console, file)


if __name__ == "__main__":
    main()
