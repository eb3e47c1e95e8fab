"""Which queue a job goes to: Celery's order of precedence, worked out once, because a Dramatiq actor has one queue."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.celery_to_dramatiq.settings import Settings
from migrator.codemods.python.expressions import UNKNOWN, arguments, literal, string
from migrator.jobs import Location, Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field as child
from migrator.systems import celery, dramatiq

_NOWHERE = Span(0, 0)
#: arguments of `Queue` that say nothing about which jobs reach it
_QUEUE = frozenset(("name", "exchange", "routing_key", "durable", "auto_delete", "expires", "message_ttl", "max_length"))


@dataclass(slots=True)
class Router:
    """`routes` in order; `fixed` is True when the default queue has a name of its own, which is then kept."""

    default: str = celery.SYSTEM.default_queue
    fixed: bool = False
    consumed: tuple[str, ...] = ()  #: what a worker reads that names no queues
    routes: dict[str, object] = field(default_factory=dict)
    where: Location | None = None
    problems: list[Problem] = field(default_factory=list)

    def queue(self, name: str) -> str | Problem:
        """Dramatiq's name of the queue that Celery sends the task `name` to when neither task nor call names one."""
        route = self._route(name)
        if route is None:
            return self.named(self.default)
        if isinstance(route, str):
            return self.named(route)
        if isinstance(route, dict) and set(route) == {"queue"} and isinstance(route["queue"], str):
            return self.named(route["queue"])
        where = self.where or Location("", 1, 0, 1, _NOWHERE)
        return Problem("MIG155", f"its route {route!r} says more than a queue", where)

    def named(self, queue: str) -> str:
        """Dramatiq's name for a Celery queue: Celery's implicit default queue becomes Dramatiq's, every other keeps its name."""
        return dramatiq.SYSTEM.default_queue if queue == celery.SYSTEM.default_queue and not self.fixed else queue

    def _route(self, name: str) -> object:
        if name in self.routes:
            return self.routes[name]
        for pattern, route in self.routes.items():
            # Celery takes a pattern for one only if it has a star; the other wildcards then count as well.
            if "*" in pattern and re.match(fnmatch.translate(pattern), name):
                return route
        return None


def read_routes(settings: Settings) -> Router:
    """The router that the settings describe. What is not plain to read is a problem for every job."""
    router = Router()
    default = settings.value("task_default_queue")
    if isinstance(default, str):
        router.default, router.fixed = default, True
    elif default is not None:
        router.problems.append(_problem(settings, "task_default_queue", "the default queue is only known at run time"))
    _read_queues(settings, router)
    routes = settings.value("task_routes")
    entry = settings.entry("task_routes")
    if entry is not None:
        router.where = entry.source.location(entry.node)
    if isinstance(routes, list | tuple) and len(routes) == 1 and isinstance(routes[0], dict):
        routes = routes[0]
    if isinstance(routes, dict) and all(isinstance(key, str) for key in routes):
        router.routes = {str(key): value for key, value in routes.items()}
    elif routes is not None and (routes is UNKNOWN or routes):
        router.problems.append(_problem(settings, "task_routes", "the routes are not plain to read"))
    return router


def _read_queues(settings: Settings, router: Router) -> None:
    """`task_queues`: a list of `Queue("name")`, each reached by its name alone."""
    entry = settings.entry("task_queues")
    router.consumed = (router.default,)
    if entry is None or literal(entry.source, entry.value) is None:
        return
    names: list[str] = []
    keys: list[str] = []
    for node in entry.value.named_children if entry.value.type in ("list", "tuple", "set") else [entry.value]:
        if node.type == "comment":
            continue
        given = arguments(entry.source, node) if node.type == "call" else None
        callee = child(node, "function")
        is_queue = callee is not None and entry.source.text(callee).rpartition(".")[2] == "Queue"
        name = given.positional[0] if given is not None and given.positional else given.value("name") if given is not None else None
        if given is None or not is_queue or not string(entry.source, name) or given.starred or set(given.keywords) - _QUEUE:
            router.problems.append(_problem(settings, "task_queues", "the queues are not plain to read"))
            return
        exchange = given.positional[1] if len(given.positional) > 1 else given.value("exchange")
        if exchange is not None and not _is_direct(entry.source, exchange):
            router.problems.append(_problem(settings, "task_queues", "a queue has an exchange that is not plainly a direct one"))
            return
        key = given.positional[2] if len(given.positional) > 2 else given.value("routing_key")
        names.append(string(entry.source, name))
        keys.append(string(entry.source, key) if key is not None else names[-1])
    if len(set(keys)) < len(names) or "" in keys:
        router.problems.append(_problem(settings, "task_queues", "several queues share what reaches them"))
        return
    router.consumed = tuple(names)
    settings.understood.append((entry.source.path, span(entry.value)))


def _is_direct(source: Source, node: Node) -> bool:
    """`Exchange("name")`, whose type is direct unless it says otherwise."""
    if string(source, node):
        return True
    callee = child(node, "function") if node.type == "call" else None
    if callee is None or source.text(callee).rpartition(".")[2] != "Exchange":
        return False
    given = arguments(source, node)
    kind = given.positional[1] if len(given.positional) > 1 else given.value("type")
    return not given.starred and (kind is None or string(source, kind) == "direct")


def _problem(settings: Settings, key: str, reason: str) -> Problem:
    entry = settings.entry(key)
    where = entry.source.location(entry.node) if entry is not None else Location(settings.module, 1, 0, 1, _NOWHERE)
    return Problem("MIG155", reason, where)
