"""Procrastinate in Python code. This file only says who reads what; each concept has a file of its own beside it."""

from __future__ import annotations

from migrator.scanners.found import Found
from migrator.scanners.leading import root_package
from migrator.scanners.manifests.packages import of_environment
from migrator.scanners.python import (
    handed_in,
    procrastinate_clients,
    procrastinate_definitions,
    procrastinate_enqueues,
    procrastinate_links,
)
from migrator.scanners.python.named_settings import read_settings
from migrator.scanners.python.procrastinate_terms import SYSTEM
from migrator.scanners.reading import Call, Reader, View
from migrator.systems.procrastinate import DJANGO_APPS


def _call(call: Call) -> None:
    if procrastinate_definitions.read(call) or procrastinate_clients.read(call):
        return
    if root_package(call.callee) == SYSTEM or call.view.source.text(call.name) in procrastinate_enqueues.METHODS or call.via:
        procrastinate_enqueues.read(call)
    else:
        procrastinate_enqueues.read_unknown(call)


def _file(view: View) -> None:
    procrastinate_definitions.read_file(view)
    procrastinate_clients.read_file(view)
    procrastinate_enqueues.read_file(view)
    read_settings(view, SYSTEM, lambda name: name.isupper() and of_environment(name) == SYSTEM, DJANGO_APPS)


def _unknown(call: Call) -> None:
    handed_in.untold(call, SYSTEM)


def _finish(found: Found) -> None:
    procrastinate_links.link(found)
    handed_in.report(found, SYSTEM)


READER = Reader(
    system=SYSTEM,
    markers=(b"procrastinate", b"PROCRASTINATE_", b".defer_async(", b".batch_defer(", b".configure_task("),
    packages=(SYSTEM,),
    call=_call,
    file=_file,
    finish=_finish,
    unknown=_unknown,
    methods=procrastinate_enqueues.METHODS | {"defer"},
)
