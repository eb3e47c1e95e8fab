"""Places that put an RQ job on its way.

`Enqueue.form` is the method as called: `enqueue`, `enqueue_call`, `enqueue_at`, `enqueue_in`, `enqueue_job`, `schedule_job`;
`prepare_data` for each job of an `enqueue_many`; `delay` and `queue` for a decorated function; `scheduler.enqueue_at`, … for rq-scheduler,
`scheduler.schedule` for one without an interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from migrator.jobs import Enqueue, Literal, Value
from migrator.scanners.linking import Instance, Place, Unknown
from migrator.scanners.python import passing, rq_options
from migrator.scanners.python.passed_on import doubt_of, passed_on
from migrator.scanners.python.passing import Passing, is_none
from migrator.scanners.python.rq_jobs import function_job, queue_of
from migrator.scanners.python.rq_terms import SYSTEM, Terms
from migrator.scanners.python.surroundings import around
from migrator.scanners.python.targets import Target, target
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import field as child

_DYNAMIC = "what is enqueued is only known at run time"

_Given = Callable[[Call], Passing]


def _reserving(reserved: frozenset[str], *positional: str) -> _Given:
    return lambda call: passing.reserving(call.view, call.inner, reserved, positional)


def _split(*positional: str) -> _Given:
    return lambda call: passing.split(call.view, call.inner, positional)


#: api -> (form, what the call hands over)
_CALLS: Mapping[str, tuple[str, _Given]] = {
    "enqueue": ("enqueue", _reserving(rq_options.RESERVED, "func")),
    "Queue.enqueue": ("enqueue", _reserving(rq_options.RESERVED, "f")),
    "Queue.enqueue_call": ("enqueue_call", _split(*rq_options.ENQUEUE_CALL)),
    "Queue.enqueue_at": ("enqueue_at", _reserving(rq_options.RESERVED, "datetime", "f")),
    "Queue.enqueue_in": ("enqueue_in", _reserving(rq_options.RESERVED, "time_delta", "func")),
    "Queue.prepare_data": ("prepare_data", _split(*rq_options.PREPARE_DATA)),
    "Queue.enqueue_job": ("enqueue_job", _split("job", "pipeline", "at_front")),
    "Queue.schedule_job": ("schedule_job", _split("job", "datetime", "pipeline")),
    "job.delay": ("delay", _reserving(rq_options.DELAY)),
    "job.enqueue": ("enqueue", _reserving(rq_options.DELAY)),
    "job.queue": ("queue", _reserving(rq_options.FLASK)),
    "Scheduler.enqueue_at": ("scheduler.enqueue_at", _reserving(rq_options.SCHEDULER, "scheduled_time", "func")),
    "Scheduler.enqueue_in": ("scheduler.enqueue_in", _reserving(rq_options.SCHEDULER, "time_delta", "func")),
    "Scheduler.enqueue": ("scheduler.enqueue", _reserving(rq_options.SCHEDULER, "scheduled_time", "func")),
}
_FUNCTIONS = ("f", "func")
#: how each call names the time at which, or after which, the job is to run
_TIMES = {"datetime": "eta", "scheduled_time": "eta", "time_delta": "delay"}
#: methods that are worth a look where they are passed on
_PASSED_ON = frozenset(("delay", "enqueue", "enqueue_call", "enqueue_at", "enqueue_in", "queue"))
#: what makes a job that is enqueued afterwards -> its parameters
_CREATIONS = {"Job.create": rq_options.CREATE, "Queue.create_job": rq_options.CREATE_JOB}


def read(call: Call) -> bool:
    """Record what `call` enqueues; False if it is none of the forms that are read here."""
    terms = Terms(call.view.evaluator)
    api = terms.api(call.callee)
    if api in _CREATIONS:
        _created(call, api)
        return True
    form, given = _CALLS.get(api, ("", None))
    if given is None:
        return False
    handed = given(call)
    if api in ("Queue.enqueue_job", "Queue.schedule_job"):
        record(call, terms, form, *_of_job(call, terms, handed))
        return True
    options = dict(handed.options)
    function = next((options.pop(name) for name in _FUNCTIONS if name in options), None)
    found = decorated_target(call, terms) if api.startswith("job.") else _target(call.view, function)
    later = call.is_prepared
    if later and function is None and not api.startswith("job."):
        # `partial(queue.enqueue_in, delay)`: what is enqueued is given where that is called.
        return True
    form = f"{form}-reference" if later else form
    record(call, terms, form, found, Passing(handed.arguments, options), function, doubt_of(call) if later else "")
    return True


def _target(view: View, function: Place | None) -> Target:
    """The function that is handed over; none for `cls.run`, as long as the class on which it is called is not known."""
    origin = view.evaluator.origin(function) if function is not None else None
    owner = child(origin.node, "object") if origin is not None else None
    if origin is not None and owner is not None and owner.text == b"cls":
        meaning = view.evaluator.meaning(Place(origin.source, owner, origin.frame))
        if isinstance(meaning, Unknown):
            return Target()
    return target(view, function)


def read_references(view: View) -> None:
    """Record methods of decorated functions that are passed on without being called: `on_commit(f.delay)`."""
    terms = Terms(view.evaluator)
    for found in passed_on(view, _PASSED_ON):
        call = found.call
        api = terms.api(call.callee)
        form, _ = _CALLS.get(api, ("", None))
        if form and api.startswith("job.") and call.node.type != "call":
            record(call, terms, f"{form}-reference", decorated_target(call, terms), Passing(), reason=found.doubt)


def decorated_target(call: Call, terms: Terms) -> Target:
    """The decorated function whose method is called."""
    how = terms.decorated(call.receiver) if call.receiver is not None else None
    return Target(how.function.dotted, how.function) if how is not None else Target()


def record(call: Call, terms: Terms, form: str, found: Target, given: Passing, function: Place | None = None, reason: str = "") -> None:
    """Record an enqueue, and the function that it makes a job. `function` is the expression for one that could not be told."""
    view = call.view
    options = {_TIMES.get(k, k): v for k, v in given.options.items() if k != "job"}
    written = {k: view.value(v) for k, v in options.items()}
    if not found.name and function is not None:
        written["func"] = view.value(function)
    fields = rq_options.fields(view, Passing(given.arguments, options))
    queue = _queue(call, terms)
    if queue is not None and "queue" not in fields:
        fields["queue"] = queue
    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, terms.job_of),
            name=found.name,
            job=found.job,
            form=form,
            confidence="likely" if reason or not found.name else "certain",
            reason=reason if found.name else _DYNAMIC,
            arguments=given.arguments,
            **fields,
            options=written,
        )
    )
    job = function_job(view, found)
    if job is not None:
        view.add(job)


def _created(call: Call, api: str) -> None:
    """`Job.create(f)` makes a job that something else enqueues: here it only tells that `f` is one."""
    function = passing.split(call.view, call.inner, _CREATIONS[api]).options.get("func")
    job = function_job(call.view, target(call.view, function))
    if job is not None:
        call.view.add(job)


def _of_job(call: Call, terms: Terms, handed: Passing) -> tuple[Target, Passing]:
    """What `enqueue_job(job)` enqueues: the function that the job was made of, with its arguments and options."""
    place = handed.options.get("job")
    meaning = call.view.evaluator.meaning(place) if place is not None else None
    api = terms.api(meaning.of) if isinstance(meaning, Instance) else ""
    if not isinstance(meaning, Instance) or meaning.call is None or api not in _CREATIONS:
        return Target(), handed
    made = passing.split(call.view, meaning.call, _CREATIONS[api])
    function = made.options.pop("func", None)
    return target(call.view, function), Passing(made.arguments, {**made.options, **handed.options})


def _queue(call: Call, terms: Terms) -> Value | None:
    """The queue on which the call is made, or that of the decorator; None where neither says so."""
    receiver = call.receiver
    how = terms.decorated(receiver) if receiver is not None else None
    if how is not None:
        return queue_of(call.view, terms, how.arguments.get(0, how.arguments.get("queue")))
    if receiver is None or terms.kind(receiver) != "Queue":
        return None
    name = terms.queue_place(receiver)
    if name is None or is_none(name):
        return Literal("default") if isinstance(receiver, Instance) and receiver.call is not None else None
    return call.view.value(name)
