"""APScheduler's schedulers, and processes that do nothing but run one."""

from __future__ import annotations

from migrator.jobs import Worker
from migrator.scanners.linking import Instance, Meaning, Member
from migrator.scanners.python.apscheduler_terms import SYSTEM, Terms
from migrator.scanners.python.deriving import made_of_derived
from migrator.scanners.python.making import add_client
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span

#: schedulers whose `start` returns only when they are shut down
_BLOCKING = "BlockingScheduler"


def read(call: Call) -> bool:
    """Record the scheduler that a call makes, or the process that it becomes."""
    terms = Terms(call.view.evaluator)
    if terms.is_scheduler_class(call.callee):
        add_client(call, SYSTEM, "scheduler")
        return True
    callee = call.callee
    if terms.method(callee) not in ("start", "run_until_stopped") or not isinstance(callee, Member):
        return False
    made = callee.of
    if callee.name == "run_until_stopped" or (isinstance(made, Instance) and made.of.key.endswith(_BLOCKING)):
        _worker(call, made)
    return True


def read_file(view: View) -> None:
    """Record schedulers of a class of the project that derives from one of APScheduler's."""
    for call in made_of_derived(view, Terms(view.evaluator).is_scheduler_class):
        add_client(call, SYSTEM, "scheduler")


def _worker(call: Call, made: Meaning) -> None:
    name = made.symbol.rpartition(":")[2] if isinstance(made, Instance) else ""
    call.view.add(Worker(**call.common(SYSTEM), name=name or _BLOCKING, role="scheduler", entry=span(call.node)))
