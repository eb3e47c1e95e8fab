"""Schedules in a real Redis, put there by the libraries whose they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import redis

from migrator.errors import MigratorError
from migrator.jobs import Literal, Schedule
from migrator.scanners import scan
from migrator.scanners.runtime import ask
from migrator.servers import Servers, install, node

pytestmark = pytest.mark.behaviour


@pytest.fixture
def store(running: Servers) -> str:
    """An empty Redis."""
    with redis.Redis.from_url(running.redis) as client:
        client.flushdb()
    return running.redis


def found(url: str, folder: Path) -> list[tuple[str, str, str, object, object, str]]:
    return [
        (s.system, s.name, s.job_name, s.cron.value if isinstance(s.cron, Literal) else "",
         s.interval.value if isinstance(s.interval, Literal) else None, s.timezone)
        for s in ask([url], scan(folder)).of(Schedule)
    ]  # fmt: skip


RUN = """
import { Queue } from "bull";
const at = new URL(process.env.REDIS);
const connection = { host: at.hostname, port: Number(at.port), password: at.password };
const queue = new Queue("mail", { connection, prefix: process.env.PREFIX });
await queue.waitUntilReady();
%s
await queue.close();
process.exit(0);
"""
REPEAT = """
await queue.add("digest", {}, { repeat: { %s: "0 7 * * *", tz: "Europe/Berlin" } });
await queue.add("poll", {}, { repeat: { every: 30000 } });
"""
SCHEDULERS = """
await queue.upsertJobScheduler("digest-id", { pattern: "0 7 * * *", tz: "Europe/Berlin" }, { name: "digest" });
await queue.upsertJobScheduler("poll-id", { every: 30000 }, { name: "poll" });
"""


@pytest.mark.parametrize(
    ("version", "code", "names"),
    [
        ("4", REPEAT % "pattern", {"digest", "poll"}),
        ("5", REPEAT % "pattern", {"digest", "poll"}),
        ("5", SCHEDULERS, {"digest-id", "poll-id"}),
        ("6", SCHEDULERS, {"digest-id", "poll-id"}),
    ],
)
def test_bullmq(store: str, tmp_path: Path, version: str, code: str, names: set[str]) -> None:
    project, empty = tmp_path / "node", tmp_path / "code"
    project.mkdir()
    empty.mkdir()
    package = {"name": "t", "private": True, "type": "module", "dependencies": {"bull": f"npm:bullmq@{version}", "ioredis": "5"}}
    (project / "package.json").write_text(json.dumps(package))
    (project / "run.mjs").write_text(RUN % code)
    runtime = node()
    install(project, runtime)
    for prefix in ("bull", "own"):
        runtime.run(["run.mjs"], folder=project, extra={"REDIS": store, "PREFIX": prefix})
    rows = found(store, empty)
    assert len(rows) == 4
    assert {row[1] for row in rows} == names
    assert {row[2:] for row in rows} == {("digest", "0 7 * * *", None, "Europe/Berlin"), ("poll", "", 30, "")}


BULL = """
import Bull from "bull";
for (const prefix of ["bull", "own"]) {
  const at = new URL(process.env.REDIS);
  const redis = { host: at.hostname, port: Number(at.port), password: at.password };
  const queue = new Bull("mail", { redis, prefix });
  await queue.isReady();
  await queue.add("digest", {}, { repeat: { cron: "0 7 * * *", tz: "Europe/Berlin" } });
  await queue.add({}, { repeat: { every: 30000 } });
  await queue.close();
}
process.exit(0);
"""


def test_bull(store: str, tmp_path: Path) -> None:
    project, empty = tmp_path / "node", tmp_path / "code"
    project.mkdir()
    empty.mkdir()
    package = {"name": "t", "private": True, "type": "module", "dependencies": {"bull": "4"}}
    (project / "package.json").write_text(json.dumps(package))
    (project / "run.mjs").write_text(BULL)
    runtime = node()
    install(project, runtime)
    runtime.run(["run.mjs"], folder=project, extra={"REDIS": store})
    rows = [("bull", "digest", "digest", "0 7 * * *", None, "Europe/Berlin"), ("bull", "mail", "", "", 30, "")]
    assert sorted(found(store, empty), key=repr) == sorted([*rows, *rows], key=repr)


def test_rq_scheduler(store: str, empty: Path) -> None:
    from datetime import datetime

    from rq_scheduler import Scheduler

    with redis.Redis.from_url(store) as client:
        scheduler = Scheduler("mail", connection=client)
        scheduler.cron("30 4 * * *", "app.jobs.report", args=(1, {"a": 2}))
        scheduler.schedule(datetime(2030, 1, 1), "app.jobs.poll", interval=60)  # noqa: DTZ001 - the library's own way
        scheduler.enqueue_at(datetime(2030, 1, 1), "app.jobs.once")  # noqa: DTZ001
    assert sorted(found(store, empty)) == [
        ("rq", "app.jobs.poll", "app.jobs.poll", "", 60, ""),
        ("rq", "app.jobs.report", "app.jobs.report", "30 4 * * *", None, ""),
    ]


def test_rq_cron(store: str, empty: Path) -> None:
    from rq.cron import CronScheduler

    with redis.Redis.from_url(store) as client:
        for name in ("one", "two"):
            scheduler = CronScheduler(connection=client, name=name)
            scheduler.register(print, "mail", cron="0 9 * * *")
            scheduler.register(len, "mail", interval=5)
            scheduler.register_birth()
            scheduler.save()
    rows = found(store, empty)
    assert sorted((r[0], r[3], r[4]) for r in rows) == [("rq", "", 5), ("rq", "0 9 * * *", None)]


def test_redbeat(store: str, empty: Path) -> None:
    from celery import Celery
    from celery.schedules import crontab, schedule
    from redbeat import RedBeatSchedulerEntry

    app = Celery("app", broker=store)
    app.conf.redbeat_redis_url = store
    RedBeatSchedulerEntry("report", "app.tasks.report", crontab(minute="0", hour="*/6"), app=app).save()
    RedBeatSchedulerEntry("poll", "app.tasks.poll", schedule(run_every=30), app=app).save()
    off = RedBeatSchedulerEntry("off", "app.tasks.off", schedule(run_every=30), app=app)
    off.enabled = False
    off.save()
    assert sorted(found(store, empty)) == [
        ("celery", "poll", "app.tasks.poll", "", 30, ""),
        ("celery", "report", "app.tasks.report", "0 */6 * * *", None, ""),
    ]


def test_what_runs_against_what_the_code_says(store: str, empty: Path) -> None:
    from rq_scheduler import Scheduler

    (empty / "plan.py").write_text(
        "from redis import Redis\nfrom rq_scheduler import Scheduler\nscheduler = Scheduler(connection=Redis())\n"
        "scheduler.cron('0 5 * * *', func='app.jobs.report')\nscheduler.cron('0 6 * * *', func='app.jobs.gone')\n"
    )
    with redis.Redis.from_url(store) as client:
        Scheduler("mail", connection=client).cron("30 4 * * *", "app.jobs.report")
    inventory = ask([store], scan(empty))
    assert inventory.runtime is not None
    assert [(d.kind, d.name, d.detail) for d in inventory.runtime.differences] == [
        ("not running", "app.jobs.gone", "0 6 * * *"),
        ("differs", "app.jobs.report", "code says 0 5 * * *, running is 30 4 * * *"),
    ]


def test_nothing_is_written_or_left_behind(store: str, empty: Path) -> None:
    with redis.Redis.from_url(store) as client:
        client.hset("bull:mail:meta", "opts.maxLenEvents", "10000")
        client.set("bull:other:meta", "no hash")
        client.set("rq:scheduler:scheduled_jobs", "no set")
        client.zadd("bull:mail:repeat", {"a:b:c": 1, "": 2, ":::::": 3})
        before = {key: client.dump(key) for key in client.keys("*")}
        ask([store], scan(empty))
        assert {key: client.dump(key) for key in client.keys("*")} == before


def test_a_server_that_is_not_there(empty: Path) -> None:
    with pytest.raises(MigratorError) as raised:
        ask(["redis://:hunter2@127.0.0.1:1/0"], scan(empty))
    assert "redis://127.0.0.1:1/0" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_refusal_tells_no_password(store: str, empty: Path) -> None:
    with pytest.raises(MigratorError) as raised:
        ask([f"redis://:hunter2@{store.rpartition('@')[2]}"], scan(empty))
    assert "hunter2" not in str(raised.value)
