"""What one look at running systems saw, in the words of the model: seconds, bytes, numbers of jobs. What could not be told says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from migrator.jobs.findings import Spot

T = TypeVar("T")


@dataclass(frozen=True)
class Untold:
    """What could not be told, and why: the system does not keep it, or the server refused to say."""

    reason: str


Known = T | Untold


@dataclass(frozen=True)
class Runs:
    """A sample of the jobs that ended last: how long each last run took, and how often each was run; `asked` is how many were looked at."""

    seconds: tuple[float, ...]
    attempts: tuple[int, ...]
    asked: int


@dataclass(frozen=True)
class Lost:
    """Jobs that count as running and that no worker has: `now`, of `active`; `given_up`: failed for that reason, of `failed` looked at."""

    now: int
    active: int
    given_up: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Kept:
    """What is over and still stored: `oldest` seconds old. `removal`: how the system deletes it, empty where nothing says that it does."""

    what: str
    number: int
    oldest: float | None = None
    removal: str = ""


@dataclass(frozen=True)
class Flow:
    """What happened in a queue between two looks: jobs that came, and that ended."""

    added: Known[int]
    completed: Known[int]
    failed: Known[int]


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue of one system. `at` is the server and the place there; `due` jobs could run now."""

    system: str
    name: str
    at: str
    due: Known[int]
    delayed: Known[int]
    active: Known[int]
    blocked: Known[int] = 0  #: wait for other jobs
    inner: bool = False  #: no queue of the application: holds jobs of all queues, or the system's own
    paused: bool = False
    failed: Known[int]  #: kept as failed or dead
    failed_lately: Known[int]  #: in the last hour
    failed_oldest: Known[float | None]  #: seconds since the oldest of them failed
    oldest: Known[float | None]  #: seconds for which the first in line has been due; None when none is
    horizon: Known[float | None]  #: seconds until the last delayed job is due; None when none is
    lost: Known[Lost]
    workers: Known[int]
    runs: Known[Runs]
    sizes: Known[tuple[int, ...]]  #: bytes of what a sample of jobs is given
    names: Known[Mapping[str, int]]  #: job name -> how many of a sample of those that are not over
    minutes: Known[Mapping[int, int]]  #: minute since 1970 -> how many of the jobs that are still stored were enqueued in it
    kept: tuple[Known[Kept], ...] = ()

    @property
    def waiting(self) -> Known[int]:
        """All that is not over."""
        parts = (self.due, self.delayed, self.active, self.blocked)
        untold = next((part for part in parts if isinstance(part, Untold)), None)
        return untold or sum(part for part in parts if not isinstance(part, Untold))

    def spot(self, what: str = "") -> Spot:
        """Where the queue is."""
        return Spot(self.at, 0, what)


@dataclass(frozen=True)
class Runner:
    """What a scheduler inside a database did in the last day: `failed` of `runs`."""

    system: str
    name: str
    at: str
    runs: int
    failed: int


@dataclass(frozen=True)
class Warned:
    """What a system itself warned of, by kind."""

    system: str
    at: str
    kind: str
    number: int


@dataclass(frozen=True)
class Standing:
    """All that one system keeps at one server. `version` is of its storage, as it says itself."""

    system: str
    at: str
    queues: tuple[Queue, ...] = ()
    kept: tuple[Known[Kept], ...] = ()
    version: str = ""
    problem: str = ""  #: why this storage is older than what is supported; empty when it is not
    unread: tuple[str, ...] = ()  #: what of it could not be understood
    runners: Known[tuple[Runner, ...]] = ()
    warnings: Known[tuple[Warned, ...]] = ()
    moment: float = 0.0  #: seconds since 1970 on the server's clock
    flows: Mapping[str, Flow] = field(default_factory=dict)  #: by `Queue.at`, at a second look
