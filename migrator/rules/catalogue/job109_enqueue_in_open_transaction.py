"""JOB109: a job is put on its way before the rows that it needs are there."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each place that enqueues inside a transaction."""
    outside: Enqueue | None = None
    for enqueue in evidence.of(Enqueue):
        keeps = SYSTEMS[enqueue.system].transactional
        if keeps == "yes" or (keeps == "option" and "db" in enqueue.options):
            continue
        name = f"`{enqueue.name}`" if enqueue.name else "A job"
        if enqueue.in_transaction and keeps == "depends":
            yield Undecided(f"whether {name} is written in the transaction around it depends on the backend", spot(enqueue))
        elif enqueue.in_transaction:
            yield Fail(spot(enqueue), f"{name} is put on its way while the transaction around it is open.", (enqueue.system,))
        else:
            outside = outside or enqueue
    if outside is not None:
        yield Pass(spot(outside, "enqueued outside of any transaction"))


_VIEW = """from django.db import transaction
from tasks import send

def order(request):
    with transaction.atomic():
        order = Order.objects.create()
        LINE
"""
_TASKS = "from celery import shared_task\n\n@shared_task\ndef send(pk):\n    ...\n"

RULE = Rule(
    id="JOB109",
    name="enqueue-in-open-transaction",
    title="Jobs that start before their rows are there",
    severity="high",
    systems=(),
    what="An enqueue within `transaction.atomic()`, `session.begin()`, `prisma.$transaction(…)`, `knex.transaction(…)` and the like, on a "
    "system that keeps its jobs elsewhere.",
    why="A worker is often faster than the commit: it finds no row and fails, or reads the old one. If the transaction is rolled back, the "
    "job runs for something that never happened.",
    how="The statement around the call, or the decorator of its function. Callbacks for after the commit (`on_commit`, `delay_on_commit`) "
    "are exempt, and so are systems whose jobs are rows of the same database.",
    false_alarms="A transaction that only reads, or one on another database. Callers that hold a transaction open are not seen, nor is "
    "Django's `ATOMIC_REQUESTS`.",
    migration="On a system that stores jobs in the same Postgres (pg-boss, Procrastinate) the problem goes away, if the job is written "
    "with the same connection.",
    fix="unsafe",
    hint="Put it off until the commit: `transaction.on_commit(…)` in Django, behind `$transaction(…)` in TypeScript.",
    effort=Effort(10, 20, "place", "an estimate"),
    sources=("Celery user guide, Tasks, Database transactions", "pg-boss documentation, the `db` option"),
    examples=(
        Example(
            "celery",
            bad={"tasks.py": _TASKS, "views.py": _VIEW.replace("LINE", "send.delay(order.pk)")},
            good={"tasks.py": _TASKS, "views.py": _VIEW.replace("LINE", "transaction.on_commit(lambda: send.delay(order.pk))")},
        ),
    ),
    check=check,
)
