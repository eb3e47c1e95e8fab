"""Every system that is moved from or to says of every capability how far it has it, and its numbers agree with its other facts."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from migrator.systems import CAPABILITIES, LIMIT_CHECKS, SYSTEMS, Limit, System
from migrator.systems.capabilities import GROUP_TITLES, GROUPS

#: the systems of DESIGN §5 that code is moved from or to, or that an experiment runs on
MOVED = (
    *("inngest", "bullmq", "pg-boss", "postgres-table", "qstash", "sqs", "pg_cron", "bull"),
    *("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "apscheduler", "django-tasks", "django-q"),
)
LIMITED = [(system, limit) for system in SYSTEMS.values() for limit in system.limits]


def test_the_vocabulary() -> None:
    assert set(GROUP_TITLES) == set(GROUPS)
    assert {c.group for c in CAPABILITIES.values()} == set(GROUPS)
    for name, capability in CAPABILITIES.items():
        assert name == capability.id
        assert name.replace("-", "").isalnum()
        assert name.islower()
        assert len(capability.title) <= 30
        assert capability.explanation.endswith(".")
    titles = Counter(c.title for c in CAPABILITIES.values())
    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("name", MOVED)
def test_every_capability_is_answered(name: str) -> None:
    system = SYSTEMS[name]
    assert set(system.capabilities) == set(CAPABILITIES)
    assert list(system.capabilities) == list(CAPABILITIES), "in the order of the vocabulary"
    assert [c for c, support in system.capabilities.items() if not support.how.strip() or support.how.endswith(".")] == []


def test_only_known_capabilities_are_named() -> None:
    assert {c for s in SYSTEMS.values() for c in s.capabilities} <= set(CAPABILITIES)


@pytest.mark.parametrize("system", [SYSTEMS[name] for name in MOVED], ids=lambda s: s.name)
def test_capabilities_agree_with_the_other_facts(system: System) -> None:
    kinds = {name: support.kind for name, support in system.capabilities.items()}
    if system.transactional == "no":
        assert kinds["transactional-enqueue"] != "native"
    if system.transactional in ("yes", "option"):
        assert kinds["transactional-enqueue"] == "native"
    if system.acknowledgement == "late":
        assert kinds["late-acknowledgement"] != "absent"
    if system.acknowledgement == "early":
        assert kinds["early-acknowledgement"] == "native"
    if system.priority in ("higher sooner", "lower sooner"):
        assert kinds["priority"] == "native"
    if system.retry is not None and system.retry.automatic and system.retry.option:
        assert kinds["retries"] == "native"


@pytest.mark.parametrize(("system", "limit"), LIMITED, ids=[f"{s.name}-{limit.name}-{limit.plan}" for s, limit in LIMITED])
def test_a_limit_says_what_it_rests_on(system: System, limit: Limit) -> None:
    assert limit.id in LIMIT_CHECKS
    assert limit.value >= 0
    assert limit.source
    assert dt.date(2026, 11, 1) <= dt.date.fromisoformat(limit.checked)
    same = [other for other in system.limits if (other.name, other.plan) == (limit.name, limit.plan)]
    assert same == [limit]
    assert {other.title for other in system.limits if other.name == limit.name} == {limit.title}


def test_limits_agree_with_the_retries_of_the_system() -> None:
    for system, limit in LIMITED:
        if system.retry is None or limit.id != "MIG06" or limit.kind != "default":
            continue
        if limit.name in ("default-attempts", "default-receives"):
            expected = system.retry.default_attempts
        else:
            assert limit.name == "default-retries"
            expected = None if system.retry.default_attempts is None else system.retry.default_attempts - 1
        if expected is not None:
            assert limit.value == expected, system.name


def test_the_numbers_of_the_worked_example() -> None:
    """200 parts with 4 plug-ins each: 804 steps fit where all parts are routed in one step, 1,003 do not where each is a step."""
    (steps,) = (limit for limit in SYSTEMS["inngest"].limits if limit.name == "steps-per-run")
    parts, plugins = 200, 4
    assert parts * plugins + 4 <= steps.value < parts * (plugins + 1) + 3
    (state,) = (limit for limit in SYSTEMS["inngest"].limits if limit.name == "run-state")
    assert state.value / (parts * plugins) / 1024 == 40.96
