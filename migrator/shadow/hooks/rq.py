"""For workers of RQ: exact times of every attempt. On the worker's command line, with SHADOW_EXPERIMENT naming the experiment file:

    rq worker mail --worker-class migrator.shadow.hooks.rq.AttemptWorker

A worker class of the application's own takes it in: `class OurWorker(Attempting, Worker)`. The process that RQ forks for a job writes to
the spool folder before it ends, after the job has been dealt with; what is to be sent on from there, the worker itself sends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rq import Retry, SimpleWorker, Worker
from rq.job import Job

from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.hooks.attempts import Attempts, Running, mark_among

#: seconds that a forked process may wait for its own disk
PATIENCE = 0.2
_Base = Worker if TYPE_CHECKING else object


class Attempting(_Base):
    """Put before the worker class. Which experiment, SHADOW_EXPERIMENT says."""

    _attempts: Attempts | None = None
    _opened = False

    def work(self, *arguments: Any, **named: Any) -> bool:
        """RQ's."""
        if (attempts := self._open()) is not None:
            attempts.begin_sending()
        return super().work(*arguments, **named)

    def perform_job(self, job: Job, queue: Any, *arguments: Any, **named: Any) -> bool:
        """RQ's, in the process that runs the job."""
        attempts, forked = self._open(), self.is_horse
        if attempts is not None and forked:
            attempts = attempts.of_one_job()
        if attempts is None:
            return super().perform_job(job, queue, *arguments, **named)
        # Not `job.perform` of the class: others may run jobs in this process.
        vars(job)["perform"] = _told(job.perform, attempts, job, getattr(queue, "name", ""))
        try:
            return super().perform_job(job, queue, *arguments, **named)
        finally:
            if forked:
                # RQ ends this process without a word to anybody.
                attempts.recorder.close(PATIENCE)

    def _open(self) -> Attempts | None:
        if not self._opened:
            self._attempts, self._opened = Attempts.open("rq"), True
        return self._attempts


class AttemptWorker(Attempting, Worker):
    """RQ's worker, which forks a process for each job."""


class AttemptSimpleWorker(Attempting, SimpleWorker):
    """RQ's worker that runs jobs in its own process."""


def _told(perform: Callable[[], Any], attempts: Attempts, job: Job, queue: str) -> Callable[[], Any]:
    def performed() -> Any:
        running = _began(attempts, job, queue)
        if running is None:
            return perform()
        try:
            result = perform()
        except BaseException as error:
            running.ended("attempt_failed" if job.should_retry else "discarded", error)
            raise
        # A job that returns a Retry asks for another attempt, and has failed if there is none left.
        again = isinstance(result, Retry) and (job.number_of_retries or 0) < result.max
        running.ended("attempt_failed" if again else "discarded" if isinstance(result, Retry) else "completed")
        return result

    return performed


def _began(attempts: Attempts, job: Job, queue: str) -> Running | None:
    try:
        name = job.func_name
        mark = job.meta.get(MARKER) or mark_among(*job.args, job.kwargs)
    except Exception:  # noqa: BLE001 - a job that cannot be read fails by itself, in RQ's own words
        return None
    return attempts.began(job.id, name or "", queue=queue, attempt=_number(job, attempts.allowed(name or "")), mark=mark)


def _number(job: Job, allowed: int | None) -> int | None:
    """RQ counts retries that are left: which attempt it is can be told where it is known how many there are."""
    returned = job.number_of_retries or 0
    if job.retries_left is None:
        return returned + 1
    number = (allowed or 0) - job.retries_left + returned
    return number if number > 0 else None
