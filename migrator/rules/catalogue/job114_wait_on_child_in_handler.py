"""JOB114: a job that waits for another holds a place that the other may need."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.scanners.bodies import Reached

#: system -> last names of calls that wait for another job
_WAITS = {
    "celery": frozenset(("get", "join", "join_native", "collect", "wait")),
    "bullmq": frozenset(("waitUntilFinished",)),
    "bull": frozenset(("finished",)),
    "rq": frozenset(("latest_result",)),
    "dramatiq": frozenset(("get_result", "wait")),
}
#: what stands in the key of an enqueue of that system
_ENQUEUES = {"celery": (".delay()", ".apply_async()", "AsyncResult()", "group()", "chain()", "chord()"), "dramatiq": (".send()", "group()")}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each call in the body of a job that waits for another job."""
    told: set[tuple[str, int]] = set()
    clean: Job | None = None
    for job in evidence.of(Job, *_WAITS):
        waits = [call for call in evidence.calls(job) if _waits(call, job.system)]
        for call in waits:
            where = call.view.source.location(call.node, at=call.callee)
            if (where.path, where.line) not in told:
                told.add((where.path, where.line))
                message = f"`{job.name or job.symbol}` waits for another job (`{call.written}`) and holds a place in the pool meanwhile."
                yield Fail(spot(where), message, (job.system,))
        if not waits and evidence.handler(job) is not None:
            clean = clean or job
    if clean is not None:
        yield Pass(spot(clean, "waits for no other job"))


def _waits(call: Reached, system: str) -> bool:
    key = call.meaning.key
    if key.rpartition(".")[2] not in _WAITS[system]:
        return False
    # `.get` is a method of everything: only that of a result counts.
    return system not in _ENQUEUES or any(made in key for made in _ENQUEUES[system])


_TASKS = "from celery import Celery\napp = Celery()\n\n@app.task\ndef part(n):\n    return n\n\n@app.task\ndef whole(n):\n    LINE\n"

RULE = Rule(
    id="JOB114",
    name="wait-on-child-in-handler",
    title="Jobs that wait for other jobs",
    severity="high",
    systems=tuple(_WAITS),
    what="In the body of a job: `.delay(…).get()`, `AsyncResult(…).get()`, `job.waitUntilFinished(…)`, `job.finished()`, "
    "`get_result(block=True)`.",
    why="While it waits it holds a place in the pool. When as many jobs wait as there are places, no place is left for what they wait "
    "for, and all of them stand still.",
    how="Calls are followed from the body of the job through four functions of the project.",
    false_alarms="A queue of its own with workers that nothing else can fill.",
    migration="Durable systems have a way to wait without a place (`step.invoke`); elsewhere the second half becomes a job of its own.",
    fix="none",
    hint="Let the second half be a job that the first one starts: a chain, a flow, a callback.",
    effort=Effort(60, 180, "place", "an estimate"),
    sources=("Celery user guide, Tasks, Avoid launching synchronous subtasks",),
    examples=(
        Example(
            "celery",
            bad={"tasks.py": _TASKS.replace("LINE", "return part.delay(n).get()")},
            good={"tasks.py": _TASKS.replace("LINE", "part.delay(n)")},
        ),
    ),
    check=check,
)
