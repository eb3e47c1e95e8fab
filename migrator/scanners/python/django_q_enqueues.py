"""Places that put a function on Django Q's queue.

`Enqueue.form`: `async_task` (`async` before version 1), `async_iter`, `async_chain` as called; `AsyncTask.run`, `Iter.run` for an object
that is run, wherever it was made; `Chain` and `Chain.append` for each member of a chain, `Chain.run` for its start; `schedule` and
`Schedule` for a start at one moment only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from migrator.jobs import Enqueue, Value
from migrator.scanners.linking import Instance, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.python import passing
from migrator.scanners.python.django_q_terms import SYSTEM, api
from migrator.scanners.python.passing import Passing
from migrator.scanners.python.surroundings import around
from migrator.scanners.python.targets import Target, definition, target
from migrator.scanners.reading import Call, View
from migrator.systems.django_q import ASYNC_OPTIONS

_DYNAMIC = "the function is only known at run time"


def read(call: Call) -> bool:
    """Record what `call` enqueues; False if it is none of the forms that are read here."""
    form = api(call.key)
    reader = _FORMS.get(form)
    if reader is not None:
        reader(call, form.replace("()", ""))
    return reader is not None


def record(call: Call, form: str, found: Target, given: Passing, *, many: bool = False, eta: Value | None = None) -> None:
    """Record a call that puts a function on the queue, and the function as a job."""
    job = definition(call.view, SYSTEM, found)
    if job is not None:
        call.view.add(job)
    _add(call, form, found.name, found.job, given, many=many, eta=eta)


def _task(call: Call, form: str) -> None:
    """`async_task(function, *args, **kwargs)`, with options among the keywords."""
    _direct(call, form, call.inner)


def _made(call: Call, form: str) -> None:
    """`AsyncTask(function, …).run()`: read where it is made, recorded where it is run."""
    made = call.receiver
    if isinstance(made, Instance) and made.call is not None:
        _direct(call, form, made.call)
    else:
        record(call, form, Target(), Passing())


def _direct(call: Call, form: str, written: Place) -> None:
    given = passing.reserving(call.view, written, ASYNC_OPTIONS, ("func",))
    record(call, form, target(call.view, given.options.get("func")), given)


def _iterated(call: Call, form: str) -> None:
    """`async_iter(function, [args, …], **options)`: one task for each element."""
    _many(call, form, passing.named(call.inner, ("func", "args")))


def _made_of_many(call: Call, form: str) -> None:
    """`Iter(function, args=[…], kwargs={…}).run()`."""
    made = call.receiver
    _many(call, form, passing.named(made.call, ("func", "args", "kwargs")) if isinstance(made, Instance) and made.call is not None else {})


def _many(call: Call, form: str, options: dict[str, Place]) -> None:
    rows = options.get("args", options.get("args_iter"))
    arguments = (call.view.argument(rows, star="*"),) if rows is not None else ()
    record(call, form, target(call.view, options.get("func")), Passing(arguments, options), many=True)


def _chained(call: Call, form: str) -> None:
    """`async_chain([(function, args, kwargs), …])`: each function of the list; what is added to it later stands for itself."""
    first = call.arguments.get(0, call.arguments.get("chain"))
    found = elements(call.view.evaluator, first) if first is not None else None
    for member in found.known if found is not None else ():
        meaning = call.view.evaluator.meaning(member)
        if isinstance(meaning, Structure) and meaning.is_list:
            function, arguments, keywords = (meaning.entries.get(key) for key in ("0", "1", "2"))
            record(call, form, target(call.view, function), Passing(passing.listed(call.view, arguments, keywords)))
        else:
            record(call, form, target(call.view, member), Passing())
    if found is not None and found.unknown:
        record(call, form, Target(), Passing())


def _appended(call: Call, form: str) -> None:
    """`chain.append(function, *args, **kwargs)`."""
    given = passing.reserving(call.view, call.inner, frozenset(), ("func",))
    record(call, form, target(call.view, given.options.pop("func", None)), given)


def _started(call: Call, form: str) -> None:
    """`chain.run()`: its members stand where they were added."""
    _add(call, form, "chain", "", Passing(), many=False)


def _add(call: Call, form: str, name: str, job: str, given: Passing, *, many: bool, eta: Value | None = None) -> None:
    options = _options(call.view, given.options)
    where = around(call, lambda _: "")
    where["in_loop"] = where["in_loop"] or many
    call.view.add(
        Enqueue(
            **call.common(SYSTEM),
            **where,
            name=name,
            job=job,
            form=form,
            confidence="certain" if name else "likely",
            reason="" if name else _DYNAMIC,
            arguments=given.arguments,
            eta=eta,
            queue=options.get("cluster"),
            options=options,
        )
    )


def _options(view: View, given: Mapping[str, Place]) -> dict[str, Value]:
    """The options of a call, those under `q_options` included, which win."""
    written = {k: view.value(v) for k, v in given.items() if k in ASYNC_OPTIONS and k != "q_options"}
    return {**written, **(view.options(given["q_options"]) if "q_options" in given else {})}


_FORMS: dict[str, Callable[[Call, str], None]] = {
    "async_task": _task,
    "async": _task,
    "AsyncTask().run": _made,
    "Async().run": _made,
    "async_iter": _iterated,
    "Iter().run": _made_of_many,
    "async_chain": _chained,
    "Chain": _chained,
    "Chain().append": _appended,
    "Chain().run": _started,
}
