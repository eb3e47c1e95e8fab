"""What moves together: jobs that share a worker, an event or a composition. What only starts another job does not tie it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from migrator.jobs import Job, Worker, literal_of
from migrator.planning.application import Application
from migrator.planning.usage import compositions, kind_of_composition
from migrator.systems import SYSTEMS

#: steps that wait in the middle for what another job gives
_WAITING = frozenset(("invoke", "invoke_by_id"))


class Tie(msgspec.Struct, frozen=True):
    """Jobs that move together (by their number), and why."""

    jobs: tuple[int, ...]
    why: str


def ties(application: Application, jobs: Sequence[Job]) -> tuple[Tie, ...]:
    """Everything that ties some of `jobs` together."""
    number = {id(job): n for n, job in enumerate(jobs)}
    found = [
        *_queues(application, jobs),
        *_events(jobs),
        *_compositions(application, jobs),
        *_invoked(application, jobs, number),
    ]
    return tuple(dict.fromkeys(tie for tie in found if len(tie.jobs) > 1))


def groups(size: int, found: Iterable[Tie]) -> list[tuple[int, ...]]:
    """`size` jobs in groups that nothing ties to each other, in order of their first job.

    >>> groups(4, [Tie((0, 2), "a"), Tie((2, 3), "b")])
    [(0, 2, 3), (1,)]
    """
    leader = list(range(size))

    def root(job: int) -> int:
        while leader[job] != job:
            leader[job] = leader[leader[job]]
            job = leader[job]
        return job

    for tie in found:
        for job in tie.jobs[1:]:
            first, second = sorted((root(tie.jobs[0]), root(job)))
            leader[second] = first
    members: defaultdict[int, list[int]] = defaultdict(list)
    for job in range(size):
        members[root(job)].append(job)
    return [tuple(members[first]) for first in sorted(members)]


def _queues(application: Application, jobs: Sequence[Job]) -> Iterator[Tie]:
    by_queue: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for n, job in enumerate(jobs):
        queue = literal_of(job.queue)
        if isinstance(queue, str) and queue:
            by_queue[(job.system, queue)].append(n)
    alone = _one_at_a_time(application)
    for (system, queue), members in sorted(by_queue.items()):
        if SYSTEMS[system].worker_per_queue:
            yield Tie(tuple(members), f"one worker takes all of the queue `{queue}`")
        elif queue in alone:
            yield Tie(tuple(members), f"the queue `{queue}` is worked off one at a time, and they may rely on it")


def _one_at_a_time(application: Application) -> frozenset[str]:
    """Queues whose only worker runs one job at a time."""
    found: defaultdict[str, list[object]] = defaultdict(list)
    for worker in application.evidence.of(Worker):
        if worker.role == "worker":
            for queue in worker.queues:
                found[queue].append(_number(literal_of(worker.concurrency)))
    # One worker is often written in several places, for Procfile and compose.
    return frozenset(queue for queue, sizes in found.items() if set(sizes) == {1})


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _events(jobs: Sequence[Job]) -> Iterator[Tie]:
    by_event: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for n, job in enumerate(jobs):
        for trigger in job.triggers:
            event = literal_of(trigger.value)
            if trigger.kind == "event" and isinstance(event, str):
                by_event[(job.system, event)].append(n)
    for (_, event), members in sorted(by_event.items()):
        yield Tie(tuple(dict.fromkeys(members)), f"the event `{event}` starts them all")


def _compositions(application: Application, jobs: Sequence[Job]) -> Iterator[Tie]:
    wholes: defaultdict[tuple[str, int, str], list[int]] = defaultdict(list)
    for n, job in enumerate(jobs):
        for part in application.sent(job):
            for whole in compositions(application, part):
                wholes[(whole.location.path, whole.location.line, kind_of_composition(whole))].append(n)
    for (path, line, kind), members in sorted(wholes.items()):
        yield Tie(tuple(sorted(set(members))), f"they are put together in a {kind}, {path}:{line}")


def _invoked(application: Application, jobs: Sequence[Job], number: Mapping[int, int]) -> Iterator[Tie]:
    for n, job in enumerate(jobs):
        if not any(step.kind in _WAITING for step in job.steps):
            continue
        for send in application.sends(job):
            if send.form not in _WAITING:
                continue
            called = [number[id(other)] for other in application.starts(job) if id(other) in number and send in application.sent(other)]
            for other in called:
                yield Tie(tuple(sorted((n, other))), f"`{job.name}` waits for the result of `{jobs[other].name}`")
