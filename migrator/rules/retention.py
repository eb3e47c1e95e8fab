"""How long BullMQ and Bull keep the jobs that are over: what a call says, over what its queue says."""

from __future__ import annotations

import heapq
from collections import defaultdict
from operator import itemgetter

from migrator.jobs import Client, Enqueue, Expression, Literal, Value, Worker, literal_of
from migrator.rules.evidence import Evidence
from migrator.scanners.linking import Known, Place, Structure

SYSTEMS = ("bullmq", "bull")
COMPLETED, FAILED = "removeOnComplete", "removeOnFail"


class Retention:
    """The options that say what becomes of jobs that are over, as the queues of one application have them."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        #: by system and queue, with their places in the inventory; under None those of which it is not known
        self._workers: defaultdict[tuple[str, str | None], list[tuple[int, Worker]]] = defaultdict(list)
        for place, worker in enumerate(evidence.of(Worker, *SYSTEMS)):
            for queue in set[str | None](worker.queues) or {None}:
                self._workers[worker.system, queue].append((place, worker))
        self._queues: dict[tuple[str, str], list[dict[str, Value] | None]] = {}
        for client in evidence.inventory.items:
            if isinstance(client, Client) and client.system in SYSTEMS and client.role == "queue" and not client.area:
                self._queues.setdefault((client.system, client.name), []).append(self._defaults(client))

    def of(self, enqueue: Enqueue, option: str) -> Value | None:
        """What holds for the jobs of a call: None where nothing is said, an expression where only the run tells."""
        if option in enqueue.options:
            return enqueue.options[option]
        if "..." in enqueue.options:
            return Expression("...")
        queue = literal_of(enqueue.queue)
        return self.of_queue(enqueue.system, queue if isinstance(queue, str) else "", option)

    def of_queue(self, system: str, queue: str, option: str) -> Value | None:
        """What a queue says for all its jobs; an expression also where it is made in several places that say different things."""
        made = self._queues.get((system, queue), [])
        if not queue or not made or any(defaults is None for defaults in made):
            return Expression("defaultJobOptions")
        said = [defaults.get(option) for defaults in made if defaults is not None]
        if any(value != said[0] for value in said):
            return Expression("defaultJobOptions")
        return said[0] if said[0] is not None or system == "bull" else self._of_workers(system, queue, option)

    def _of_workers(self, system: str, queue: str, option: str) -> Value | None:
        """What the workers of a queue say, which holds where a job itself says nothing."""
        those = heapq.merge(self._workers[system, queue], self._workers[system, None], key=itemgetter(0))
        for _, worker in those:
            if queue in worker.queues and option in worker.options:
                return worker.options[option]
            if option in worker.options or "..." in worker.options:
                return Expression("the options of the worker")
        return None

    def _defaults(self, client: Client) -> dict[str, Value] | None:
        """`defaultJobOptions` of a queue, empty if it has none; None where they cannot be read."""
        call = self._evidence.node(client.location.path, client.definition)
        if call is None or call.type != "new_expression":
            return None
        view = self._evidence.bodies.view(client.location.path)
        given = view.evaluator.arguments(Place(view.source, call))
        for key in (1, 2):
            place = given.get(key)
            if place is None:
                continue
            meaning = view.evaluator.meaning(place) if isinstance(place, Place) else place
            if isinstance(meaning, Known):
                # Bull takes the address of its server before the options.
                continue
            entries = view.evaluator.entries(place) if isinstance(place, Place) and isinstance(meaning, Structure) else {"...": place}
            defaults = entries.get("defaultJobOptions")
            if isinstance(defaults, Place):
                said = view.options(defaults)
                return said if said and "..." not in said else None
            if "..." in entries:
                return None
        return {}


def keeps(value: Value | None) -> bool | None:
    """Whether a job that is over is kept under this option; None where only the run tells."""
    if value is None:
        return True
    if not isinstance(value, Literal):
        return None
    known = value.value.get("count") if isinstance(value.value, dict) else value.value
    return known is not True and (known is False or known != 0)
