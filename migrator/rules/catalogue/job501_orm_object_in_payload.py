"""JOB501: a job is given a row of the database instead of its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.rules.evidence import Evidence, spot
from migrator.rules.payloads import Given, given
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.serialising import payload_of
from migrator.rules.value_kinds import kind_of, text_of
from migrator.systems import SYSTEMS
from migrator.systems.payload import PAYLOADS, Payload

_SYSTEMS = tuple(dict.fromkeys(system for system, _ in PAYLOADS))


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each place that hands over a row, a request, or what a method is called on; or for a system where none does."""
    clean: dict[str, Enqueue] = {}
    for enqueue in evidence.of(Enqueue, *_SYSTEMS):
        payload: Payload | str | None = None
        found: defaultdict[str, list[Given]] = defaultdict(list)
        for value in given(evidence, enqueue):
            kind = kind_of(value)
            if kind in ("record", "request"):
                found[kind].append(value)
        for kind, values in found.items():
            payload = payload if payload is not None else payload_of(evidence, enqueue)
            yield _outcome(enqueue, kind, values[0], payload)
        if not found and enqueue.arguments:
            clean.setdefault(enqueue.system, enqueue)
    for enqueue in clean.values():
        yield Pass(spot(enqueue, "is given plain values"))


def _outcome(enqueue: Enqueue, kind: str, value: Given, payload: Payload | str) -> Outcome:
    system, text = SYSTEMS[enqueue.system].title, text_of(value.place.node)
    what = "the request itself" if kind == "request" else "a row of the database"
    if isinstance(payload, str):
        return Undecided(f"a job of {system} is given {what}, and {payload or 'what becomes of it is not known'}", spot(enqueue))
    if kind in payload.refused:
        message = f"`{text}` is {what}: {system} cannot write it down, and the call fails."
        return Fail(spot(enqueue), message, (enqueue.system,), confidence="likely")
    changed = next((as_what for k, as_what in payload.changed.items() if k == kind), "a copy")
    message = f"`{text}` is {what}: what the job is given is {changed}, and what it writes back overwrites what happened since."
    return Fail(spot(enqueue), message, (enqueue.system,), confidence="likely", severity="medium")


_TASKS = (
    "from celery import Celery\nfrom django.db import models\n\n"
    'app = Celery("shop")\n\n\nclass Order(models.Model):\n    paid = models.BooleanField()\n\n\n'
    "@app.task\ndef ship(order):\n    ...\n\n\ndef pay(number):\n    order = Order.objects.get(number=number)\n    ship.delay(GIVEN)\n"
)
_QUEUE = (
    'import { Queue } from "bullmq";\nimport { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'
    'const orders = new Queue("orders", { connection: { host: "redis" } });\n'
    "export async function pay(id: string) {\n  const order = await db.order.findUniqueOrThrow({ where: { id } });\n"
    '  await orders.add("ship", GIVEN);\n}\n'
)

RULE = Rule(
    id="JOB501",
    name="orm-object-in-payload",
    title="Jobs that are given rows instead of ids",
    severity="high",
    systems=_SYSTEMS,
    what="A whole row as an ORM gives it (Django, SQLAlchemy, Prisma, Mongoose, TypeORM, Sequelize, Objection), or a web request, among "
    "the values that a job is given.",
    why="Where the values are written down as JSON the call fails, or leaves a dead copy: measured with kombu 5.7.0 and Dramatiq 2.2.1, "
    "`TypeError: Object of type … is not JSON serializable`. Where they are pickled it works, which is worse: the job runs later, on "
    "the row as it was, and `save()` writes every column of it back.",
    how="What a value stands for is followed to the call or the class that it comes from; queries that say which fields they want are left "
    "out. With JSON that refuses it the finding is high, with a copy medium; a serializer that only the run tells makes it unknown.",
    false_alarms="Tables that are never changed.",
    migration="Nearly every target takes JSON only: pickled rows have to become ids first.",
    fix="unsafe",
    hint="Hand over the id, and read the row in the job.",
    effort=Effort(30, 60, "place", "an estimate"),
    sources=(
        "measured with kombu 5.7.0, dramatiq 2.2.1 and bullmq 6.7.0",
        "Celery documentation, Tasks, State",
        "Dramatiq guide, Best practices",
    ),
    examples=(
        Example("celery", bad={"tasks.py": _TASKS.replace("GIVEN", "order")}, good={"tasks.py": _TASKS.replace("GIVEN", "order.pk")}),
        Example(
            "bullmq",
            bad={"pay.ts": _QUEUE.replace("GIVEN", "{ order }")},
            good={"pay.ts": _QUEUE.replace("GIVEN", "{ orderId: order.id }")},
        ),
    ),
    check=check,
    related=("JOB502", "JOB503"),
)
