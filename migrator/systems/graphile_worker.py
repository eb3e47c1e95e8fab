"""Graphile Worker 0.8 to 0.18."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.jobs import Backoff, Literal, Value, affine
from migrator.regex import regex
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="graphile-worker",
    title="Graphile Worker",
    languages=("typescript", "javascript"),
    transactional="yes",
    bulk_forms=("addJobs",),
    npm=("graphile-worker", "nestjs-graphile-worker"),
    environment=("GRAPHILE_WORKER_*",),
    programs=(
        Program(
            name="graphile-worker",
            commands={"": "worker"},
            values={"-c": "connection", "--connection": "connection", "-j": "jobs", "--jobs": "jobs", "--crontab": "crontab"},
            concurrency="jobs",
        ),
    ),
    retry=RetryFacts(
        option="maxAttempts", counts="executions", default=25, automatic=True, backoff=Backoff("exponential", Literal(1), 2.718281828)
    ),
    time_unit="s",
    priority="lower sooner",
    acknowledgement="late",
    source="graphile-worker 0.17, its types and documentation",
)

_LINE = regex(r"^(?P<cron>(?:[\d*/,-]+\s+){4}[\d*/,-]+)\s+(?P<task>[A-Za-z_][\w:/.-]*)(?:\s+\?\S+)?(?:\s+\{.*\})?\s*$")


class CrontabLine(msgspec.Struct, frozen=True):
    """A line of a crontab in Graphile Worker's format; `number` counts from 0, `start` and `end` are characters of the text."""

    number: int
    start: int
    end: int
    cron: str
    task: str


def crontab_lines(text: str) -> Iterator[CrontabLine]:
    """The entries of a crontab: five fields, a task, options as in an address, a payload.

    >>> [(line.cron, line.task) for line in crontab_lines("# nightly\\n0 3 * * * sweep ?fill=1d {full: true}\\n")]
    [('0 3 * * *', 'sweep')]
    """
    position = 0
    for number, line in enumerate(text.split("\n")):
        match = _LINE.match(line.strip())
        if match:
            yield CrontabLine(number, position, position + len(line), match["cron"], match["task"])
        position += len(line) + 1


def priority_from(value: Value) -> Value:
    """The lowest number runs first: the model's priority is the negative of it."""
    return affine(value, scale=-1)
