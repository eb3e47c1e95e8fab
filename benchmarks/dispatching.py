"""What routing and recording add to an enqueue, and whether 5,000 dispatches a second are kept up: part of `make bench`."""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import redis
from celery import Celery
from rich.console import Console
from rq import Queue

from migrator.servers import redis as redis_server
from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.transport.folder import FolderInlet

#: enqueues in one round, and rounds: short ones, many of which nothing else on the machine disturbs
ENQUEUES, ROUNDS = 20, 400
#: of the time of an enqueue, what routing and recording may add
LIMIT = 0.05
#: dispatches a second, and for how many seconds
RATE, SECONDS = 5_000, 10
_EXPERIMENT = """\
[experiment]
name = "bench"
current = "old"
[job]
name = "bench.task"
[arms.old]
system = "celery"
connection = "X"
weight = 1
[arms.new]
system = "rq"
connection = "X"
weight = 1
"""


def beside_an_enqueue(console: Console, name: str, enqueue: Callable[[str], object], shadow: Dispatcher) -> None:
    """A round of bare enqueues, and one of the same with a ticket around each, in turn. What a round recorded is handed over within it.

    Bare ones are given their ids, so that it is the ticket that pays for making them. Of both, the quickest quarter of the rounds counts.
    """
    run = uuid.uuid4().hex

    def bare(round_: int) -> None:
        for number in range(ENQUEUES):
            enqueue(f"{run}-{round_}-{number}")

    def dispatched() -> None:
        for number in range(ENQUEUES):
            with shadow.dispatching("bench.task", unit=str(number)) as job:
                enqueue(job.key)
        shadow.recorder.flush()

    bare(0)
    dispatched()
    times: list[tuple[float, float]] = []
    for round_ in range(1, ROUNDS + 1):
        began = time.perf_counter()
        bare(round_)
        between = time.perf_counter()
        dispatched()
        times.append((between - began, time.perf_counter() - between))
    theirs, ours = (statistics.quantiles(taken, n=4)[0] / ENQUEUES for taken in zip(*times, strict=True))
    added = ours - theirs
    share = f"{added / theirs:.1%} more, at most {LIMIT:.0%}"
    console.print(f"{name}: an enqueue {theirs * 1e6:.0f} µs, with a ticket {added * 1e6:+.1f} µs: {share}")


def sustained(console: Console, shadow: Dispatcher, spool: Path) -> None:
    """Dispatches of nothing at a steady pace, while what they record is handed over; then all of it is collected."""
    inlet, each, behind, collected = FolderInlet(spool), list[float](), 0.0, 0
    before, processor, began = shadow.recorder.numbered, time.process_time(), time.perf_counter()
    for number in range(RATE * SECONDS):
        due = began + number / RATE
        while (now := time.perf_counter()) < due:
            time.sleep(due - now)
        behind = max(behind, now - due)
        with shadow.dispatching("bench.task", unit=str(number)):
            pass
        each.append(time.perf_counter() - now)
    took, used = time.perf_counter() - began, time.process_time() - processor
    shadow.recorder.flush()
    while lines := (batch := inlet.read()).lines:
        collected += len(lines)
        inlet.done(batch)
    cuts, rate = statistics.quantiles(each, n=100), RATE * SECONDS / took
    recorded, lost = shadow.recorder.numbered - before, shadow.recorder.lost
    late = f"never more than {behind * 1e3:.0f} ms late, {used / took:.0%} of a processor"
    console.print(f"{rate:,.0f} dispatches a second for {took:.0f} s, {late}")
    console.print(f"a dispatch of nothing: {statistics.median(each) * 1e6:.1f} µs at p50, {cuts[98] * 1e6:.0f} µs at p99")
    console.print(f"events: {recorded:,} recorded, {collected:,} collected, {lost:,} lost")


def main() -> None:
    """Measure, print."""
    console = Console()
    with tempfile.TemporaryDirectory() as name, redis_server() as url:
        file = Path(name) / "experiment.toml"
        file.write_text(_EXPERIMENT)
        with Dispatcher.open(file) as shadow:
            app = Celery("bench", broker=url, set_as_current=False)
            beside_an_enqueue(console, "Celery", lambda key: app.send_task("bench.task", (7,), task_id=key), shadow)
            queue = Queue("bench", connection=redis.Redis.from_url(url))
            beside_an_enqueue(console, "RQ", lambda key: queue.enqueue("bench.task", 7, job_id=key), shadow)
            inlet = FolderInlet(shadow.router.loaded.spool)
            while (batch := inlet.read()).lines:
                inlet.done(batch)
            sustained(console, shadow, shadow.router.loaded.spool)


if __name__ == "__main__":
    main()
