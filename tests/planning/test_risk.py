"""The parts of a job's risk and difficulty, from code."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.planning.application import Application
from migrator.planning.assessing import assess, profile
from migrator.planning.plan import PlannedJob
from migrator.planning.planner import make_plan
from migrator.planning.risk import risk_parts
from migrator.planning.score import Part
from migrator.planning.side_effects import side_effect
from migrator.planning.usage import usages
from tests.planning.applications import application, evidence

HEAD = "from celery import Celery\napp = Celery('a', broker='redis://localhost')\napp.conf.task_time_limit = 60\n\n"
TASK = "@app.task\ndef send(user):\n    BODY\n\n"


def parts(app: Application, name: str = "send") -> dict[str, Part]:
    job = next(job for job in app.jobs if job.name.endswith(name))
    return {part.name: part for part in risk_parts(app, job, usages(app, job))}


def celery(root: Path, body: str = "...", more: str = "", files: dict[str, str] | None = None) -> dict[str, Part]:
    return parts(application(root, {"tasks.py": HEAD + TASK.replace("BODY", body) + more, **(files or {})}))


@pytest.mark.parametrize(
    ("first", "body", "points"),
    [
        ("import stripe", "stripe.Charge.create(amount=1)", 25),
        ("import stripe", "stripe.Charge.list()", None),
        ("from django.core.mail import send_mail", "send_mail('a', 'b', 'c', [])", 12),
        ("import requests", "requests.post('https://example.com')", 8),
        ("import os", "os.remove('a')", 4),
        ("import math", "math.sqrt(2)", None),
    ],
)
def test_what_a_job_does(tmp_path: Path, first: str, body: str, points: int | None) -> None:
    found = application(tmp_path, {"tasks.py": f"{first}\n{HEAD}{TASK.replace('BODY', body)}"})
    part = parts(found)["side effect"]
    assert (part.points, part.known) == ((12.5, False) if points is None else (points, True))
    assert (side_effect(found.evidence, found.jobs[0]) is None) == (points is None)


def test_the_gravest_counts(tmp_path: Path) -> None:
    code = f"import os, stripe\n{HEAD}{TASK.replace('BODY', 'os.remove(user); stripe.Charge.create(amount=1); os.remove(user)')}"
    assert parts(application(tmp_path, {"tasks.py": code}))["side effect"].why == "moves money: `stripe.Charge.create`, tasks.py:8"


def beat(cron: str) -> str:
    entry = f"{{'task': 'tasks.send', 'schedule': {cron}, 'args': (1,)}}"
    return f"from celery.schedules import crontab\napp.conf.beat_schedule = {{'x': {entry}}}\n"


@pytest.mark.parametrize(
    ("schedule", "points"),
    [
        ("10.0", 8),
        ("crontab(minute='*/5')", 8),
        ("crontab(minute='0')", 4),
        ("crontab(minute='0', hour='*/6')", 4),
        ("crontab(minute='0', hour='3')", 2),
        ("crontab(minute='0', hour='3', day_of_week='mon')", 0),
    ],
)
def test_how_often_it_is_scheduled(tmp_path: Path, schedule: str, points: int) -> None:
    part = celery(tmp_path, more=beat(schedule))["frequency"]
    assert (part.points, part.known) == (points, True)


def test_what_code_starts_runs_nobody_knows_how_often(tmp_path: Path) -> None:
    assert celery(tmp_path / "a", more="def f():\n    send.delay(1)\n")["frequency"].known is False
    both = celery(tmp_path / "b", more=beat("crontab(minute='0', hour='3')") + "def f():\n    send.delay(1)\n")
    assert (both["frequency"].points, both["frequency"].known) == (4, False)


def test_a_test_that_names_it(tmp_path: Path) -> None:
    none = celery(tmp_path / "a")["no test"]
    assert (none.points, none.why) == (8, "no test names it")
    named = celery(tmp_path / "b", files={"tests/test_send.py": "from tasks import send\n\ndef test_it():\n    send(1)\n"})["no test"]
    assert (named.points, named.why) == (0, "a test names it")


def test_an_id_that_keeps_a_second_one_out(tmp_path: Path) -> None:
    queue = 'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("mail");\nnew Worker("mail", async (job) => 1);\n'
    guarded = 'mails.add("a", {}, { jobId: `mail-${1}` });\n'
    other = 'mails.add("b", {});\n'
    assert parts(application(tmp_path / "a", {"q.ts": queue + guarded}), "mail")["no guard"].points == 0
    half = parts(application(tmp_path / "b", {"q.ts": queue + guarded + other}), "mail")["no guard"]
    assert (half.points, half.known) == (6, False)


def test_findings_of_the_job_count_and_those_of_the_project_do_not(tmp_path: Path) -> None:
    swallows = "try:\n        save(user)\n    except Exception:\n        log(user)"
    found = application(tmp_path, {"tasks.py": HEAD + TASK.replace("BODY", swallows)})
    ids = {finding.id for finding in found.inventory.findings}
    assert {"JOB101", "JOB105", "JOB402"} <= ids
    why = parts(found)["findings"].why
    assert "JOB101 critical, JOB103 critical, JOB105 high" in why
    # Whether jobs are measured is a matter of the application.
    assert "JOB402" not in why


def planned(root: Path, code: str, target: str = "rq") -> dict[str, PlannedJob]:
    return {job.name.rpartition(".")[2]: job for job in make_plan(evidence(root, {"tasks.py": HEAD + code}), target).jobs}


def test_a_job_that_starts_itself_is_a_leaf(tmp_path: Path) -> None:
    job = planned(tmp_path, "@app.task\ndef again(x):\n    again.delay(x)\n")["again"]
    assert job.starts == ()


def test_a_loop_of_enqueues_is_a_fan_out(tmp_path: Path) -> None:
    code = "@app.task\ndef one(x): ...\n\n@app.task\ndef all(xs):\n    for x in xs:\n        one.delay(x)\n"
    jobs = planned(tmp_path, code)
    fan_out = {name: next(part.points for part in job.difficulty.parts if part.name == "fan-out") for name, job in jobs.items()}
    assert fan_out == {"one": 0, "all": 6}
    assert jobs["all"].starts == ("celery:tasks.one",)


@pytest.mark.parametrize(("sites", "points"), [(1, 0), (2, 0), (3, 4), (10, 4), (11, 8)])
def test_places_that_change_with_it(tmp_path: Path, sites: int, points: int) -> None:
    calls = "".join(f"def f{n}():\n    send.delay(user={n})\n\n" for n in range(sites))
    job = planned(tmp_path, TASK.replace("BODY", "...") + calls)["send"]
    assert next(part.points for part in job.difficulty.parts if part.name == "coupling") == points


@pytest.mark.parametrize(
    ("argument", "known"), [("1", True), ("user.id", True), ("user_id", True), ("order.customer.pk", True), ("user", False)]
)
def test_ids_are_small(tmp_path: Path, argument: str, known: bool) -> None:
    job = planned(tmp_path, TASK.replace("BODY", "...") + f"def f(user, user_id, order):\n    send.delay({argument})\n")["send"]
    payload = next(part for part in job.difficulty.parts if part.name == "payload")
    assert (payload.known, payload.points) == (known, 0 if known else 3)


def test_what_no_worker_knows_of_runs_nowhere(tmp_path: Path) -> None:
    """On a pair without a rewrite, too."""
    files = {
        "package.json": '{"dependencies": {"inngest": "^3.54.0", "next": "15"}}',
        "f.ts": 'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "a" });\n'
        'export const on = inngest.createFunction({ id: "on" }, { event: "a" }, async () => 1);\n'
        'export const off = inngest.createFunction({ id: "off" }, { event: "b" }, async () => 1);\n',
        "app/api/inngest/route.ts": 'import { serve } from "inngest/next";\nimport { inngest, on } from "../../../f";\n'
        "export const { GET, POST, PUT } = serve({ client: inngest, functions: [on] });\n",
    }
    app = application(tmp_path, files)
    ways = {job.name: assess(app, profile(app, job), "pg-boss", None, ()) for job in app.jobs}
    assert {name: assessed.way for name, assessed in ways.items()} == {"on": "hand", "off": "idle"}
    assert ways["off"].effort.high == 0
