"""RQ in Python code, with django-rq, Flask-RQ2 and rq-scheduler. This file only says who reads what."""

from __future__ import annotations

from migrator.scanners.python import rq_enqueues, rq_jobs, rq_links, rq_schedules, rq_settings, rq_workers
from migrator.scanners.python.rq_terms import SYSTEM
from migrator.scanners.reading import Call, Reader, View


def _call(call: Call) -> None:
    any(read(call) for read in (rq_jobs.read_call, rq_enqueues.read, rq_schedules.read, rq_workers.read))


def _file(view: View) -> None:
    rq_jobs.read_file(view)
    rq_enqueues.read_references(view)
    rq_schedules.read_tables(view)
    rq_workers.read_file(view)
    rq_settings.read_file(view)


def _unknown(call: Call) -> None:
    view = call.view
    view.unresolved(call.node, f"what {view.source.text(call.name)} is called on could not be told", SYSTEM)


READER = Reader(
    system=SYSTEM,
    markers=(
        *(b"from rq", b"import rq", b", rq", b"django_rq", b"flask_rq", b"rq_scheduler", b"RQ_", b"RQ = ", b"RQ="),
        # Tables of schedules may stand in a file that names RQ nowhere.
        *(b'"func"', b"'func'", b"dict(func"),
    ),
    packages=("rq", "django_rq", "flask_rq", "flask_rq2", "rq_scheduler"),
    call=_call,
    file=_file,
    unknown=_unknown,
    prepared=True,
    finish=rq_links.link,
    telltales=frozenset(("enqueue", "enqueue_call", "enqueue_at", "enqueue_in", "enqueue_many", "enqueue_job")),
)
