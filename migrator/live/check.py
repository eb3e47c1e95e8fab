"""What a live check is: its documentation, and the function that judges what was seen. One place for both, as with rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from migrator.jobs import Inventory
from migrator.jobs.findings import Severity, Spot
from migrator.jobs.runtime import Difference
from migrator.live.limits import Limits
from migrator.live.postgres_server import PostgresServer
from migrator.live.redis_server import RedisServer
from migrator.live.state import Flow, Known, Queue, Standing, Untold
from migrator.rules.rule import Outcome, Undecided

Server = RedisServer | PostgresServer


@dataclass(frozen=True)
class Look:
    """All that was seen. `earlier` is the look before, by `Queue.at`; `window` the seconds between the two; None where there was one."""

    servers: tuple[Known[Server], ...]
    standings: tuple[Standing, ...]
    inventory: Inventory
    limits: Limits
    differences: Known[tuple[Difference, ...]] = ()
    answered: tuple[str, ...] = ()  #: systems that keep anything at one of the servers
    earlier: Mapping[str, Queue] | None = None
    window: float | None = None
    #: what could not be read at all, by the place
    unread: tuple[Undecided, ...] = ()

    @property
    def places(self) -> tuple[Queue, ...]:
        """All places in which systems keep jobs."""
        return tuple(queue for standing in self.standings for queue in standing.queues)

    @property
    def queues(self) -> tuple[Queue, ...]:
        """The application's queues."""
        return tuple(queue for queue in self.places if not queue.inner)

    def flow(self, queue: Queue) -> Flow | None:
        """What happened in a queue between the looks; None where that is not told."""
        return next((s.flows[queue.at] for s in self.standings if queue.at in s.flows), None)

    @property
    def redis(self) -> tuple[RedisServer, ...]:
        """The servers of that kind that could be asked about themselves."""
        return tuple(server for server in self.servers if isinstance(server, RedisServer))

    @property
    def postgres(self) -> tuple[PostgresServer, ...]:
        """The servers of that kind that could be asked about themselves."""
        return tuple(server for server in self.servers if isinstance(server, PostgresServer))

    @property
    def silent(self) -> tuple[Untold, ...]:
        """Why servers could not be asked about themselves."""
        return tuple(server for server in self.servers if isinstance(server, Untold))

    def systems(self, address: str) -> tuple[str, ...]:
        """The systems that keep something at a server."""
        return tuple(dict.fromkeys(s.system for s in self.standings if s.at.partition("#")[0] == address))


@dataclass(frozen=True, kw_only=True)
class LiveCheck:
    """A check. Texts are Markdown. `check` yields nothing where what it is about is not there at all."""

    id: str
    name: str  #: in kebab case
    title: str  #: the trouble in a few words
    severity: Severity
    what: str  #: what is looked at
    why: str  #: what it costs
    how: str  #: what each system is asked
    limits: tuple[str, ...] = ()  #: the settings of `[live]` that it goes by
    unknown: str  #: when it cannot tell
    false_alarms: str
    migration: str  #: what it means for a move
    hint: str  #: what to do, in a sentence
    sources: tuple[str, ...]
    check: Callable[[Look], Iterator[Outcome]]
    related: tuple[str, ...] = ()


@cache
def checks() -> tuple[LiveCheck, ...]:
    """Every check, by id."""
    package = import_module("migrator.live.checks")
    modules = (import_module(f"{package.__name__}.{m.name}") for m in iter_modules(package.__path__))
    return tuple(sorted((m.CHECK for m in modules), key=lambda check: check.id))


def server_spot(address: str, what: str = "") -> Spot:
    """Where a server is."""
    return Spot(address, 0, what)
