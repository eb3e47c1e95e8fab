"""Which job of an experiment the code that asks is running, as the system at work tells."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from migrator.shadow.drivers.interface import MARKER


class Delivery(msgspec.Struct, frozen=True):
    """The mark of the job that is being run."""

    ledger: str
    key: str
    arm: str = ""
    holder: str = ""  #: whom it is to be claimed for before the body; empty: the job is in one system only


def delivered(arguments: Iterable[object] = ()) -> Delivery | None:
    """The job that is being run; None where it is of no experiment.

    `arguments`: what the body was called with. A mark among them comes first; else Celery, RQ and Dramatiq are asked, as far as they are
    at work in this process.
    """
    for argument in arguments:
        if isinstance(argument, Mapping) and (found := _read(argument.get(MARKER))) is not None:
            return found
    return next((found for ask in (_celery, _rq, _dramatiq) if (found := _read(ask())) is not None), None)


def _read(mark: Any) -> Delivery | None:
    if not isinstance(mark, Mapping):
        return None
    try:
        return msgspec.convert(mark, Delivery)
    except msgspec.ValidationError:
        return None


def _celery() -> Any:
    celery = sys.modules.get("celery")
    task = celery and celery.current_task
    if not task:  # a proxy, which stands for None outside of a task
        return None
    request = task.request
    return getattr(request, MARKER, None) or (request.headers or {}).get(MARKER)


def _rq() -> Any:
    rq = sys.modules.get("rq")
    job = rq and rq.get_current_job()
    return job.meta.get(MARKER) if job else None


def _dramatiq() -> Any:
    middleware = sys.modules.get("dramatiq.middleware")
    message = middleware and middleware.CurrentMessage.get_current_message()
    return message.options.get(MARKER) if message else None
