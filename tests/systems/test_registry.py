"""Every system that the audit can name has a file of facts, and no two claim the same thing."""

from __future__ import annotations

from collections import Counter

import pytest

from migrator.systems import SYSTEMS, System

#: the names that the audit's JSON may hold
NAMES = frozenset(
    (
        *("inngest", "bullmq", "pg-boss", "postgres-table", "qstash", "upstash-workflow", "sqs", "pg_cron", "bull"),
        *("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "apscheduler", "django-tasks"),
        *("django-q", "trigger.dev", "agenda", "bee-queue", "graphile-worker", "faktory", "vercel-cron", "vercel-queue", "netlify"),
        *("nest-schedule", "node-cron", "croner", "custom-timer", "custom-schedule", "docker-cron", "cron"),
    )
)


def test_all_are_there() -> None:
    assert set(SYSTEMS) == NAMES


@pytest.mark.parametrize("kind", ["npm", "pypi", "environment"])
def test_nothing_belongs_to_two(kind: str) -> None:
    owners = Counter(name for system in SYSTEMS.values() for name in getattr(system, kind))
    assert [name for name, count in owners.items() if count > 1] == []


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=lambda s: s.name)
def test_facts_are_plausible(system: System) -> None:
    assert system.title
    assert system.source
    assert set(system.languages) <= {"python", "typescript", "javascript", "sql"}
    assert all(name == name.lower() for name in system.pypi)
    for program in system.programs:
        names = set(program.values.values()) | set(program.flags.values())
        assert program.queues in ("", "*") or program.queues in names
        assert not program.concurrency or program.concurrency in names
        assert set(program.many) <= names
        assert not set(program.values) & set(program.flags)
    if system.retry is not None and system.retry.default is not None:
        assert system.retry.default_attempts == system.retry.default + (system.retry.counts == "retries")
