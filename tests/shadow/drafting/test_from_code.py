"""What an inventory tells of an experiment, and what it does not."""

from __future__ import annotations

from pathlib import Path

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


def test_another_default_queue(tmp_path: Path) -> None:
    moved = TASKS.replace("@app.task\n", 'app.conf.task_default_queue = "shop"\n@app.task\n', 1)
    found, _ = jobs_of(inventory(tmp_path, shop_py=moved), "celery")
    assert {job.name: job.queue for job in found}["shop.plain"] == "shop"
