"""Huey in Python code, with its modules for Django. This file only says who reads what."""

from __future__ import annotations

from migrator.scanners.found import Found
from migrator.scanners.python import handed_in, huey_enqueues, huey_jobs, huey_settings, huey_workers
from migrator.scanners.python.huey_terms import SYSTEM
from migrator.scanners.reading import Call, Reader, View


def _call(call: Call) -> None:
    any(read(call) for read in (huey_jobs.read_call, huey_enqueues.read, huey_workers.read))


def _file(view: View) -> None:
    huey_jobs.read_file(view)
    huey_enqueues.read_references(view)
    huey_workers.read_file(view)
    huey_settings.read_file(view)


def _unknown(call: Call) -> None:
    handed_in.untold(call, SYSTEM)


def _finish(found: Found) -> None:
    huey_settings.link(found)
    handed_in.report(found, SYSTEM)


READER = Reader(
    system=SYSTEM,
    markers=(b"huey", b"HUEY"),
    packages=("huey", "django_huey"),
    call=_call,
    file=_file,
    finish=_finish,
    unknown=_unknown,
)
