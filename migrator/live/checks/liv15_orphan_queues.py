"""LIV15: jobs that wait and that no code here knows."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Client, Enqueue, Expression, Inventory, Job, Literal, Setting, Worker, literal_of
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Queue, Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided
from migrator.systems import SYSTEMS

#: systems in which a job is found by its name, whatever the queue
_BY_NAME = frozenset(("celery", "dramatiq", "procrastinate", "postgres-table"))


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue that holds anything."""
    for queue in look.queues:
        if isinstance(queue.due, Untold):
            continue
        held = sum(part for part in (queue.due, queue.delayed, queue.active, queue.blocked) if not isinstance(part, Untold))
        if held:
            yield _judged(look.inventory, queue, held)


def _judged(inventory: Inventory, queue: Queue, held: int) -> Outcome:
    items = [item for item in inventory.production if item.system == queue.system]
    of_code = [item for item in items if isinstance(item, Enqueue | Job | Worker | Client)]
    what = f"{held:,} {'job' if held == 1 else 'jobs'}"
    if not of_code:
        return Fail(queue.spot(), f"`{queue.name}` holds {what}, and no code here uses this system.", (queue.system,))
    if queue.system in _BY_NAME:
        return _by_name(inventory, queue, what)
    if queue.name in _named(inventory, queue.system):
        return Pass(queue.spot("the code names it"))
    if _dynamic(inventory, queue.system):
        return Undecided(f"no code names the queue `{queue.name}`, and some queues are only named at run time", queue.spot())
    return Fail(queue.spot(), f"`{queue.name}` holds {what}, and no code here names it.", (queue.system,))


def _by_name(inventory: Inventory, queue: Queue, what: str) -> Outcome:
    if isinstance(queue.names, Untold):
        return Undecided(queue.names.reason, queue.spot())
    known = {job.name for job in inventory.of(Job, queue.system)}
    odd = {name: number for name, number in queue.names.items() if name not in known}
    if not queue.names:
        return Undecided("the names of the jobs could not be read", queue.spot())
    if not odd:
        return Pass(queue.spot("the code has all jobs of the sample"))
    if any(not job.name for job in inventory.of(Job, queue.system)) or any(u.system == queue.system for u in inventory.unresolved):
        return Undecided(f"no job of the code is called `{min(odd)}`, but some names are only known at run time", queue.spot())
    listed = ", ".join(f"`{name}`" for name in sorted(odd)[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
    sample = f"{sum(odd.values()):,} of {sum(queue.names.values()):,} looked at are of {listed}"
    message = f"`{queue.name}` holds {what}; {sample}, which no code here has."
    return Fail(queue.spot(), message, (queue.system,))


def _named(inventory: Inventory, system: str) -> set[str]:
    """All queues that code of a system names."""
    names = {SYSTEMS[system].default_queue} - {""}
    for item in inventory.production:
        if item.system != system:
            continue
        # A dead letter queue, for one, is only named in the options of another.
        names |= {value.value for value in item.options.values() if isinstance(value, Literal) and isinstance(value.value, str)}
        if isinstance(item, Worker):
            names |= set(item.queues)
        elif isinstance(item, Enqueue | Job):
            names |= {str(literal_of(item.queue))} if literal_of(item.queue) is not None else {item.name}
        elif isinstance(item, Client | Setting):
            names.add(item.name)
    return names


def _dynamic(inventory: Inventory, system: str) -> bool:
    """True where a queue is named by something that is only known at run time."""
    items = [i for i in inventory.production if i.system == system]
    unnamed = any(isinstance(i, Client) and i.role == "queue" and not i.name for i in items)
    open_ends = any(isinstance(i, Enqueue | Job) and (isinstance(i.queue, Expression) or not i.name) for i in items)
    return unnamed or open_ends or any(u.system == system for u in inventory.unresolved)


CHECK = LiveCheck(
    id="LIV15",
    name="orphan-queues",
    title="Jobs that wait and that no code here knows",
    severity="high",
    what="Queues that hold jobs and that no code names; for Celery, Dramatiq, Procrastinate and job tables, jobs whose names no code has.",
    why="Nobody will move them, because nobody finds them in the code. The old system is not empty at the end, and cannot be switched off.",
    how="Names of queues, and of the jobs of a sample, against the enqueues, jobs, workers and queues of the audit.",
    unknown="The code names queues or jobs at run time, or the names of waiting jobs cannot be read.",
    false_alarms="Another application that uses the same server: run the audit over both, or give them different prefixes.",
    migration="It keeps the cut-over from being finished: find the owner first.",
    hint="Find out who enqueues these; bring the code into the audit, or drain and remove the queue.",
    sources=("a queue without an owner in code keeps gate G12 shut",),
    check=check,
    related=("LIV14", "LIV20", "JOB901"),
)
