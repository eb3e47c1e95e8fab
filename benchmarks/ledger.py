"""A report over ten million events beside SQLite itself counting the same rows: part of `make bench`."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.measure import Run, ratio, run
from migrator.shadow.ledger import SqliteLedger
from tests.shadow.synthetic import ArmPlan, multiply, write_ledger

EVENTS = 10_000_000
SECONDS = 60.0  #: at most
MEMORY = 1024  #: MiB at most
#: at most so many times as long as the peer
LIMIT = 8.0
ROUNDS = 3
PLANS = [
    ArmPlan(arm="old", jobs=9_000, first_attempt_fails=0.05, attempt_fails=0.2, lost=2, enqueue_failed=2, in_flight=3, duplicated=2),
    ArmPlan(arm="new", system="bullmq", jobs=9_000, first_attempt_fails=0.06, attempt_fails=0.2, wait=0.3, lost=2),
]
_REPORT = """
import sys
from pathlib import Path
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.summarizing import summarize
with SqliteLedger.open(Path(sys.argv[1])) as ledger:
    summary = summarize(ledger)
assert all(arm.holds and arm.assigned == int(sys.argv[2]) for arm in summary.arms), "the books do not balance"
"""
_PEER = """
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT arm, kind, count(*), max(ts_ns) FROM event NOT INDEXED GROUP BY arm, kind").fetchall())
"""


def reports(console: Console, folder: Path, events: int = EVENTS) -> None:
    """Seconds and memory of a report over a made-up ledger whose truth is known, and of the peer, in turn."""
    path = folder / "x.ledger"
    write_ledger(path, PLANS, rate=100.0)
    with SqliteLedger.open(path) as ledger:
        one = ledger.recorded()
    times = max(1, round(events / one))
    multiply(path, times)
    jobs = str(PLANS[0].jobs * times)
    report, peer = (sys.executable, "-c", _REPORT, str(path), jobs), (sys.executable, "-c", _PEER, str(path))
    pairs: list[tuple[Run, Run]] = [(run(report, Path.cwd()), run(peer, folder)) for _ in range(ROUNDS)]
    ours = [done for done, _ in pairs]
    wall, memory = statistics.median(done.wall for done in ours), max(done.memory for done in ours) / 2**20
    console.print(
        f"a report over {one * times:,} events: {wall:.1f} s, at most {SECONDS:.0f}; {memory:.0f} MiB, at most {MEMORY}; "
        f"{ratio(pairs):.1f} times SQLite's own GROUP BY over the same rows, at most {LIMIT:.0f}"
    )


def main() -> None:
    """Measure, print."""
    with tempfile.TemporaryDirectory() as name:
        reports(Console(), Path(name))


if __name__ == "__main__":
    main()
