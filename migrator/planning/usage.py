"""Which capabilities a job uses, each with the place that shows it, and whether that is certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from migrator.jobs import Enqueue, Expression, Item, Job, Literal, Location, Schedule, Step, Value, is_number, literal_of
from migrator.jobs.findings import Spot
from migrator.planning import asked
from migrator.planning.application import Application
from migrator.rules.evidence import number, spot
from migrator.systems import CAPABILITIES, SYSTEMS

#: a delay from which on it is one of days, in seconds
_LONG = 86_400
#: errors of a system itself, which it never retries
_ENDING = frozenset(("NonRetriableError", "UnrecoverableError", "AbortTaskRunError"))
_SIGNATURES = frozenset(("s", "si", "signature", "subtask", "message", "message_with_options"))


class Usage(msgspec.Struct, frozen=True):
    """`what` says how the code asks for the capability, `doubt` why that is not certain; the first place is the clearest."""

    capability: str
    what: str
    places: tuple[Spot, ...]
    doubt: str = ""


_Found = tuple[str, str, Spot, str]


def usages(application: Application, job: Job) -> tuple[Usage, ...]:
    """Every capability that a job uses, in the order of the vocabulary. What the system does anyway, unasked, is not a use of it."""
    sent, scheduled = application.sent(job), application.scheduled(job)
    found = [
        *_failure(job, sent),
        *_time(job, sent),
        *_schedules(job, scheduled),
        *_events(application, job),
        *_options(job, (job, *sent)),
        *_identity(job, sent),
        *_steps(job),
        *_body(application, job),
        *_composed(application, sent),
        *_enqueues(job, sent),
    ]
    return _merged(found)


def _merged(found: Iterable[_Found]) -> tuple[Usage, ...]:
    by_capability: dict[str, list[_Found]] = {}
    for entry in found:
        by_capability.setdefault(entry[0], []).append(entry)
    merged: list[Usage] = []
    for capability in sorted(by_capability, key=list(CAPABILITIES).index):
        # What is certain speaks first.
        entries = sorted(by_capability[capability], key=lambda e: bool(e[3]))
        places = tuple(dict.fromkeys(place for _, _, place, _ in entries))
        merged.append(Usage(capability, entries[0][1], places, entries[0][3]))
    return tuple(merged)


def _failure(job: Job, sent: tuple[Enqueue, ...]) -> Iterator[_Found]:
    retry = job.retry
    if retry is not None:
        attempts = retry.max_attempts
        doubt = f"how often is only known at run time: `{attempts.source}`" if isinstance(attempts, Expression) else ""
        if retry.automatic and literal_of(attempts) != 1:
            default = "" if retry.explicit else ", the default"
            often = "without end" if attempts == Literal(None) else f"up to {literal_of(attempts) or '?'} runs"
            yield "retries", f"{often}{default}", spot(job), doubt
            if retry.backoff.kind in ("exponential", "table"):
                yield "backoff", f"waits that grow{default}", spot(job), ""
        if retry.backoff.kind == "custom" or (retry.backoff.kind == "table" and retry.explicit and job.system != "inngest"):
            yield "custom-backoff", "waits of its own", spot(job), ""
        never = [error for error in retry.never_on if error not in _ENDING]
        if retry.automatic and (retry.on or never):
            errors = ", ".join(retry.on) or f"all but {', '.join(never)}"
            yield "retry-on-errors", f"on {errors}", spot(job), ""
    if job.failure_handler is not None:
        yield "failure-handler", "code that runs when it has failed", spot(job), ""
    for enqueue in sent:
        if enqueue.max_attempts is not None and literal_of(enqueue.max_attempts) != 1:
            yield "retries", f"up to {_said(enqueue.max_attempts)} runs, said by the call", spot(enqueue), _doubt(enqueue.max_attempts)
            if enqueue.backoff is not None and enqueue.backoff.kind in ("exponential", "table"):
                yield "backoff", "waits that grow", spot(enqueue), ""


def _time(job: Job, sent: tuple[Enqueue, ...]) -> Iterator[_Found]:
    for enqueue in sent:
        if enqueue.delay is not None and number(enqueue.delay) != 0:
            seconds = number(enqueue.delay)
            yield "delay", f"{_said(enqueue.delay)} s" if seconds is not None else "a delay", spot(enqueue), ""
            if seconds is not None and seconds > _LONG:
                yield "long-delay", f"{seconds / _LONG:g} days", spot(enqueue), ""
        if enqueue.eta is not None:
            yield "run-at", f"at {_code(enqueue.eta)}", spot(enqueue), ""
    for item in (job, *sent):
        if item.expires is not None:
            yield "expiry", f"dropped after {_said(item.expires)} s", spot(item), ""
        if item.priority is not None:
            yield "priority", f"priority {_said(item.options.get('priority', item.priority))}", spot(item), ""
    if job.timeout is not None and literal_of(job.timeout) != SYSTEMS[job.system].default_timeout:
        yield "timeout", f"{_said(job.timeout)} s", spot(job), ""
    # An option that drops what is too much is not one that lets it wait.
    if job.rate_limit is not None and "rate-limit" not in (asked.ASKED.get(job.system, {}).get(option) for option in job.options):
        yield "throttle", f"{_said(job.rate_limit)}", spot(job), ""


def _schedules(job: Job, scheduled: tuple[Schedule, ...]) -> Iterator[_Found]:
    for schedule in scheduled:
        where = spot(schedule)
        if schedule.cron is not None:
            yield from _cron(schedule.cron, where)
        if schedule.interval is not None:
            yield "interval", f"every {_said(schedule.interval)} s", where, ""
        if schedule.timezone:
            yield "timezone", schedule.timezone, where, ""
        if schedule.defined_in == "database":
            yield "dynamic-schedule", "a schedule that stands in a database", where, "whether it is changed at run time is not known"
    if scheduled:
        return
    for trigger in job.triggers:
        if trigger.kind == "cron":
            yield from _cron(trigger.value, spot(job))
            if trigger.timezone:
                yield "timezone", trigger.timezone, spot(job), ""
        elif trigger.kind == "interval":
            yield "interval", f"every {_said(trigger.value)} s", spot(job), ""


def _cron(cron: Value, where: Spot) -> Iterator[_Found]:
    text = literal_of(cron)
    known = isinstance(text, str)
    yield "cron", f"`{text}`" if known else "a cron expression", where, "" if known else "its times are only known at run time"
    if known and len(text.split()) == 6 and text.split()[0] not in ("0", "00"):
        yield "cron-seconds", f"`{text}`", where, ""


def _events(application: Application, job: Job) -> Iterator[_Found]:
    for trigger in job.triggers:
        if trigger.kind != "event":
            continue
        event = literal_of(trigger.value)
        others = [other for other in application.jobs if other is not job and other.system == job.system and _listens(other, event)]
        if isinstance(event, str) and others:
            yield "fan-out-event", f"`{event}` starts {len(others) + 1} jobs", spot(job), ""
        if trigger.condition:
            yield "event-condition", f"`{trigger.condition}`", spot(job), ""


def _listens(job: Job, event: object) -> bool:
    return any(t.kind == "event" and literal_of(t.value) == event for t in job.triggers)


def _options(job: Job, items: tuple[Item, ...]) -> Iterator[_Found]:
    known = asked.ASKED.get(job.system, {})
    for item in items:
        for option, value in item.options.items():
            capability = known.get(option)
            if option in asked.BATCH_SIZES:
                size = number(value)
                if size is None or size > 1:
                    yield "batch", f"{option} {_said(value)}", spot(item), _doubt(value)
            elif capability is not None and literal_of(value) is not False:
                yield capability, f"`{option}`", spot(item), ""
                if capability in ("concurrency-limit", "throttle", "rate-limit") and _has_key(value):
                    yield (
                        "concurrency-key" if capability == "concurrency-limit" else "rate-limit-key",
                        f"`{option}` with a key",
                        spot(item),
                        "",
                    )


def _has_key(value: Value) -> bool:
    """True where an option of Inngest's counts for each value of a key, or of a scope beyond the function."""
    if isinstance(value, Expression):
        return "key" in value.source
    entries = value.value if isinstance(value.value, list) else [value.value]
    return any(isinstance(entry, dict) and "key" in entry for entry in entries)


def _identity(job: Job, sent: tuple[Enqueue, ...]) -> Iterator[_Found]:
    window = SYSTEMS[job.system].name in ("inngest", "qstash", "sqs")
    for enqueue in sent:
        if enqueue.dedupe is not None:
            yield "idempotency" if window else "dedupe", f"id {_code(enqueue.dedupe)}", spot(enqueue), ""


def _steps(job: Job) -> Iterator[_Found]:
    plain = [s for s in job.steps if s.kind in asked.PLAIN_STEPS]
    if job.steps[1:] or any(s.in_loop for s in job.steps):
        yield "steps", f"{len(job.steps)} steps", _place(next(iter(job.steps)).location, "steps"), ""
    for step in job.steps:
        where = _place(step.location, step.kind)
        capability = asked.STEP_KINDS.get(step.kind)
        if capability is not None:
            yield capability, f"`step.{step.kind}` {_label(step)}".strip(), where, ""
        elif step not in plain:
            yield "steps", f"`step.{step.kind}`", where, "what this tool of the step does is not in the vocabulary"


def _label(step: Step) -> str:
    label = literal_of(step.id)
    return f"`{label}`" if label else ""


def _body(application: Application, job: Job) -> Iterator[_Found]:
    for use in job.uses:
        capability = next(
            (c for feature, c in asked.BODY_USES.items() if use.feature == feature or use.feature.startswith(f"{feature}.")), None
        )
        if capability is not None:
            yield capability, f"`{use.feature}`", _place(use.location, use.feature), ""
    for call in application.evidence.calls(job):
        key = call.meaning.key
        capability = asked.BODY_CALLS.get(key)
        if capability is None and job.system in ("bullmq", "bull") and call.written.endswith((".updateProgress", ".progress")):
            capability = "progress"
        if capability is not None:
            yield capability, f"`{call.written}`", Spot(call.view.source.path, call.node.start_point.row + 1, call.written), ""


def _composed(application: Application, sent: tuple[Enqueue, ...]) -> Iterator[_Found]:
    for part in sent:
        for whole in compositions(application, part):
            yield asked.COMPOSED[kind_of_composition(whole)], f"part of a {kind_of_composition(whole)}", spot(whole), ""


def compositions(application: Application, part: Enqueue) -> tuple[Enqueue, ...]:
    """What puts an enqueue together with others: all such calls of the function in which it stands."""
    if part.form.split(".")[0] not in _SIGNATURES:
        return ()
    return tuple(
        whole
        for whole in application.evidence.of(Enqueue, part.system)
        if kind_of_composition(whole) in asked.COMPOSED and whole.location.path == part.location.path and whole.inside == part.inside
    )


def kind_of_composition(whole: Enqueue) -> str:
    """`chain`, `group`, …: the first word of a composition's form."""
    return whole.form.split(".")[0].removesuffix("()")


def _enqueues(job: Job, sent: tuple[Enqueue, ...]) -> Iterator[_Found]:
    facts = SYSTEMS[job.system]
    checks: tuple[tuple[str, str, Callable[[Enqueue], bool]], ...] = (
        ("transactional-enqueue", "within a transaction", lambda e: e.in_transaction and facts.transactional in ("yes", "option")),
        ("bulk-enqueue", "many at once", lambda e: e.form in SYSTEMS[e.system].bulk_forms),
        ("enqueue-by-name", "by a string", lambda e: e.form in ("send_task", "enqueue_by_name", "insert_by_name")),
        ("sync-enqueue", "from a plain function", lambda e: e.language == "python" and not e.in_async),
        ("positional-arguments", "with positional arguments", _positional),
        ("call-queue", "the call names the queue", lambda e: facts.result_handles and e.queue is not None and e.queue != job.queue),
    )
    for capability, what, holds in checks:
        for enqueue in sent:
            if holds(enqueue):
                yield capability, what, spot(enqueue), ""
    if facts.result_handles:
        for enqueue in sent:
            if enqueue.result_used and enqueue.form.split(".")[0] not in _SIGNATURES:
                yield "result", "what the call gives is kept", spot(enqueue), "whether the result is ever asked for is not known"
    if job.language == "python" and job.handler is not None:
        yield ("async-handler" if job.handler.is_async else "sync-handler"), "the handler", spot(job), ""
    if job.acknowledgement == "late" and "acks_late" not in job.options:
        yield "late-acknowledgement", "a run that dies with its worker is done again", spot(job), ""


def _positional(enqueue: Enqueue) -> bool:
    return enqueue.language == "python" and any(not a.name and a.star != "**" for a in enqueue.arguments)


def _place(location: Location, what: str) -> Spot:
    return Spot(location.path, location.line, what)


def _doubt(value: Value) -> str:
    return "" if isinstance(value, Literal) else f"only known at run time: `{value.source}`"


def _code(value: Value) -> str:
    """A value as code; a template string brings its own backticks."""
    said = _said(value)
    return said if "`" in said else f"`{said}`"


def _said(value: Value) -> str:
    known = literal_of(value)
    if isinstance(value, Expression):
        return value.source
    return f"{known:g}" if is_number(known) and not isinstance(known, str) else str(known)
