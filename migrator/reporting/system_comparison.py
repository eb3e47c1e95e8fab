"""Job systems side by side: the questions that teams ask when they choose, answered from the facts of `migrator.systems`."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.reporting.system_words import KINDS, bound, crossings, retries
from migrator.systems import CAPABILITIES, System
from migrator.systems.traps import studied

#: what a comparison does not say, and why
NOT_COMPARED = (
    "Prices, learning curve and how hard it is to set up are not compared: prices change, and for the other two there is no measure. "
    "What has to run, and the traps on the way, are what they come from."
)
#: limits that are worth a line in a comparison: heading -> names of limits
_NUMBERS = {
    "Longest run": ("step-time", "expiry", "longest-expiry", "function-time", "time-limit", "run-time"),
    "Size of a job": ("event-size", "message-size", "job-size"),
    "Longest delay": ("sleep", "delay"),
    "Parts of one job": ("steps-per-run",),
}


@dataclass(frozen=True)
class Row:
    """An answer of every system to one question, in the order of the systems."""

    title: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Crossing:
    """How many traps lie on the way between two systems, by who deals with them; `studied`: the move has been looked at on its own."""

    source: str
    target: str
    automatic: int
    helper: int
    human: int
    studied: bool

    def __str__(self) -> str:
        return f"{self.automatic} + {self.helper} + {self.human}" if self.studied else "not studied"


@dataclass(frozen=True)
class Comparison:
    """`rows` answer questions in words; what the systems can do is in their capabilities; `crossings` are between each two."""

    systems: tuple[System, ...]
    rows: tuple[Row, ...]
    crossings: tuple[Crossing, ...]


def compare(systems: tuple[System, ...]) -> Comparison:
    """The systems side by side. Each has to say what it can do."""
    rows = (
        Row("What has to run", tuple(s.infrastructure for s in systems)),
        Row("Without a worker process", _supports(systems, "serverless")),
        Row("Retries when nothing is said", tuple(retries(s) for s in systems)),
        Row("Waits between retries", _supports(systems, "backoff")),
        Row("Steps of a job on their own", _supports(systems, "steps")),
        Row("Many parts, then their results", _supports(systems, "chord")),
        Row("Schedules", _supports(systems, "cron")),
        Row("Time zone of schedules", _supports(systems, "timezone")),
        Row("Jobs side by side", tuple(s.parallelism for s in systems)),
        Row("Soonest start", tuple(s.latency_floor or "not known" for s in systems)),
        Row("Enqueue in a transaction", _supports(systems, "transactional-enqueue")),
        Row("Monitoring", _supports(systems, "dashboard")),
        Row("Looking at jobs and mending them", _supports(systems, "inspection")),
        Row("Jobs that have failed", _supports(systems, "dead-letter")),
        *(Row(heading, tuple(_number(s, names) for s in systems)) for heading, names in _NUMBERS.items()),
        Row("Who is paid", tuple(s.cost for s in systems)),
        Row("Only here", tuple(_alone(s, systems) for s in systems)),
    )
    ways = tuple(
        Crossing(a.name, b.name, *crossings(a.name, b.name), studied(a.name, b.name)) for a in systems for b in systems if a is not b
    )
    return Comparison(systems, rows, ways)


def _supports(systems: tuple[System, ...], capability: str) -> tuple[str, ...]:
    found = (s.capabilities[capability] for s in systems)
    return tuple(f"{KINDS[support.kind][0]}: {support.how}" for support in found)


def _number(system: System, names: tuple[str, ...]) -> str:
    limits = [limit for limit in system.limits if limit.name in names]
    return "; ".join(bound(limit) + (f" ({limit.plan})" if limit.plan else "") for limit in limits) or "no limit that we know"


def _alone(system: System, systems: tuple[System, ...]) -> str:
    """Capabilities that none of the others has natively."""
    others = [s for s in systems if s is not system]
    own = [
        CAPABILITIES[c].title
        for c, support in system.capabilities.items()
        if support.kind == "native" and all(s.capabilities[c].kind != "native" for s in others)
    ]
    return ", ".join(own) or "nothing"
