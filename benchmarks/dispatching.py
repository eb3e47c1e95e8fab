"""What routing and recording add to an enqueue, and whether 5,000 dispatches a second are kept up: part of `make bench`."""

from __future__ import annotations

import random
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
#: of the median time of an enqueue, what routing and recording may add: the reference's aim, about a bare one
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


def beside_an_enqueue(console: Console, name: str, enqueue: Callable[[str | None], object], shadow: Dispatcher) -> None:
    """Bare enqueues, and the same with a ticket around each, in turn, while the recorder's thread does its work; the medians are compared.

    A ticket gives the job its id. So there are two that it can be held against: an enqueue where the client makes the id, as it does when
    it is told nothing, and one where the application has an id at hand. What the recorder's thread does meanwhile takes no time of the
    caller's, but of a processor: it is told by itself.
    """
    run = uuid.uuid4().hex

    def bare(_: int) -> None:
        enqueue(None)

    def named(number: int) -> None:
        enqueue(f"{run}-{number}")

    def dispatched(number: int) -> None:
        with shadow.dispatching("bench.task", unit=str(number)) as job:
            enqueue(job.key)

    forms = [bare, named, dispatched]
    took: dict[Callable[[int], None], list[float]] = {form: [] for form in forms}
    for form in forms:
        form(0)
    beside = time.process_time() - time.thread_time()
    for number in range(1, ENQUEUES):
        # None is always the one that comes after another.
        random.shuffle(forms)
        for form in forms:
            began = time.perf_counter()
            form(number)
            took[form].append(time.perf_counter() - began)
    shadow.recorder.flush()
    beside = (time.process_time() - time.thread_time() - beside) / ENQUEUES
    cuts = {form: [cut * 1e6 for cut in statistics.quantiles(took[form], n=100)] for form in forms}
    ours = cuts[dispatched]
    for form, words in ((bare, f"{name} makes the id"), (named, "an id is at hand")):
        middle, late = cuts[form][49], ours[98] - cuts[form][98]
        added = ours[49] - middle
        share = f"{added / middle:+.1%}, at most {LIMIT:.0%}"
        console.print(f"{name}, {words}: an enqueue {middle:.0f} µs, with a ticket {added:+.1f} µs: {share}; at p99 {late:+.0f} µs")
    console.print(f"  the recorder's thread: {beside * 1e6:.1f} µs of processor time a job")


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
