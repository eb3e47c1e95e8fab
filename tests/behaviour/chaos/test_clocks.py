"""Clocks that are two seconds off: those of stores are measured and taken out, those of workers are found and said."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import libfaketime
import pytest

from migrator.shadow.ledger import offset_of
from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis

pytestmark = pytest.mark.behaviour
SECONDS = 2
#: nanoseconds that a store counts in
TICK = 10**6
#: arms by what is done to whom
STORES = {"store_ahead": +SECONDS, "store_behind": -SECONDS}
WORKERS = {"celery_ahead": +SECONDS, "celery_behind": -SECONDS, "rq_ahead": +SECONDS, "rq_behind": -SECONDS}


def test_two_seconds_off(make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis]) -> None:
    systems = dict.fromkeys(STORES, "bullmq") | {arm: arm.partition("_")[0] for arm in WORKERS}
    stores = {arm: make_redis(arm, env=_off(STORES.get(arm, 0))).url for arm in systems}
    stage = make_stage(systems, stores, deadline=30.0)
    for arm in systems:
        stage.work(arm, **_off(WORKERS.get(arm, 0)))
    run, application = stage.run(), stage.application()
    for place, arm in enumerate(systems):
        application.send(range(100 * place, 100 * place + 20), arm)
    stage.wait_for_ends()
    application.close()
    stage.stop(run)
    stage.check()
    state, finding = stage.checks()["clocks"]
    assert state == "invalid"
    # "A told times that lay … in the future" and "n durations came out below zero … (A n, B m)"
    told_ahead = {arm for arm in systems if f"{arm} told times that lay up to" in finding}
    below_zero = finding.partition("below zero")[2]
    assert told_ahead == {arm for arm, seconds in WORKERS.items() if seconds > 0}
    assert {arm for arm in systems if arm in below_zero} == {arm for arm, seconds in WORKERS.items() if seconds < 0}
    with stage.ledger() as ledger:
        readings = ledger.clocks()
    for arm, seconds in STORES.items():
        assert abs(offset_of(readings[arm]) - seconds * 10**9) <= readings[arm].rtt_ns + TICK
    for job in stage.jobs().values():
        if job.arm in STORES:
            # It was assigned before its store had it, and its store had it before it ran: also by clocks that differ by seconds.
            assert job.assigned_ns is not None
            assert job.available_ns is not None
            assert job.terminal_ns is not None
            slack = readings[job.arm].rtt_ns + TICK
            assert job.assigned_ns - slack <= job.available_ns <= job.attempts[0].started_ns <= job.terminal_ns <= time.time_ns() + slack


def _off(seconds: int) -> Mapping[str, str]:
    """The environment of a program whose clock is so far off."""
    if not seconds:
        return {}
    library = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so.*"))
    return {"LD_PRELOAD": str(library), "FAKETIME": f"{seconds:+d}s", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
