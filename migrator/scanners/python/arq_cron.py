"""`cron(function, hour={9, 17}, minute=0)`: a schedule, and the function that it runs."""

from __future__ import annotations

from migrator.jobs import Expression, Literal, Schedule, Value
from migrator.scanners.linking import Known, Place
from migrator.scanners.python import passing
from migrator.scanners.python.arq_functions import defined
from migrator.scanners.python.arq_terms import SYSTEM
from migrator.scanners.python.numbers import numbers
from migrator.scanners.python.targets import target
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.systems.arq_cron import FIELDS, Numbers, cron_text

_DYNAMIC = "when it fires is only known at run time"


def read(call: Call) -> None:
    """Record the schedule of a `cron(…)`."""
    view = call.view
    options = passing.named(call.inner, ("coroutine",))
    written = options.pop("coroutine", None)
    found = target(view, written)
    job = defined(view, found, "", {k: v for k, v in options.items() if k not in (*FIELDS, "name", "second", "microsecond")})
    job_name = job.name if job is not None else found.name.rpartition(".")[2]
    name = view.evaluator.text(options["name"]) if "name" in options else ""
    cron = _cron(view, options) or Expression(call.inner.text)
    reason = _DYNAMIC if isinstance(cron, Expression) else "" if job_name else "what is scheduled could not be told"
    view.add(
        Schedule(
            **call.common(SYSTEM),
            name=name or job_name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=found.job,
            job_name=job_name,
            cron=cron,
            entry=span(call.node),
            options={k: view.value(v) for k, v in options.items()},
        )
    )
    if job is not None:
        view.add(job)


def _cron(view: View, options: dict[str, Place]) -> Value | None:
    """The fields as one cron expression; None if one of them is only known at run time, or is none of arq's."""
    if "**" in options or "*" in options:
        return None
    fields: dict[str, Numbers] = {}
    for name in (*FIELDS, "second"):
        if name in options:
            meaning = view.evaluator.meaning(options[name])
            if isinstance(meaning, Known) and (meaning.value is None or isinstance(meaning.value, str)):
                fields[name] = meaning.value
                continue
            found = numbers(view, options[name])
            if found is None:
                return None
            fields[name] = found
    try:
        return Literal(cron_text(fields, fields.get("second", 0) if "second" in fields else 0))
    except ValueError:
        return None
