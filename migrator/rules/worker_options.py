"""How many jobs a worker takes at once, where the code says it, and whether what it says is known."""

from __future__ import annotations

import msgspec

from migrator.jobs import Job, literal_of
from migrator.rules.evidence import Evidence, number
from migrator.scanners.linking import Known, Place, Structure
from migrator.systems import SYSTEMS

#: options by which a worker takes several jobs at once, in any of the systems
_SEVERAL = ("batchSize", "teamSize", "teamConcurrency", "localConcurrency", "groupConcurrency")
#: form of a definition -> position of the options in its call
_OPTIONS = {"new Worker": 2, "new Worker, sandboxed": 2, "new Worker, fetched by hand": 2, "@Processor": 1, "work": 1}


class AtOnce(msgspec.Struct, frozen=True):
    """`jobs` that run at once in one process; None where only the run tells. `said`: the code says so, it is no default."""

    jobs: int | None
    said: bool


def default_concurrency(system: str) -> int | None:
    """Jobs that a worker of a system runs at once when nothing is said; None where that is not a number."""
    return next((int(limit.value) for limit in SYSTEMS[system].limits if limit.name == "concurrency"), None)


def at_once(evidence: Evidence, job: Job) -> AtOnce:
    """What the worker of a job says."""
    for option in ("concurrency", *_SEVERAL):
        value = job.concurrency if option == "concurrency" else job.options.get(option)
        if value is not None:
            known = number(value)
            return AtOnce(int(known) if known is not None else None, said=True)
    return AtOnce(default_concurrency(job.system) if _options_known(evidence, job) else None, said=False)


def _options_known(evidence: Evidence, job: Job) -> bool:
    """False where options are handed over that cannot be read."""
    if "..." in job.options:
        return False
    if job.via:
        return bool(job.options)
    position = _OPTIONS.get(job.form)
    call = evidence.node(job.location.path, job.definition)
    if position is None or call is None or call.type not in ("new_expression", "call_expression"):
        return True
    view = evidence.bodies.view(job.location.path)
    given = view.evaluator.arguments(Place(view.source, call)).get(position)
    if given is None or (job.form == "work" and len(view.evaluator.arguments(Place(view.source, call))) < 3):
        return True
    meaning = view.evaluator.meaning(given) if isinstance(given, Place) else given
    return isinstance(meaning, Structure | Known)


def queue_of(job: Job) -> str:
    """The queue that a job is taken from; empty where that is not known."""
    known = literal_of(job.queue)
    return known if isinstance(known, str) else ""
