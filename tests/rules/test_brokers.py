"""What rules know of brokers and transactions: the defaults of the system, and where the code leaves it open."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

REDIS = 'from celery import Celery\napp = Celery(broker="redis://cache/0")\n\n@app.task\ndef send():\n    ...\n\n'


def state(folder: Path, rule: str, files: dict[str, str]) -> str:
    for path, text in files.items():
        (folder / path).write_text(text)
    (found,) = check(scan(folder), folder, select=[rule]).checks
    return found.state


@pytest.mark.parametrize(
    ("code", "became"),
    [
        (REDIS + "send.apply_async(countdown=3_500)\n", "pass"),
        (REDIS + "send.apply_async(countdown=3_600)\n", "pass"),
        (REDIS + "send.apply_async(countdown=3_700)\n", "fail"),
        (REDIS + "app.conf.broker_url = 'amqp://mq'\nsend.apply_async(countdown=3_700)\n", "unknown"),
        (REDIS + "app.conf.broker_transport_options = {**OPTIONS, 'x': y}\nsend.apply_async(countdown=3_700)\n", "unknown"),
        (REDIS + "app.conf.broker_transport_options = {'visibility_timeout': 7_200}\nsend.apply_async(countdown=3_700)\n", "pass"),
        (REDIS + "app.conf.CELERY_BROKER_TRANSPORT_OPTIONS = OPTIONS\nsend.apply_async(countdown=3_700)\n", "unknown"),
        (REDIS.replace("redis://", "sqs://") + "send.apply_async(countdown=1_900)\n", "fail"),
        (REDIS.replace("redis://", "amqp://") + "send.apply_async(countdown=99_999)\n", "pass"),
        (REDIS.replace('"redis://cache/0"', "BROKER") + "send.apply_async(countdown=3_700)\n", "unknown"),
    ],
)
def test_how_long_a_broker_waits(tmp_path: Path, code: str, became: str) -> None:
    assert state(tmp_path, "JOB307", {"app.py": code}) == became


@pytest.mark.parametrize(
    ("imported", "became"),
    [
        ("from django.tasks import task\n\n@task\ndef send():\n    ...\n\nput = send.enqueue\n", "unknown"),
        ("from celery import shared_task\n\n@shared_task\ndef send():\n    ...\n\nput = send.delay\n", "fail"),
        ("import procrastinate\napp = procrastinate.App()\n\n@app.task\ndef send():\n    ...\n\nput = send.defer\n", "not-applicable"),
    ],
)
def test_whose_jobs_join_a_transaction(tmp_path: Path, imported: str, became: str) -> None:
    call = imported.rpartition("put = ")[2].strip()
    code = (
        imported.rpartition("put = ")[0]
        + f"from django.db import transaction\n\ndef view():\n    with transaction.atomic():\n        {call}()\n"
    )
    assert state(tmp_path, "JOB109", {"app.py": code}) == became


@pytest.mark.parametrize(("limit", "became"), [(3_599, "pass"), (3_600, "fail")])
def test_a_task_that_may_run_as_long_as_its_lease_is_handed_out_again(tmp_path: Path, limit: int, became: str) -> None:
    assert state(tmp_path, "JOB112", {"app.py": REDIS.replace("@app.task", f"@app.task(acks_late=True, time_limit={limit})")}) == became


@pytest.mark.parametrize(("delay", "became"), [(900, "pass"), (901, "fail")])
def test_sqs_takes_a_delay_of_a_quarter_of_an_hour(tmp_path: Path, delay: int, became: str) -> None:
    code = f'import boto3\n\nboto3.client("sqs").send_message(QueueUrl="https://sqs/mail", MessageBody="{{}}", DelaySeconds={delay})\n'
    assert state(tmp_path, "JOB307", {"send.py": code}) == became


@pytest.mark.parametrize(
    ("name", "became"),
    [
        ("JOBS_RESULT_EXPIRES = 0", "fail"),
        ("JOBS_RESULT_EXPIRES = 3_600", "pass"),
        ("JOBS_RESULT_CACHE_MAX = 0", "not-applicable"),
    ],
)
def test_results_that_stay_under_the_prefix_of_the_application(tmp_path: Path, name: str, became: str) -> None:
    app = REDIS + "app.config_from_object('options', namespace='JOBS')\n"
    assert state(tmp_path, "JOB805", {"app.py": app, "options.py": f"{name}\n"}) == became
