"""The Celery application among the fixtures, against its hand-written truth and against what Celery itself says of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from migrator.jobs import Client, Dependency, Enqueue, Inventory, Item, Job, Literal, Schedule, Setting, Worker, literal_of
from migrator.scanners import scan

ROOT = Path(__file__).parents[3]
APPLICATION = ROOT / "fixtures/notifier"
TRUTH = [json.loads(line) for line in (ROOT / "tests/fixtures/notifier.truth.jsonl").read_text().splitlines()]

#: what Celery knows once the application is loaded
ASK = """
import json, sys
from notifier.celery_app import app
app.loader.import_default_modules()
app.conf.beat_schedule
def shown(when):
    if hasattr(when, "_orig_minute"):
        fields = {"minute": when.minute, "hour": when.hour, "week": when.day_of_week, "month": when.day_of_month}
        return {name: sorted(values) for name, values in fields.items()}
    return getattr(when, "total_seconds", lambda: when)()
tasks = {
    name: {
        "retries": task.max_retries, "delay": task.default_retry_delay, "rate": task.rate_limit,
        "late": task.acks_late, "expires": task.expires,
        "errors": [e.__name__ for e in getattr(task, "autoretry_for", ())], "backoff": getattr(task, "retry_backoff", False),
        "queue": app.amqp.router.route({}, name)["queue"].name,
        "parameters": list(__import__("inspect").signature(task.run).parameters),
    }
    for name, task in app.tasks.items() if not name.startswith("celery.")
}
beat = {name: {"task": e["task"], "schedule": shown(e["schedule"]), "args": e.get("args", ()), "kwargs": e.get("kwargs", {})}
        for name, e in app.conf.beat_schedule.items()}
json.dump({"tasks": tasks, "beat": beat, "timezone": app.conf.timezone}, sys.stdout, default=str)
"""


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return scan(APPLICATION)


@pytest.fixture(scope="module")
def celery() -> dict[str, Any]:
    ran = subprocess.run([sys.executable, "-c", ASK], cwd=APPLICATION, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(ran.stdout)


def hits(row: dict[str, Any], item: Item) -> bool:
    return (
        row["file"] == item.location.path
        and row["kind"] == item.kind
        and row["line"] - 1 <= item.location.line <= row.get("line_end", row["line"]) + 1
    )


@pytest.mark.parametrize("kind", [Job, Enqueue, Schedule, Worker, Client, Dependency, Setting], ids=lambda k: k.kind)
def test_all_of_the_truth_and_nothing_else(inventory: Inventory, kind: type[Item]) -> None:
    rows = [r for r in TRUTH if r["kind"] == kind.kind]
    items = [i for i in inventory.production if isinstance(i, kind)]
    missed = [f"{r['file']}:{r['line']} {r['name']}" for r in rows if not r.get("ambiguous") and not any(hits(r, i) for i in items)]
    wrong = [f"{i.location.place} {i.name}" for i in items if not any(hits(r, i) for r in rows)]
    assert (missed, wrong) == ([], [])
    assert {i.system for i in items} == {"celery"}
    assert inventory.unresolved == ()


def test_the_jobs_are_the_tasks_that_celery_knows(inventory: Inventory, celery: dict[str, Any]) -> None:
    jobs = {j.name: j for j in inventory.of(Job) if not j.area}
    assert set(jobs) == set(celery["tasks"])
    for name, task in celery["tasks"].items():
        job = jobs[name]
        assert job.handler is not None
        assert job.retry is not None
        bound = literal_of(job.options.get("bind")) is True
        assert [p.name for p in job.handler.parameters][bound:] == task["parameters"], name
        assert literal_of(job.queue) == (task["queue"] if task["queue"] != "celery" else None), name
        assert literal_of(job.rate_limit) == task["rate"], name
        assert literal_of(job.expires) == task["expires"], name
        assert (job.acknowledgement == "late") == task["late"], name
        assert list(job.retry.on) == task["errors"], name
        assert job.retry.automatic == bool(task["errors"]), name
        if job.retry.automatic or any(u.feature == "manual-retry" for u in job.uses):
            assert literal_of(job.retry.max_attempts) == task["retries"] + 1, name
        if job.retry.backoff.kind == "fixed":
            assert literal_of(job.retry.backoff.delay) == task["delay"], name
        else:
            assert task["backoff"], name


def test_the_schedules_are_those_that_beat_would_run(inventory: Inventory, celery: dict[str, Any]) -> None:
    from celery.schedules import crontab

    schedules = {s.name: s for s in inventory.of(Schedule)}
    assert set(schedules) == set(celery["beat"])
    for name, entry in celery["beat"].items():
        schedule = schedules[name]
        assert schedule.job_name == entry["task"]
        assert schedule.job
        assert [literal_of(a.value) for a in schedule.arguments if not a.name] == list(entry["args"])
        assert {a.name: literal_of(a.value) for a in schedule.arguments if a.name} == entry["kwargs"]
        if isinstance(schedule.cron, Literal):
            read = crontab.from_string(schedule.cron.value)
            assert {
                "minute": sorted(read.minute),
                "hour": sorted(read.hour),
                "week": sorted(read.day_of_week),
                "month": sorted(read.day_of_month),
            } == entry["schedule"]
            assert schedule.timezone == celery["timezone"]
        else:
            assert literal_of(schedule.interval) == entry["schedule"]


def test_every_enqueue_leads_to_its_job(inventory: Inventory) -> None:
    jobs = {f"{j.module}:{j.symbol}" for j in inventory.of(Job)}
    canvases = ("chain", "group", "chord")
    for enqueue in inventory.of(Enqueue):
        assert enqueue.job in jobs or enqueue.name in canvases, enqueue


def test_every_span_is_what_it_says(inventory: Inventory) -> None:
    def cut(item: Item, span: Any) -> str:
        return (APPLICATION / item.location.path).read_bytes()[span.start : span.end].decode()

    for job in inventory.of(Job):
        assert job.definition is not None
        text = cut(job, job.definition)
        assert text.startswith("@")
        assert f"def {job.symbol}(" in text
    for enqueue in inventory.of(Enqueue):
        assert enqueue.call is not None
        text = cut(enqueue, enqueue.call)
        assert text.endswith(")") or enqueue.form.endswith("-reference")
        for argument in enqueue.arguments:
            assert cut(enqueue, argument.span) in text
    for worker in inventory.of(Worker):
        assert worker.entry is not None
        text = cut(worker, worker.entry).strip('"')
        assert text.startswith("celery")
        assert text.replace('", "', " ") == worker.command
    for entry in (*inventory.of(Schedule), *inventory.of(Dependency), *inventory.of(Setting)):
        assert entry.entry is not None
        assert cut(entry, entry.entry)
