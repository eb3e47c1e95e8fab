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

#: enqueues of each sort
ENQUEUES = 5_000
#: of the median time of an enqueue, what routing and recording may add
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
    """Bare enqueues, and the same with a ticket around each, in turn, while the recorder's thread does its work; the medians are compared.

    Bare ones are given their ids, so that it is the ticket that pays for making them. What the recorder's thread does meanwhile takes no
    time of the caller's, but of a processor: it is told by itself.
    """
    run = uuid.uuid4().hex

    def bare(number: int) -> None:
        enqueue(f"{run}-{number}")

    def dispatched(number: int) -> None:
        with shadow.dispatching("bench.task", unit=str(number)) as job:
            enqueue(job.key)

    took: dict[Callable[[int], None], list[float]] = {bare: [], dispatched: []}
    bare(0)
    dispatched(0)
    beside = time.process_time() - time.thread_time()
    for number in range(1, ENQUEUES):
        # Neither is always the one that comes after the other.
        for one in (bare, dispatched) if number % 2 else (dispatched, bare):
            began = time.perf_counter()
            one(number)
            took[one].append(time.perf_counter() - began)
    shadow.recorder.flush()
    beside = (time.process_time() - time.thread_time() - beside) / ENQUEUES
    theirs, ours = (statistics.quantiles(took[one], n=100) for one in (bare, dispatched))
    added, late = ours[49] - theirs[49], ours[98] - theirs[98]
    share = f"{added / theirs[49]:+.1%}, at most {LIMIT:.0%}"
    console.print(f"{name}: an enqueue {theirs[49] * 1e6:.0f} µs, with a ticket {added * 1e6:+.1f} µs: {share}")
    console.print(f"  at p99 {late * 1e6:+.0f} µs; the recorder's thread: {beside * 1e6:.1f} µs of processor time a job")


def sustained(console: Console, shadow: Dispatcher, inlet: FolderInlet) -> None:
    """Dispatches of nothing at a steady pace, while what they record is handed over; then all of it is collected."""
    each, behind, collected = list[float](), 0.0, 0
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
            sustained(console, shadow, inlet)


if __name__ == "__main__":
    main()
