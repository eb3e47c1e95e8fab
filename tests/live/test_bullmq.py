"""Queues of BullMQ, filled and worked off by BullMQ itself."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from bullmq import Job, Queue, Worker

from migrator.live.limits import LiveSettings, QueueLimits
from migrator.servers import install, node
from tests.live.conftest import Look

pytestmark = pytest.mark.behaviour


def fill(url: str, *jobs: tuple[str, dict[str, Any], dict[str, Any]], queue: str = "mail") -> None:
    async def run() -> None:
        opened = Queue(queue, {"connection": url})
        await opened.addBulk([{"name": name, "data": data, "opts": opts} for name, data, opts in jobs])
        await opened.close()

    asyncio.run(run())


def work(url: str, process: Callable[[Job, str], Awaitable[Any]], done: Callable[[], bool], queue: str = "mail", **options: Any) -> None:
    """Let a worker run until something holds."""

    async def run() -> None:
        worker = Worker(queue, process, {"connection": url, "concurrency": 20, **options})
        until = time.monotonic() + 60
        while not done():
            assert time.monotonic() < until
            await asyncio.sleep(0.02)
        # BullMQ's own gentle end may wait for ever: where it comes just before the worker begins to wait for the next job.
        await worker.close(True)

    asyncio.run(run())


async def nothing(job: Job, token: str) -> None:
    return None


async def failing(job: Job, token: str) -> None:
    raise ValueError("no such address as anna@example.org")


def test_an_empty_queue_has_nothing_wrong(store: str, look: Look) -> None:
    fill(store, ("welcome", {}, {"removeOnComplete": True}))
    with redis.Redis.from_url(store) as client:
        work(store, nothing, lambda: not client.llen("bull:mail:wait") and not client.llen("bull:mail:active"))
    seen = look(store)
    assert [f.id for f in seen.inventory.findings if f.id != "LIV13"] == []
    assert seen.state("LIV01") == "pass"
    assert seen.evidence("LIV02") == "bull:mail: nothing waits"


def test_depth_and_its_limits(store: str, look: Look) -> None:
    fill(store, *[("welcome", {"to": "anna"}, {})] * 6, *[("late", {}, {"priority": 2})] * 5, ("later", {}, {"delay": 3_600_000}))
    assert look(store).state("LIV01") == "pass"
    seen = look(store, settings=LiveSettings(depth=10))
    assert seen.messages("LIV01") == ["11 jobs of `mail` are due (limit 10)."]
    assert seen.findings("LIV01")[0].severity == "high"
    assert seen.findings("LIV01")[0].path.endswith("/0#bull:mail")
    assert look(store, settings=LiveSettings(depth=10, queues={"mail": QueueLimits(depth=11)})).state("LIV01") == "pass"
    (queue,) = seen.inventory.live.queues if seen.inventory.live else ()
    assert (queue.due, queue.delayed, queue.active, queue.workers) == (11, 1, 0, 0)
    assert queue.names == {"welcome": 6, "late": 5, "later": 1}


def test_a_finding_is_known_again_when_only_its_numbers_have_changed(store: str, look: Look) -> None:
    settings = LiveSettings(depth=1)
    fill(store, *[("welcome", {}, {})] * 2)
    fill(store, *[("welcome", {}, {})] * 2, queue="other")
    before = {finding.fingerprint for finding in look(store, settings=settings).findings("LIV01")}
    fill(store, *[("welcome", {}, {})] * 20)
    assert {finding.fingerprint for finding in look(store, settings=settings).findings("LIV01")} == before
    assert len(before) == 2
    whole = look(store, settings=LiveSettings(depth=0)).inventory
    assert len({f.fingerprint for f in whole.findings}) == len(whole.findings)


def test_the_oldest_is_the_first_in_line(store: str, client: redis.Redis, look: Look) -> None:
    fill(store, *[("welcome", {}, {})] * 3)
    assert look(store).state("LIV02") == "pass"
    client.hset("bull:mail:1", "timestamp", int((time.time() - 900) * 1_000))
    (message,) = look(store).messages("LIV02")
    assert message == "The oldest job of `mail` has been due for 15 min (limit 5 min)."
    # What has run before came back later than it was made.
    client.hset("bull:mail:1", "processedOn", int(time.time() * 1_000))
    assert look(store).state("LIV02") == "pass"


def test_a_delayed_job_waits_from_when_it_is_due(store: str, client: redis.Redis, look: Look) -> None:
    fill(store, ("later", {}, {"delay": 60_000}))
    assert "due" not in look(store).evidence("LIV02")
    assert look(store).evidence("LIV20") == "bull:mail: 0 due, 1 delayed, 0 running, 0 failed"
    past = int((time.time() - 1_000) * 1_000)
    client.hset("bull:mail:1", "timestamp", past)
    client.zadd("bull:mail:delayed", {"1": (past + 60_000) * 4_096})
    seen = look(store)
    assert seen.messages("LIV02") == ["The oldest job of `mail` has been due for 15.7 min (limit 5 min)."]
    assert "1 due, 0 delayed" in seen.evidence("LIV20")


def test_failures_and_retries(store: str, client: redis.Redis, look: Look) -> None:
    fill(store, *[("welcome", {}, {"attempts": 2})] * 24)
    work(store, failing, lambda: client.zcard("bull:mail:failed") == 24)
    seen = look(store)
    assert seen.messages("LIV05") == ["24 jobs of `mail` failed for good in the last hour (limit 10)."]
    assert seen.messages("LIV06") == ["In `mail` 24 of the last 24 jobs were run more than once: 100 % (limit 20 %)."]
    assert seen.state("LIV04") == "unknown"
    assert "--live-window" in seen.check("LIV04").reason
    assert "anna@example.org" not in repr(seen.inventory)
    client.zadd("bull:mail:failed", dict.fromkeys((str(n) for n in range(1, 25)), (time.time() - 8 * 86_400) * 1_000))
    old = look(store)
    assert old.messages("LIV05") == ["24 failed jobs of `mail` are stored, the oldest for 8 d (limit 7 d)."]
    assert old.findings("LIV05")[0].severity == "medium"


def test_one_failure_in_many_is_none(store: str, client: redis.Redis, look: Look) -> None:
    async def mostly(job: Job, token: str) -> None:
        if job.data["n"] == 0:
            raise ValueError("one")

    fill(store, *[("welcome", {"n": n}, {}) for n in range(30)])
    work(store, mostly, lambda: client.zcard("bull:mail:failed") + client.zcard("bull:mail:completed") == 30)
    seen = look(store)
    assert [seen.state(check) for check in ("LIV03", "LIV05", "LIV06", "LIV07", "LIV10")] == ["pass"] * 5


def test_rates_over_a_window(store: str, client: redis.Redis, look: Look, code: Path) -> None:
    """A worker that fails every job, and a producer that is faster than it, run while the queue is looked at."""
    import threading

    over = threading.Event()

    async def run() -> None:
        async def slowly(job: Job, token: str) -> None:
            await asyncio.sleep(0.02)
            raise ValueError("no")

        queue = Queue("mail", {"connection": store})
        worker = Worker("mail", slowly, {"connection": store, "concurrency": 4})
        while not over.is_set():
            await queue.addBulk([{"name": "welcome", "data": {}, "opts": {}} for _ in range(40)])
            await asyncio.sleep(0.05)
        await worker.close(True)
        await queue.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        until = time.monotonic() + 60
        while client.zcard("bull:mail:failed") < 5:
            assert time.monotonic() < until
            time.sleep(0.02)
        seen = look(store, window=3)
    finally:
        over.set()
        thread.join(60)
    (failed,) = seen.findings("LIV04")
    assert failed.severity == "high"
    assert "100 % (limit 5 %)" in failed.message
    (grows,) = seen.findings("LIV08")
    assert "`mail` grows" in grows.message
    assert seen.state("LIV09") == "pass"
    assert seen.inventory.live is not None
    assert seen.inventory.live.window_seconds == 3


def test_nothing_ends_in_a_window(store: str, look: Look) -> None:
    fill(store, *[("welcome", {}, {})] * 3)
    # A worker may come for what has only just been enqueued.
    assert look(store, window=0.2).state("LIV08") == "pass"
    with redis.Redis.from_url(store) as client:
        client.hset("bull:mail:1", "timestamp", int((time.time() - 90) * 1_000))
    seen = look(store, window=0.2)
    assert seen.messages("LIV08") == ["Nothing of `mail` runs or ended: due were 3, 0.2 s later 3; 0 came and 0 ended."]
    assert seen.findings("LIV08")[0].severity == "critical"
    assert seen.check("LIV04").reason == "bull:mail: no job ended in 0.2 s"


def test_a_job_without_its_lock_is_lost(store: str, client: redis.Redis, look: Look) -> None:
    started = asyncio.Event()

    async def run() -> None:
        async def hang(job: Job, token: str) -> None:
            started.set()
            await asyncio.sleep(60)

        worker = Worker("mail", hang, {"connection": store})
        await started.wait()
        assert (await asyncio.to_thread(look, store)).state("LIV07") == "pass"
        await worker.close(True)

    fill(store, ("welcome", {}, {}))
    asyncio.run(run())
    # The worker is gone; its lock would end by itself after half a minute.
    client.delete("bull:mail:1:lock")
    seen = look(store)
    assert seen.messages("LIV07") == ["1 of 1 running jobs of `mail` have lost their worker."]
    assert seen.findings("LIV07")[0].severity == "medium"


def test_workers_are_seen_by_the_name_of_their_connection(store: str, client: redis.Redis, look: Look, code: Path) -> None:
    (code / "worker.ts").write_text('import { Worker } from "bullmq";\nnew Worker("mail", async () => {});\n')
    fill(store, *[("welcome", {}, {})] * 2)
    seen = look(store)
    assert seen.messages("LIV09") == ["2 jobs of `mail` are due and no worker is there; the code has one for it."]
    assert [(f.severity, f.others[0].path) for f in seen.findings("LIV09")] == [("critical", "worker.ts")]

    async def run() -> None:
        async def hang(job: Job, token: str) -> None:
            await asyncio.sleep(60)

        worker = Worker("mail", hang, {"connection": store})
        while not client.llen("bull:mail:active"):
            await asyncio.sleep(0.02)
        assert (await asyncio.to_thread(look, store)).state("LIV09") == "pass"
        await worker.close(True)

    asyncio.run(run())


def test_somebody_nameless_who_waits_may_be_a_worker(store: str, look: Look) -> None:
    import threading

    fill(store, ("welcome", {}, {}))
    with redis.Redis.from_url(store) as waiting, redis.Redis.from_url(store) as client:
        thread = threading.Thread(target=lambda: waiting.bzpopmin("something", timeout=5))
        thread.start()
        until = time.monotonic() + 60
        while not any("b" in c["flags"] for c in client.client_list()):
            assert time.monotonic() < until
        seen = look(store)
        client.zadd("something", {"x": 1})
        thread.join()
    assert seen.state("LIV09") == "unknown"
    assert "clients wait for something without saying their name" in seen.check("LIV09").reason


def test_what_is_kept(store: str, client: redis.Redis, look: Look) -> None:
    fill(store, *[("welcome", {}, {})] * 12)
    work(store, nothing, lambda: client.zcard("bull:mail:completed") == 12)
    assert look(store).state("LIV10") == "pass"
    (message,) = look(store, settings=LiveSettings(kept=10)).messages("LIV10")
    assert message.startswith("12 completed jobs of `mail` are stored, the oldest for ")
    assert message.endswith("(limit 10), and nothing seen here deletes them.")


def test_sizes_and_horizon_against_the_target(store: str, look: Look) -> None:
    fill(store, ("small", {"a": "x" * 100}, {}), ("large", {"a": "x" * 2_000_000}, {}), ("later", {}, {"delay": 40 * 86_400_000}))
    seen = look(store)
    assert seen.state("LIV16") == seen.state("LIV18") == "unknown"
    assert "the largest 1.9 MiB" in seen.evidence("LIV16")
    assert "due in 40 d" in seen.evidence("LIV18")
    to_sqs = look(store, settings=LiveSettings(target="sqs"))
    (size,) = to_sqs.findings("LIV16")
    assert size.severity == "critical"
    assert "1.9 MiB" in size.message
    (horizon,) = to_sqs.findings("LIV18")
    assert horizon.severity == "critical"
    assert "(limit 15 min, AWS SQS and Lambda: delay of a message)" in horizon.message
    assert "xxx" not in repr(to_sqs.inventory)


def test_queues_and_the_code(store: str, look: Look, code: Path) -> None:
    (code / "mail.ts").write_text('import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\nmails.add("welcome", {});\n')
    fill(store, ("welcome", {}, {}))
    fill(store, ("old", {}, {}), queue="legacy")
    seen = look(store)
    assert seen.messages("LIV15") == ["`legacy` holds 1 job, and no code here names it."]
    (code / "other.ts").write_text(
        'import { Queue } from "bullmq";\nexport const make = () => new Queue(process.env.QUEUE!);\nmake().add("x", {});\n'
    )
    assert look(store).state("LIV15") == "unknown"


def test_schedules_and_the_code(store: str, look: Look, code: Path) -> None:
    async def run() -> None:
        queue = Queue("mail", {"connection": store})
        await queue.upsertJobScheduler("digest", {"pattern": "0 7 * * *"}, "digest", {}, {})
        await queue.close()

    asyncio.run(run())
    (message,) = look(store).messages("LIV14")
    assert message == "The schedule `digest` (0 7 * * *) runs, and no code here sets it."
    text = (
        'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\nmails.upsertJobScheduler("ID", { pattern: "0 7 * * *" }, {});\n'
    )
    (code / "mail.ts").write_text(text.replace("ID", "digest"))
    assert look(store).state("LIV14") == "pass"
    (code / "mail.ts").write_text(text.replace("ID", "gone"))
    seen = look(store)
    places = {(f.path.partition("#")[2] or f.path, f.line) for f in seen.findings("LIV14")}
    assert places == {("bull:mail:repeat", 0), ("mail.ts", 3)}


NODE = """
import { Queue, Worker } from "bullmq";
const at = new URL(process.env.REDIS);
const connection = { host: at.hostname, port: Number(at.port), password: at.password, maxRetriesPerRequest: null };
const queue = new Queue("mail", { connection, prefix: "own" });
await queue.addBulk(Array.from({ length: 30 }, () => ({ name: "welcome", data: { to: "anna" } })));
const hang = () => new Promise((done) => setTimeout(done, 60_000));
const worker = new Worker("mail", hang, { connection, prefix: "own", concurrency: 2, name: "a" });
await worker.waitUntilReady();
while ((await queue.getActiveCount()) < 2) await new Promise((done) => setTimeout(done, 20));
console.log("ready");
process.stdin.on("data", () => process.exit(0));
"""


def test_of_node(store: str, look: Look, tmp_path: Path) -> None:
    import subprocess

    project = tmp_path / "node"
    project.mkdir()
    package = {"name": "t", "private": True, "type": "module", "dependencies": {"bullmq": "6", "ioredis": "5"}}
    (project / "package.json").write_text(json.dumps(package))
    (project / "run.mjs").write_text(NODE)
    runtime = node()
    install(project, runtime)
    environment = {**runtime.environment(), "REDIS": store}
    pipe = subprocess.PIPE
    with subprocess.Popen([runtime.executable, "run.mjs"], cwd=project, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            assert process.stdout.readline() == "ready\n"
            seen = look(store)
        finally:
            process.stdin.write("end\n")
            process.stdin.close()
            process.wait(60)
    assert "28 due, 0 delayed, 2 running" in seen.evidence("LIV20")
    assert [seen.state(check) for check in ("LIV01", "LIV07", "LIV09")] == ["pass"] * 3
    with redis.Redis.from_url(store) as client:
        # They would end by themselves after half a minute.
        client.delete(*client.keys("own:mail:*:lock"))
    gone = look(store)
    assert [gone.state(check) for check in ("LIV07", "LIV09")] == ["fail"] * 2
