"""APScheduler in Python code. This file only says who reads what; each concept has a file of its own beside it."""

from __future__ import annotations

from migrator.scanners.python import apscheduler_clients, apscheduler_configuration, apscheduler_jobs, apscheduler_links
from migrator.scanners.python.apscheduler_terms import METHODS, SYSTEM
from migrator.scanners.reading import Call, Reader, View
from migrator.systems.apscheduler import PACKAGES


def _call(call: Call) -> None:
    if not apscheduler_jobs.read(call):
        apscheduler_clients.read(call)


def _file(view: View) -> None:
    apscheduler_jobs.read_file(view)
    apscheduler_clients.read_file(view)
    apscheduler_configuration.read_file(view)


READER = Reader(
    system=SYSTEM,
    markers=(b"apscheduler", b"APScheduler", b".add_job(", b".scheduled_job(", b"SCHEDULER_API_ENABLED", b"SCHEDULER_JOBS"),
    packages=PACKAGES,
    call=_call,
    file=_file,
    finish=apscheduler_links.link,
    methods=METHODS,
)
