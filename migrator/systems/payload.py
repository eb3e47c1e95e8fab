"""What becomes of values on their way to a job: which are refused when it is enqueued, and which arrive as something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf

import msgspec

#: `record`: a row as an ORM gives it; `instance`: of a class of one's own; `request`: what a web framework is handed
ValueKind = OneOf["date", "duration", "map", "set", "bigint", "bytes", "function", "decimal", "uuid", "instance", "record", "request"]


class Payload(msgspec.Struct, frozen=True):
    """`refused`: kinds for which the enqueue fails. `changed`: kinds that arrive as something else, and as what."""

    refused: frozenset[ValueKind]
    changed: Mapping[ValueKind, str] = {}
    source: str = ""


#: measured with BullMQ 6.7.0
JAVASCRIPT_JSON = Payload(
    frozenset(("bigint",)),
    {
        "date": "a string",
        "map": "`{}`",
        "set": "`{}`",
        "bytes": "an object of numbers",
        "function": "nothing",
        "instance": "an object without its methods",
        "record": "a copy as the row was then, its dates as strings",
    },
    "measured with bullmq 6.7.0",
)
#: `json.dumps` without more, as Dramatiq and Procrastinate call it
PYTHON_JSON = Payload(
    frozenset(("date", "duration", "set", "bytes", "function", "decimal", "uuid", "instance", "record", "request")),
    source="measured with dramatiq 2.2.1",
)
#: kombu's own JSON knows moments, decimals, UUIDs and bytes
KOMBU_JSON = Payload(frozenset(("duration", "set", "function", "instance", "record", "request")), source="measured with kombu 5.7.0")
PICKLE = Payload(frozenset(("request",)), {"record": "a copy as the row was then"}, "read in rq 3.0.0, huey 3.5.4, arq 0.28.0")

#: system and language -> how it writes down what jobs are given; systems that keep more than JSON does are not in it
PAYLOADS: Mapping[tuple[str, OneOf["python", "javascript"]], Payload] = {
    **{
        (system, "javascript"): JAVASCRIPT_JSON
        for system in ("bullmq", "bull", "pg-boss", "inngest", "qstash", "graphile-worker", "bee-queue", "vercel-queue", "upstash-workflow")
    },
    ("celery", "python"): KOMBU_JSON,
    ("dramatiq", "python"): PYTHON_JSON,
    ("procrastinate", "python"): PYTHON_JSON,
    **{(system, "python"): PICKLE for system in ("rq", "huey", "arq", "django-q")},
}
