"""What an inventory tells of an experiment, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.scanners.scan import scan
from migrator.shadow.drafting.from_code import arm_of, jobs_of

TASKS = """\
from celery import shared_task, Celery
import os
app = Celery("shop", broker=os.environ["BROKER_URL"], backend=os.environ.get("RESULT_BACKEND_URL"))
@app.task
def plain(): ...
@app.task(name="mail.send", queue="mail", autoretry_for=(OSError,), max_retries=4)
def send(): ...
@shared_task(name=NAME)
def nameless(): ...
def not_a_task(): ...
"""


def inventory(tmp_path: Path, **files: str):
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/").replace("_py", ".py").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return scan(tmp_path)


def test_the_jobs_of_a_system(tmp_path: Path) -> None:
    found, unnamed = jobs_of(inventory(tmp_path, shop_py=TASKS, requirements_txt="celery==5.7.0\n"), "celery")
    assert [(job.name, job.queue, job.max_attempts, job.path, job.place) for job in found] == [
        ("mail.send", "mail", 5, "shop.send", "shop.py:6"),
        ("shop.plain", "celery", None, "shop.plain", "shop.py:4"),
    ]
    assert unnamed == ["shop.py:8"]


RQ = """\
from redis import Redis
from rq import Queue, Retry
from tasks import mail, report, reset
redis = Redis()
Queue("mail", connection=redis).enqueue(mail, retry=Retry(max=2))
Queue("mail", connection=redis).enqueue(mail, 1, retry=Retry(max=2))
Queue("slow", connection=redis).enqueue(report)
Queue("quick", connection=redis).enqueue(report, retry=Retry(max=1))
Queue(NAME, connection=redis).enqueue(reset)
"""


def test_where_calls_say_the_queue_and_the_attempts(tmp_path: Path) -> None:
    tasks = "def mail(*a): ...\ndef report(): ...\ndef reset(): ...\n"
    seen = inventory(tmp_path, calls_py=RQ, tasks_py=tasks, tests__test_calls_py=RQ.replace('"mail"', '"test"'))
    found, _ = jobs_of(seen, "rq")
    assert [(job.name, job.queue, job.queues, job.max_attempts) for job in found] == [
        ("tasks.mail", "mail", (), 3),
        ("tasks.report", None, (("slow", "calls.py:7"), ("quick", "calls.py:8")), None),
        ("tasks.reset", None, (), None),
    ], "calls of tests say nothing; two queues leave it open; one that only a variable knows is no default"


def test_a_call_to_another_queue_than_the_definition_s(tmp_path: Path) -> None:
    calls = "from shop import plain, send\nsend.apply_async(queue='urgent')\nsend.delay()\nplain.apply_async(queue='slow')\n"
    jobs = {job.name: job for job in jobs_of(inventory(tmp_path, shop_py=TASKS, calls_py=calls), "celery")[0]}
    assert jobs["shop.plain"].queue == "slow"
    assert jobs["mail.send"].queue is None
    assert jobs["mail.send"].queues == (("urgent", "calls.py:2"), ("mail", "calls.py:3"))


def test_jobs_of_tests_and_of_other_systems_take_no_part(tmp_path: Path) -> None:
    seen = inventory(tmp_path, shop_py=TASKS, tests__test_shop_py=TASKS.replace("mail.send", "mail.test"))
    assert "mail.test" not in [job.name for job in jobs_of(seen, "celery")[0]]
    assert jobs_of(seen, "rq") == ([], [])


def test_the_variable_with_the_address(tmp_path: Path) -> None:
    arm = arm_of(inventory(tmp_path, shop_py=TASKS), "celery")
    assert arm.connection == "BROKER_URL", "where results are kept is no place for jobs"
    assert arm.found == (("BROKER_URL", "shop.py:3"),)
    assert arm_of(inventory(tmp_path, shop_py=TASKS), "rq").connection is None


def test_of_two_variables_none_is_taken(tmp_path: Path) -> None:
    twice = TASKS + 'other = Celery("other", broker=os.environ["OTHER_BROKER_URL"])\n'
    arm = arm_of(inventory(tmp_path, shop_py=twice), "celery", name="old")
    assert arm.name == "old"
    assert arm.connection is None
    assert [variable for variable, _ in arm.found] == ["BROKER_URL", "OTHER_BROKER_URL"]


@pytest.mark.parametrize(
    "setting",
    [
        'app.conf.task_default_queue = "shop"\n',
        'app.conf.CELERY_DEFAULT_QUEUE = "shop"\n',
        'class Options:\n    JOBS_TASK_DEFAULT_QUEUE = "shop"\napp.config_from_object(Options, namespace="JOBS")\n',
    ],
)
def test_another_default_queue(tmp_path: Path, setting: str) -> None:
    moved = TASKS.replace("@app.task\n", f"{setting}@app.task\n", 1)
    found, _ = jobs_of(inventory(tmp_path, shop_py=moved), "celery")
    assert {job.name: job.queue for job in found}["shop.plain"] == "shop"


BULLMQ = """\
import { Queue, Worker } from "bullmq";
const mails = new Queue("mails", { defaultJobOptions: { attempts: 3 } });
const odd = new Queue("odd");
export const welcome = (to: string) => mails.add("welcome", { to });
export const digest = (to: string) => mails.add("digest", { to }, { attempts: 5 });
export const any = (name: string) => mails.add(name, {});
export const some = (name: string) => odd.add(name, {});
new Worker("mails", async (job) => deliver(job));
new Worker("odd", async (job) => deliver(job));
"""


def test_a_worker_that_takes_whatever_comes_is_as_many_jobs_as_calls_name(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"bullmq": "^5.0.0"}}')
    (tmp_path / "worker.ts").write_text(BULLMQ)
    found, unnamed = jobs_of(scan(tmp_path), "bullmq")
    assert [(job.name, job.queue, job.max_attempts) for job in found] == [
        ("digest", "mails", 5),
        ("odd", "odd", None),
        ("welcome", "mails", 3),
    ]
    assert unnamed == ["worker.ts:6"]
