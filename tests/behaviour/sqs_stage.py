"""SQS for tests: moto's server on loopback, asked over HTTP as AWS would be, and a Lambda's worker in a process of its own."""

from __future__ import annotations

import json
import logging
import os
import sys
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from migrator.shadow.config.experiment import Worker
from migrator.shadow.run.workers import RunningWorker, stop_all
from tests.behaviour.shadow_stage import WORKER

REGION = "eu-central-1"
#: credentials that moto takes, for every process of a test
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}


class Service:
    """The service; what it holds outlives `stop` and `start`."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]
        # What moto holds belongs to the process, and may be another test's.
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")).close()  # noqa: S310
        self.client: Any = boto3.client("sqs", REGION, endpoint_url=self.url, config=Config(retries={"total_max_attempts": 1}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def queue(self, name: str, *, receives: int | None = 3, visibility: float = 1, **more: str) -> str:
        """A queue, its dead-letter queue and one for reports; the queue's URL."""
        policy: dict[str, str] = {}
        end = ".fifo" if name.endswith(".fifo") else ""
        fifo = {"FifoQueue": "true"} if end else {}
        if receives is not None:
            dead = self.client.create_queue(QueueName=f"{name.removesuffix(end)}-dead{end}", Attributes=fifo)["QueueUrl"]
            arn = self.client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            policy["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": str(receives)})
        self.client.create_queue(QueueName=f"{name.removesuffix(end)}-reports")
        attributes = {"VisibilityTimeout": str(visibility), **fifo, **policy, **more}
        return str(self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    def reports(self, url: str) -> str:
        return f"{url.removesuffix('.fifo')}-reports"


@contextmanager
def service() -> Generator[Service]:
    """A service of its own, with the credentials in this process's environment."""
    before = {name: os.environ.get(name) for name in CREDENTIALS}
    os.environ.update(CREDENTIALS)
    running = Service()
    try:
        yield running
    finally:
        running.stop()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def lambda_worker(queue_url: str, reports: str, env: Mapping[str, str]) -> Worker:
    """How the worker is started."""
    paths = os.pathsep.join((str(WORKER.parent), str(Path(__file__).parents[2])))
    more = {"QUEUE_URL": queue_url, "SHADOW_REPORTS": reports, "PYTHONPATH": paths, **CREDENTIALS, **env}
    return Worker(command=(sys.executable, str(WORKER.parent / "sqs_jobs.py")), ready="up", env=more)


@contextmanager
def worker(queue_url: str, reports: str, folder: Path, **env: str) -> Generator[RunningWorker]:
    """A worker, ready; stopped afterwards."""
    spec = lambda_worker(queue_url, reports, {"EFFECTS": str(folder / "effects"), **env})
    running = RunningWorker("sqs", spec, folder=folder, log=folder / "sqs.log", environ=os.environ, grace=2)
    try:
        running.wait_ready()
        yield running
    finally:
        stop_all([running])
