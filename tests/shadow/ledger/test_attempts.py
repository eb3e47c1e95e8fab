"""What workers tell of their attempts, beside what the store saw: run times are the workers', and nothing counts twice."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.ledger import Event, JobHistory, fold
from migrator.shadow.measuring.named_jobs import stuck
from tests.shadow.ledger.test_history import event

S = 10**9


def worker(kind: str, at: int, *, attempt: int = 1, boot: str = "w1", native: str = "n1", **more: Any) -> Event:
    return event(
        kind,
        at,
        source="worker",
        clock="host",
        attempt=attempt,
        boot_id=boot,
        native_id=native,
        event_id=f"w:{at:012d}:{boot}:{attempt}:{kind}",
        **more,
    )


def folded(*steps: tuple[str, int] | Event) -> JobHistory:
    whole = [step if isinstance(step, Event) else event(*step) for step in steps]
    found = fold(whole)
    shuffled = whole.copy()
    random.Random(1).shuffle(shuffled)
    assert fold(shuffled) == found
    return found


def told(job: JobHistory) -> list[tuple[int, str, int | None]]:
    return [(a.number, a.result, a.run_ns) for a in job.attempts]


SENT = (("assigned", 0), ("enqueue_ok", 1), ("available", 1))


def test_the_run_time_is_the_worker_s_and_the_times_stay_the_store_s() -> None:
    job = folded(*SENT, ("started", 10), worker("started", 14), worker("completed", 40, elapsed_ns=25), ("completed", 50))
    assert told(job) == [(1, "completed", 25)]
    assert (job.attempts[0].started_ns, job.attempts[0].ended_ns, job.wait_ns, job.terminal_ns) == (10, 50, 9, 50)
    assert (job.completions, job.duplicate_deliveries, job.duplicate_effects) == (1, 0, 0)


def test_a_store_that_sees_no_start_leaves_the_attempts_to_the_worker() -> None:
    """As Dramatiq's: what fails is seen there, what begins is not."""
    job = folded(
        *SENT,
        worker("started", 10),
        worker("attempt_failed", 20, elapsed_ns=9, err_type="E", err_message="m"),
        event("attempt_failed", 21, err_type="E"),
        event("delayed", 21, until_ns=30),
        worker("started", 31, attempt=2),
        worker("completed", 35, attempt=2, elapsed_ns=4),
    )
    assert told(job) == [(1, "failed", 9), (2, "completed", 4)]
    assert (job.outcome, job.terminal_ns, job.attempts_made, job.first_attempt_failed) == ("completed", 35, 2, True)


def test_a_worker_s_last_word_is_an_end_only_where_the_store_has_none() -> None:
    assert folded(*SENT, worker("started", 2), worker("discarded", 5, elapsed_ns=3)).outcome == "discarded"
    again = folded(*SENT, worker("started", 2), worker("discarded", 5, elapsed_ns=3), ("available", 9))
    assert again.outcome == "in_flight", "it was put back"
    cancelled = folded(*SENT, ("started", 2), worker("started", 2), worker("discarded", 5), ("cancelled", 6))
    assert cancelled.outcome == "cancelled"
    assert folded(*SENT, worker("started", 2), worker("attempt_failed", 5)).outcome == "in_flight"


def test_an_end_that_nobody_dated_has_the_worker_s_time() -> None:
    job = folded(*SENT, worker("started", 2), worker("completed", 7, elapsed_ns=5), event("completed", 90, source="runner", native_id="n1"))
    assert (job.outcome, job.terminal_ns, job.completions) == ("completed", 7, 1)


def test_a_worker_that_ended_what_the_store_had_taken_from_it() -> None:
    """The store gave the job to another worker while the first was still at it: two bodies came to their end."""
    job = folded(
        *SENT,
        ("started", 1 * S),
        worker("started", 1 * S),
        ("stalled", 30 * S),
        ("started", 31 * S),
        worker("started", 31 * S, boot="w2"),
        worker("completed", 40 * S, elapsed_ns=39 * S),
        worker("completed", 41 * S, boot="w2", elapsed_ns=10 * S),
        ("completed", 41 * S),
    )
    assert told(job) == [(1, "completed", 39 * S), (1, "completed", 10 * S)]
    assert (job.duplicate_deliveries, job.duplicate_effects) == (1, 1)


def test_a_worker_that_was_killed_leaves_its_start_only() -> None:
    job = folded(
        *SENT,
        ("started", 1 * S),
        worker("started", 1 * S),
        worker("heartbeat", 11 * S),
        ("stalled", 30 * S),
        # Its system counts attempts on, the store's words do not.
        ("started", 60 * S),
        worker("started", 60 * S, boot="w2", attempt=2),
        worker("completed", 62 * S, boot="w2", attempt=2, elapsed_ns=2 * S),
        ("completed", 62 * S),
    )
    assert told(job) == [(1, "stalled", 29 * S), (1, "completed", 2 * S)]
    assert [a.alive_ns for a in job.attempts] == [11 * S, None]


def test_a_long_attempt_is_stuck_once_its_worker_says_no_more() -> None:
    job = folded(*SENT, worker("started", 10 * S), worker("heartbeat", 90 * S))
    assert stuck(job, 100 * S, limit_seconds=20) is None
    found = stuck(job, 120 * S, limit_seconds=20)
    assert found is not None
    assert found.detail == "attempt 1 began 110.0 s before the last look; its worker last said 30.0 s before it that it is running"
    quiet = stuck(folded(*SENT, worker("started", 10 * S)), 100 * S, limit_seconds=20)
    assert quiet is not None
    assert quiet.detail == "attempt 1 began 90.0 s before the last look and was not seen to end"


def test_an_attempt_of_one_number_is_matched_with_the_one_that_began_then() -> None:
    """The first worker died before it handed over anything."""
    taken = (("started", 1 * S), ("stalled", 30 * S), ("started", 31 * S))
    job = folded(*SENT, *taken, worker("started", 31 * S + 5), worker("completed", 33 * S, elapsed_ns=7))
    assert told(job) == [(1, "stalled", 29 * S), (1, "completed", 7)]


def test_what_was_missed_by_one_is_not_taken_for_what_was_missed_by_the_other() -> None:
    job = folded(
        *SENT, ("started", 1 * S), ("attempt_failed", 2 * S), worker("started", 60 * S, attempt=2), worker("completed", 61 * S, attempt=2)
    )
    assert told(job) == [(1, "failed", 1 * S), (2, "completed", 1 * S)]


@pytest.mark.parametrize("lost", ["started", "completed"])
def test_a_worker_event_that_got_lost(lost: str) -> None:
    whole = [worker("started", 100), worker("completed", 140, elapsed_ns=38)]
    job = folded(*SENT, *(e for e in whole if e.kind != lost))
    assert told(job) == {"started": [(1, "completed", 38)], "completed": [(1, "open", None)]}[lost]


def test_both_deliveries_of_one_attempt_in_one_process() -> None:
    job = folded(
        *SENT, worker("started", 1), worker("started", 2), worker("completed", 5, elapsed_ns=3), worker("completed", 6, elapsed_ns=5)
    )
    assert sorted(run or 0 for _, _, run in told(job)) == [3, 5]
    assert job.duplicate_effects == 1


def test_looks_that_missed_an_attempt_take_the_other_s_number() -> None:
    """As RQ's: the first attempt was over before anybody looked."""
    job = folded(
        *SENT, worker("started", 10 * S), worker("attempt_failed", 10 * S + 5, elapsed_ns=5),
        ("started", 11 * S), worker("started", 11 * S + 1, attempt=2), worker("completed", 12 * S, attempt=2, elapsed_ns=7),
        ("completed", 12 * S),
    )  # fmt: skip
    assert [(result, run) for _, result, run in told(job)] == [("failed", 5), ("completed", 7)]
    assert job.duplicate_deliveries == 0, "the number is the worker's"


def test_of_two_that_began_as_close_the_one_with_the_same_number_is_meant() -> None:
    """The worker's end of the second attempt got lost, with its start."""
    store = (("started", 10 * S), ("attempt_failed", 11 * S), ("started", 12 * S), ("completed", 13 * S))
    job = folded(*SENT, *store, worker("started", 11 * S), worker("attempt_failed", 11 * S + 7, elapsed_ns=7))
    assert told(job) == [(1, "failed", 7), (2, "completed", S)]


def test_what_one_instant_saw_is_in_the_worker_s_own_order() -> None:
    """Ids are texts, and `w-10` comes before `w-9`."""
    began, ended = worker("started", 5, seq=9), worker("completed", 5, seq=10, elapsed_ns=0)
    job = folded(*SENT, msgspec.structs.replace(began, event_id="w-9"), msgspec.structs.replace(ended, event_id="w-10"))
    assert told(job) == [(1, "completed", 0)]


def test_clocks_that_are_far_apart_leave_the_numbers() -> None:
    late = 3600 * S
    job = folded(
        *SENT, ("started", 1 * S), ("attempt_failed", 2 * S), ("started", 3 * S), ("completed", 4 * S),
        worker("started", late), worker("attempt_failed", late + S, elapsed_ns=5),
        worker("started", late + 2 * S, attempt=2), worker("completed", late + 3 * S, attempt=2, elapsed_ns=6),
    )  # fmt: skip
    assert told(job) == [(1, "failed", 5), (2, "completed", 6)]


lives = st.lists(st.tuples(st.integers(1, 50), st.sampled_from(["attempt_failed", "stalled", "open"]), st.booleans()), max_size=5)


@given(lives, st.sampled_from(["completed", "discarded", "open"]), st.integers(-S, S), st.booleans())
def test_workers_that_tell_all_change_no_count(tries: list[tuple[int, str, bool]], end: str, skew: int, counts_on: bool) -> None:
    """Whether a worker tells of an attempt or not, whatever its clock and its way of counting, all but the run times is the store's."""
    store, workers = [event(*step) for step in SENT], []
    at, failures = 10 * S, 0
    for number, (took, result, is_told) in enumerate([*tries, (7, end, True)], start=1):
        last = number == len(tries) + 1
        kind = result if result != "open" or last else "stalled"
        store.append(event("started", at))
        counted = number if counts_on else failures + 1
        if is_told:
            workers.append(worker("started", at + skew, boot=f"w{number}", attempt=counted))
        if kind in ("attempt_failed", "completed", "discarded"):
            store.append(event(kind, at + took * S))
            if is_told:
                workers.append(worker(kind, at + took * S + skew, boot=f"w{number}", attempt=counted, elapsed_ns=took * S))
        elif kind == "stalled":
            store.append(event("stalled", at + took * S))
        failures += kind == "attempt_failed"
        at += (took + 10) * S
    alone, with_workers = fold(store), fold([*workers, *store])
    assert len(with_workers.attempts) == len(alone.attempts)
    assert [(a.number, a.result) for a in with_workers.attempts] == [(a.number, a.result) for a in alone.attempts]
    for name in ("outcome", "completions", "attempts_made", "duplicate_deliveries", "first_attempt_failed", "terminal_ns", "wait_ns"):
        assert getattr(with_workers, name) == getattr(alone, name)
    assert [a.run_ns for a in with_workers.attempts] == [a.run_ns for a in alone.attempts]
