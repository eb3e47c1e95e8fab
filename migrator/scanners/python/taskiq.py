"""Taskiq in Python code. This file only says who reads what; each concept has a file of its own beside it."""

from __future__ import annotations

from migrator.scanners.found import Found
from migrator.scanners.python import handed_in, taskiq_clients, taskiq_definitions, taskiq_enqueues, taskiq_links, taskiq_schedules
from migrator.scanners.python.taskiq_terms import SYSTEM
from migrator.scanners.reading import Call, Reader, View
from migrator.systems.taskiq import PACKAGES


def _call(call: Call) -> None:
    readers = (taskiq_enqueues.read, taskiq_definitions.read, taskiq_schedules.read_scheduled, taskiq_clients.read)
    any(read(call) for read in readers)


def _file(view: View) -> None:
    taskiq_definitions.read_file(view)
    taskiq_clients.read_file(view)
    taskiq_enqueues.read_file(view)


def _unknown(call: Call) -> None:
    handed_in.untold(call, SYSTEM)


def _finish(found: Found) -> None:
    taskiq_links.link(found)
    handed_in.report(found, SYSTEM)


READER = Reader(
    system=SYSTEM,
    markers=(b"taskiq", b".kiq(", b".kicker("),
    packages=PACKAGES,
    call=_call,
    file=_file,
    finish=_finish,
    unknown=_unknown,
    methods=frozenset(taskiq_enqueues.METHODS),
)
