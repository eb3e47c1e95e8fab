"""Jobs that were seen, held against the limits of the systems that are to take them."""

from __future__ import annotations

import pytest

from migrator.shadow.headroom import Headroom, headroom
from migrator.shadow.ledger import Event

SECOND = 10**9


def assigned(number: int, *, size: int | None = None, delay: float | None = None) -> Event:
    return Event(
        event_id=str(number),
        experiment="e",
        config_epoch=1,
        job_key=str(number),
        unit_key=str(number),
        job_name="mail",
        arm="old",
        role="current",
        kind="assigned",
        ts_ns=SECOND,
        clock="host",
        source="dispatcher",
        bytes=size,
        until_ns=None if delay is None else SECOND + round(delay * SECOND),
    )


def named(found: tuple[Headroom, ...]) -> dict[str, tuple[float | None, int | None, bool]]:
    return {f"{each.arm} {each.limit.name}": (each.most, each.over, each.exceeded) for each in found}


def test_sizes_and_delays_are_counted_job_by_job_and_run_times_by_their_99th_percentile() -> None:
    jobs = [assigned(1, size=300), assigned(2, size=1024**2), assigned(3, size=1024**2 + 1), assigned(4, delay=900), assigned(5, delay=901)]
    assert named(headroom(jobs, {"new": "sqs"}, run_p99=4.0)) == {
        "new message-size": (1024**2 + 1, 1, True),
        "new delay": (901, 1, True),
        "new function-time": (4.0, None, False),
        "new default-function-time": (4.0, None, True),
    }


def test_what_is_at_the_limit_is_within_it() -> None:
    found = headroom([assigned(1, size=1024**2, delay=900)], {"new": "sqs"}, run_p99=900.0)
    assert [each.limit.name for each in found if each.exceeded] == ["default-function-time"]


def test_jobs_that_stay_with_the_current_arm_for_their_size_do_not_count() -> None:
    jobs = [assigned(1, size=300), assigned(2, size=2 * 1024**2)]
    assert named(headroom(jobs, {"new": "sqs"}, run_p99=None, payload_bytes=1024**2))["new message-size"] == (300, 0, False)


def test_what_nobody_saw_is_unknown() -> None:
    found = headroom([assigned(1)], {"new": "sqs"}, run_p99=None)
    assert {(each.most, each.over, each.exceeded) for each in found} == {(None, None, False)}


@pytest.mark.parametrize(
    ("system", "names"),
    [
        ("rq", ["time-limit"]),
        # A lock that is renewed, and what Redis could hold at most; steps have limits of their own.
        ("bull", []),
        ("inngest", ["event-size", "event-size", "event-size", "sleep", "sleep"]),
    ],
)
def test_only_limits_of_a_job_are_asked(system: str, names: list[str]) -> None:
    assert [each.limit.name for each in headroom([], {"new": system}, run_p99=1.0)] == names


def test_each_candidate_has_the_limits_of_its_own_system() -> None:
    found = headroom([assigned(1, size=1_500_000)], {"a": "sqs", "b": "qstash"}, run_p99=1.0)
    sizes = [(each.arm, each.limit.plan, each.over) for each in found if each.limit.unit == "bytes"]
    assert sizes == [("a", "", 1), ("b", "Free", 1), ("b", "Pay as you go", 0)]
