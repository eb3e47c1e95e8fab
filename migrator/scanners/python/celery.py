"""Celery in Python code. This file only says who reads what; each concept has a file of its own beside it."""

from __future__ import annotations

from migrator.scanners.found import Found
from migrator.scanners.python import (
    celery_canvas,
    celery_choices,
    celery_clients,
    celery_configuration,
    celery_definitions,
    celery_enqueues,
    celery_links,
    celery_liveness,
    celery_loose_ends,
    celery_queued,
    celery_rows,
    celery_schedules,
)
from migrator.scanners.python.celery_terms import RUNS, SIGNATURES, SYSTEM
from migrator.scanners.reading import Call, Reader, View


def _call(call: Call) -> None:
    readers = (
        celery_definitions.read_call,
        celery_queued.read,
        celery_choices.read_vague,
        celery_enqueues.read,
        celery_canvas.read,
        celery_clients.read,
        celery_liveness.read,
        celery_configuration.read_call,
        celery_rows.read,
    )
    any(read(call) for read in readers)


def _file(view: View) -> None:
    celery_definitions.read_file(view)
    celery_enqueues.read_references(view)
    celery_clients.read_file(view)
    celery_configuration.read_file(view)
    celery_schedules.read_file(view)
    celery_rows.read_file(view)
    celery_loose_ends.read_file(view)


def _finish(found: Found) -> None:
    celery_definitions.settle(found)
    celery_loose_ends.link(found)
    celery_choices.link(found)
    celery_liveness.link(found)
    celery_schedules.settle(found)
    celery_rows.settle(found)
    celery_links.link(found)
    celery_loose_ends.settle(found)


READER = Reader(
    system=SYSTEM,
    markers=(
        *(b"celery", b"Celery", b"CELERY", b".delay(", b".delay_on_commit(", b".apply_async", b"send_task(", b"periodic_task"),
        # `@app.task` in a file that names Celery nowhere else; `.tasks` alone would lead everywhere.
        *(b".task(", b".task\n", b".task\r", b".task "),
    ),
    packages=(
        *("celery", "django_celery_beat", "djcelery", "tenant_schemas_celery", "celery_batches", "celery_once", "celery_singleton"),
        *("flask_celery", "redbeat", "celerybeatmongo", "sqlalchemy_celery_beat", "celery_sqlalchemy_scheduler"),
    ),
    call=_call,
    file=_file,
    unknown=celery_loose_ends.read,
    finish=_finish,
    # `apply` is a method of far too many things.
    telltales=(RUNS | SIGNATURES | {"send_task"}) - {"apply"},
)
