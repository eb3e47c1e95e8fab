"""arq 0.28 (read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="arq",
    title="arq",
    languages=("python",),
    pypi=("arq",),
    environment=("ARQ_*",),
    programs=(
        Program(name="arq", commands={"": "worker"}, values={"--watch": "watch"}, flags={"--burst": "burst", "-v": "verbose"}, needs="."),
    ),
    retry=RetryFacts(option="max_tries", counts="executions", default=5, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    default_timeout=300,
    default_timezone="local",
    acknowledgement="late",
    source="arq 0.28.0",
)
