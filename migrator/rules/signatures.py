"""Whether what a job is handed fits the parameters of its function, in Python."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.jobs import Argument, Enqueue, Job, Parameter, literal_of

#: forms of an enqueue that hand over all that the job is given; others are completed later, such as by the answer of the job before
COMPLETE = {
    "celery": frozenset(("delay", "apply_async", "si.delay", "si.apply_async")),
    "dramatiq": frozenset(("send", "send_with_options")),
    "rq": frozenset(("enqueue", "delay")),
    "huey": frozenset(("call", "schedule")),
    "arq": frozenset(("enqueue_job",)),
    "taskiq": frozenset(("kiq",)),
    "procrastinate": frozenset(("defer", "defer_async")),
}
#: systems whose workers hand the function something before its arguments
_FIRST = frozenset(("arq",))
#: options by which a worker does so where they are true
_BY_OPTION = ("bind", "context", "pass_context")
#: keywords that the call takes for itself
_OWN = {
    "arq": ("_job_id", "_queue_name", "_defer_until", "_defer_by", "_expires", "_job_try"),
    "huey": ("priority", "delay", "eta", "expires", "retries"),
}


def misfit(job: Job, enqueue: Enqueue) -> str | None:
    """What is wrong with what `job` is handed, in words; empty where it fits, None where that cannot be told."""
    if any(a.star for a in enqueue.arguments):
        return None
    parameters = filled(job)
    if parameters is None:
        return None
    return _misfit(parameters, enqueue.arguments, _OWN.get(enqueue.system, ()))


def filled(job: Job) -> tuple[Parameter, ...] | None:
    """The parameters that a call fills; None where the function is not seen, or the worker may fill some and which is not known."""
    if job.handler is None:
        return None
    first = job.system in _FIRST or bool(job.handler.method_of)
    for option in _BY_OPTION:
        value = job.options.get(option)
        if value is None:
            continue
        if literal_of(value) is True:
            first = True
        elif literal_of(value) is not False:
            return None
    # A base class or a decorator of one's own may hand over more.
    if (
        "base" in job.options
        or "..." in job.options
        or job.form not in ("decorator", "function", "call", "list", "settings", "register", "")
    ):
        return None
    return job.handler.parameters[1:] if first else job.handler.parameters


def _misfit(parameters: Sequence[Parameter], arguments: Sequence[Argument], own: tuple[str, ...]) -> str:
    plain = [p for p in parameters if p.kind in ("plain", "positional")]
    named = {p.name for p in parameters if p.kind in ("plain", "keyword")}
    given = [a for a in arguments if not a.name]
    keywords = [a.name for a in arguments if a.name and a.name not in own]
    if len(given) > len(plain) and not any(p.kind == "star" for p in parameters):
        return f"is handed {len(given)} values, and takes {len(plain)}"
    unknown = next((name for name in keywords if name not in named), None)
    if unknown is not None and not any(p.kind == "double_star" for p in parameters):
        return f"is handed `{unknown}`, which it does not take"
    filled = {p.name for p in plain[: len(given)]} | set(keywords)
    missing = [p.name for p in parameters if p.kind in ("plain", "positional", "keyword") and not p.default and p.name not in filled]
    return f"is not handed `{missing[0]}`, which it needs" if missing else ""
