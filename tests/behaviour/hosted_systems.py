"""The systems that are somebody's service, each as a run needs it: made ready, put out of order, robbed of a job, given one twice."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from qstash import QStash

from migrator.shadow.config.experiment import Worker
from migrator.shadow.ledger import JobHistory
from tests.behaviour import sqs_stage
from tests.behaviour.inngest_live_stage import application
from tests.behaviour.qstash_stage import endpoint_worker, free_port
from tests.doubles.inngest.live import LiveInngest
from tests.doubles.qstash import QStashDouble

SYSTEMS = ("inngest", "qstash", "sqs")


class Hosted(Protocol):
    """One system, ready for a run. `fields` are those of the arm."""

    name: str
    environment: Mapping[str, str]
    fields: Mapping[str, Any]
    worker: Worker | None
    dates_discards: bool  #: it says when a job was given up
    delivers_again: bool  #: a job whose worker cannot reach it any more, even though the job was done

    def stop(self) -> None: ...

    def start(self) -> None: ...

    def drop(self, jobs: list[JobHistory]) -> None:
        """Lose jobs that wait for their time."""

    def copy(self, job: JobHistory) -> None:
        """Put a job there once more, as a producer does that tries again."""


@contextmanager
def hosted(system: str, folder: Path) -> Generator[Hosted]:
    """The system, with whatever runs its jobs beside the run's own workers."""
    match system:
        case "sqs":
            with sqs_stage.service() as service:
                yield _Sqs(service)
        case "qstash":
            with QStashDouble() as double:
                yield _QStash(double)
        case _:
            with LiveInngest(retry_interval=0.2) as server, application(server, folder):
                yield _Inngest(server)


def _payload(job: JobHistory) -> dict[str, Any]:
    return {"n": job.unit_key, "ms": 5, "__shadow": {"ledger": job.job_key.split("-")[0], "key": job.job_key}}


class _Sqs:
    name = "sqs"
    dates_discards = False
    delivers_again = True

    def __init__(self, service: sqs_stage.Service) -> None:
        self._service, self._url = service, service.queue("tasks", visibility=0)
        self.stop, self.start = service.stop, service.start
        self.environment = {"QUEUE_URL": self._url, **sqs_stage.CREDENTIALS}
        options = {"reports": "tasks-reports", "poll": 0.1, "hide": 1, "settle": 0.4}
        self.fields = {"connection": "QUEUE_URL", "queue": "tasks", "options": options}
        self.worker = sqs_stage.lambda_worker(self._url, service.reports(self._url), {"BATCH": "3"})

    def drop(self, jobs: list[JobHistory]) -> None:
        """All that SQS has is a purge, which takes what is delayed with it."""
        assert jobs
        self._service.client.purge_queue(QueueUrl=self._url)

    def copy(self, job: JobHistory) -> None:
        self._service.client.send_message(QueueUrl=self._url, MessageBody=json.dumps(_payload(job)))


class _QStash:
    name = "qstash"
    dates_discards = True
    delivers_again = False

    def __init__(self, double: QStashDouble) -> None:
        self._double, port = double, free_port()
        self.stop, self.start = double.stop, double.start
        self.environment = double.environment()
        self._destination = f"http://127.0.0.1:{port}/jobs"
        self.fields = {"connection": "QSTASH_TOKEN", "options": {"destination": self._destination, "poll": 0.1}}
        self.worker = endpoint_worker(double, port)

    def drop(self, jobs: list[JobHistory]) -> None:
        for job in jobs:
            self._double.drop(job.native_ids[0])

    def copy(self, job: JobHistory) -> None:
        QStash(self._double.token, base_url=self._double.url).message.publish_json(url=self._destination, body=_payload(job))


class _Inngest:
    name = "inngest"
    dates_discards = True
    delivers_again = False
    worker = None

    def __init__(self, server: LiveInngest) -> None:
        self._server = server
        self.stop, self.start = server.stop, server.start
        self.environment = {"INNGEST_BASE_URL": server.url}
        self.fields = {"connection": "INNGEST_BASE_URL", "job_name": "app/task", "options": {"poll": 0.1}}

    def drop(self, jobs: list[JobHistory]) -> None:
        for job in jobs:
            self._server.drop(job.native_ids[0])

    def copy(self, job: JobHistory) -> None:
        self._server.send({"name": "app/task", "data": _payload(job)})
