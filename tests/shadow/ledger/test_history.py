"""What a job's events say became of it."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.ledger import OUTCOMES, Account, Bookkeeper, Event, JobHistory, fold
from migrator.shadow.ledger.event import found_id

STORE_KINDS = ("available", "delayed", "started", "attempt_failed", "stalled", "completed", "discarded", "cancelled", "removed")
DISPATCHER_KINDS = ("assigned", "enqueue_ok", "enqueue_failed")
RUNNER_KINDS = ("overdue", "presumed_lost", "found_late", "duplicate")


def event(kind: str, at: int, *, job: str = "j1", native: str | None = "n1", **more: Any) -> Event:
    source = "store" if kind in STORE_KINDS else "dispatcher" if kind in DISPATCHER_KINDS else "runner"
    fields = {
        "event_id": f"a:{at:012d}:{kind}:{job}:{native}",
        "experiment": "x",
        "config_epoch": 1,
        "job_key": job,
        "unit_key": "u",
        "job_name": "n",
        "arm": "a",
        "role": "candidate",
        "kind": kind,
        "ts_ns": at,
        "clock": "store" if source == "store" else "host",
        "source": source,
        "native_id": native if source == "store" or kind == "enqueue_ok" else None,
    }
    return msgspec.convert({**fields, **more}, Event)


def history(*steps: tuple[str, int] | Event) -> JobHistory:
    return fold(step if isinstance(step, Event) else event(*step) for step in steps)


def test_a_job_that_works_at_once() -> None:
    job = history(("assigned", 10), ("enqueue_ok", 13), ("available", 12), ("started", 20), ("completed", 50))
    assert (job.outcome, job.wait_ns, job.end_to_end_ns, job.attempts_made, job.completions) == ("completed", 8, 40, 1, 1)
    assert [a.run_ns for a in job.attempts] == [30]
    assert job.first_attempt_failed is False


def test_retries_are_counted_from_the_starts_that_were_seen() -> None:
    job = history(
        ("assigned", 0), ("available", 1), ("started", 5), event("attempt_failed", 8, err_type="E", err_message="m"),
        event("delayed", 8, until_ns=20), ("started", 21), ("discarded", 30),
    )  # fmt: skip
    assert (job.outcome, job.attempts_made, job.first_attempt_failed, job.terminal_ns) == ("discarded", 2, True, 30)
    assert [(a.number, a.result, a.run_ns, a.err_type) for a in job.attempts] == [(1, "failed", 3, "E"), (2, "failed", 9, None)]
    assert job.wait_ns == 4, "a later delay is backoff, not queue wait"


def test_attempts_that_failed_nobody_knows_when_count_and_have_no_times() -> None:
    unseen = [event("attempt_failed", at, source="runner", native_id="n1") for at in (18, 19)]
    job = history(("assigned", 0), ("enqueue_ok", 1), ("available", 2), *unseen, ("available", 20), ("started", 21), ("completed", 30))
    assert (job.first_attempt_failed, job.attempts_made, job.wait_ns) == (True, 3, None)
    assert [(a.number, a.result, a.run_ns) for a in job.attempts] == [(3, "completed", 9)]
    begun = history(("assigned", 0), ("available", 2), ("started", 5), *unseen, ("available", 20), ("started", 21), ("completed", 30))
    assert (begun.first_attempt_failed, begun.wait_ns) == (True, 3)
    assert [(a.number, a.result, a.run_ns) for a in begun.attempts] == [(1, "failed", None), (3, "completed", 9)]


def test_a_first_attempt_that_was_not_seen_to_begin_has_failed_all_the_same() -> None:
    unseen = (("assigned", 10), ("available", 12), ("attempt_failed", 30), ("started", 35), ("completed", 50))
    job = history(*unseen)
    assert job.first_attempt_failed is True
    assert job.wait_ns is None, "the wait of the second attempt is not that of the first"
    assert [(a.number, a.run_ns) for a in job.attempts] == [(2, 15)]
    told = [
        event(kind, at, source="worker", clock="host", attempt=number, native_id="n1")
        for kind, at, number in (("started", 20, 1), ("attempt_failed", 29, 1), ("started", 36, 2), ("completed", 49, 2))
    ]
    both = history(*unseen, *told)
    assert (both.first_attempt_failed, both.wait_ns, both.failed_unseen) == (True, 8, False), "its worker saw the first attempt"


def test_a_return_after_a_failure_is_no_arrival() -> None:
    """Celery's events of a task that another process sent: only of its return do they say when it was there."""
    job = history(
        ("assigned", 0), event("enqueue_ok", 4, elapsed_ns=3), ("started", 5), event("delayed", 7, until_ns=20), ("attempt_failed", 8),
        ("started", 21), ("completed", 30),
    )  # fmt: skip
    assert (job.wait_ns, job.due_ns, job.outcome) == (4, None, "completed")
    assert history(("assigned", 0), ("available", 9), ("started", 5), ("completed", 6)).wait_ns == -4, "two clocks that differ still show"


def test_a_delayed_job_waits_from_when_it_was_due() -> None:
    job = history(("assigned", 0), event("delayed", 1, until_ns=100), ("available", 101), ("started", 107), ("completed", 108))
    assert (job.due_ns, job.wait_ns) == (100, 7)


def test_store_times_are_put_on_the_clock_of_the_host() -> None:
    events = [event("assigned", 1000), event("available", 6001), event("started", 6010), event("completed", 6030)]
    job = fold(events, offset_ns=5000)
    assert (job.wait_ns, job.end_to_end_ns, job.terminal_ns) == (9, 30, 1030)


def test_a_negative_wait_is_shown_and_not_clamped() -> None:
    assert history(("assigned", 0), ("enqueue_ok", 50), ("started", 40)).wait_ns == -10


def test_enqueue_that_failed_but_arrived() -> None:
    assert history(("assigned", 0), ("enqueue_failed", 1)).outcome == "enqueue_failed"
    assert history(("assigned", 0), ("enqueue_failed", 1), ("available", 1)).outcome == "in_flight"
    assert history(("assigned", 0), ("enqueue_failed", 1), ("started", 2), ("completed", 3)).outcome == "completed"


def test_lost_and_found() -> None:
    lost = [event("assigned", 0), event("available", 1), event("presumed_lost", 90)]
    assert fold(lost).outcome == "presumed_lost"
    assert fold([*lost, event("found_late", 95), event("started", 95)]).outcome == "in_flight"
    assert fold([*lost, event("completed", 96)]).outcome == "completed"


def test_two_copies_are_a_duplicate_delivery_and_a_duplicate_effect() -> None:
    job = history(
        ("assigned", 0), ("available", 1), event("available", 2, native="n2"), ("started", 3), event("started", 4, native="n2"),
        ("completed", 5), event("completed", 6, native="n2"),
    )  # fmt: skip
    assert (job.outcome, job.terminal_ns, job.duplicate_deliveries, job.duplicate_effects) == ("completed", 5, 1, 1)
    assert job.native_ids == ("n1", "n2")


def test_one_copy_that_ended_does_not_end_the_job() -> None:
    job = history(("assigned", 0), ("available", 1), event("available", 2, native="n2"), ("started", 3), ("discarded", 4))
    assert job.outcome == "in_flight"


def test_a_stalled_attempt_that_is_handed_out_again_is_a_second_delivery_of_it() -> None:
    job = history(("assigned", 0), ("started", 1), ("stalled", 30), ("available", 31), ("started", 32), ("completed", 40))
    assert [(a.number, a.result) for a in job.attempts] == [(1, "stalled"), (1, "completed")]
    assert (job.attempts_made, job.duplicate_deliveries, job.duplicate_effects) == (1, 1, 0)


def test_a_discarded_job_that_somebody_retries_was_not_discarded() -> None:
    events = [event("assigned", 0), event("started", 1), event("discarded", 2), event("available", 50), event("started", 51)]
    assert fold(events).outcome == "in_flight"
    job = fold([*events, event("completed", 60)])
    assert (job.outcome, job.attempts_made) == ("completed", 2)


def found(at: int, *, native: str | None = "n1", **more: Any) -> Event:
    """A completion that was found out by asking."""
    end = event("completed", at, native=native, **more)
    return msgspec.structs.replace(end, event_id=found_id(end.arm, end.job_key, native, "completed"))


def test_an_end_that_was_found_out_just_before_the_news_of_it_is_one_end() -> None:
    """Celery's workers keep the result first, and tell of it then: on a busy machine that is a moment later."""
    begun = ("assigned", 0), ("started", 5)
    for late, early in ((found(20), event("completed", 21)), (event("completed", 20), found(21))):
        job = history(*begun, late, early)
        assert (job.completions, job.terminal_ns, job.duplicate_deliveries) == (1, 20, 0)
    undated = history(*begun, found(20, source="runner", clock="host"), event("completed", 21))
    assert (undated.completions, undated.terminal_ns) == (1, 21), "the store says when"
    by_its_key = history(*begun, found(20, native=None), event("completed", 21))
    assert (by_its_key.completions, len(by_its_key.attempts)) == (1, 1)


def test_an_end_that_was_found_out_hides_no_second_one() -> None:
    again = history(("assigned", 0), ("started", 5), found(20), ("started", 30), ("completed", 40))
    assert (again.completions, again.duplicate_effects) == (2, 1)
    twice = history(("assigned", 0), ("started", 5), ("started", 6), found(20), ("completed", 21), ("completed", 30))
    assert (twice.completions, [attempt.result for attempt in twice.attempts]) == (2, ["completed", "completed"])


def test_an_end_that_was_found_out_later_has_no_time() -> None:
    job = history(("assigned", 0), ("available", 1), ("started", 2), event("completed", 99, source="runner", clock="host"))
    assert (job.outcome, job.terminal_ns, job.end_to_end_ns) == ("completed", None, None)
    assert [(a.result, a.ended_ns) for a in job.attempts] == [("completed", None)]


moments = st.lists(
    st.tuples(st.sampled_from(STORE_KINDS + RUNNER_KINDS + DISPATCHER_KINDS[1:]), st.sampled_from(("n1", "n2"))), max_size=14
)


@given(moments, st.randoms(use_true_random=False))
def test_the_order_of_writing_makes_no_difference(steps: list[tuple[str, str]], dice: random.Random) -> None:
    events = [event("assigned", 0), *(event(kind, at, native=native) for at, (kind, native) in enumerate(steps, start=1))]
    shuffled = list(events)
    dice.shuffle(shuffled)
    assert fold(shuffled) == fold(events)


@given(st.lists(moments, max_size=12), st.integers(0, 3))
def test_conservation_holds_whatever_happens(jobs: list[list[tuple[str, str]]], strangers: int) -> None:
    keys = [f"job{i}" for i in range(len(jobs))]
    told = [
        [event("assigned", 0, job=key), *(event(kind, at, job=key, native=native) for at, (kind, native) in enumerate(steps, start=1))]
        for key, steps in zip(keys, jobs, strict=True)
    ]
    unknown = [[event("started", 5, job=f"stranger{i}")] for i in range(strangers)]
    books = books_of(len(keys), [fold(events) for events in told + unknown])
    assert sorted(key for outcome in OUTCOMES for key in books.jobs[outcome]) == sorted(keys), (
        "each in one class, none in two, none missing"
    )
    assert books.holds == (strangers == 0)
    assert books.assigned == len(jobs)


def books_of(assigned: int, histories: list[JobHistory]) -> Account:
    keeper = Bookkeeper("a")
    for job in histories:
        keeper.see(job)
    return keeper.close(assigned)


def test_a_job_assigned_twice_is_named() -> None:
    books = books_of(3, [history(("assigned", 0), ("assigned", 1)), history(event("assigned", 0, job="j2"))])
    assert not books.holds
    assert books.assigned_twice == ("j1",)
    assert books.assigned == 2
    assert "≠" not in books_of(1, [history(("assigned", 0))]).sentence()


def test_an_assigned_job_without_a_history_breaks_the_law() -> None:
    assert not books_of(2, [history(("assigned", 0))]).holds


def test_jobs_that_are_only_counted_are_in_the_books() -> None:
    keeper = Bookkeeper("a")
    keeper.see(history(("assigned", 0)))
    keeper.add("completed", 4)
    keeper.add("completed", 2)
    books = keeper.close(7)
    assert books.holds
    assert (books.count("completed"), books.jobs["completed"], books.count("in_flight")) == (6, (), 1)
    assert not keeper.close(8).holds


def test_a_worker_that_lets_go_of_a_job_has_not_done_it() -> None:
    seen = (("assigned", 10), ("enqueue_ok", 13), ("available", 12), ("started", 20), ("completed", 50))
    lost = history(*seen, event("claim_lost", 30, source="worker"))
    assert (lost.outcome, lost.claim, lost.attempts, lost.completions, lost.terminal_ns) == ("cancelled", "lost", (), 0, 30)
    won = history(*seen, event("claim_won", 30, source="worker"), event("claim_lost", 60, source="worker"))
    assert (won.outcome, won.claim, won.completions) == ("completed", "won", 1), "handed out again after it was done"


def test_which_way_a_job_went_is_said_once() -> None:
    assert history(("assigned", 10)).way is None
    first = event("fallback", 40, source="dispatcher", reason="fallback_fenced")
    assert history(("assigned", 10), first, event("fallback", 50, source="dispatcher", reason="primary")).way == "fallback_fenced"


def test_a_copy_that_was_never_sent_is_no_job_of_the_arm() -> None:
    kept = Bookkeeper("a")
    never = history(event("suppressed", 10, source="dispatcher", reason="switched off"))
    assert never.suppressed == "switched off"
    kept.see(never)
    denied = history(("assigned", 10), ("started", 20), event("suppressed", 25, source="worker", reason="denied"), ("completed", 30))
    assert (denied.suppressed, denied.outcome) == ("denied", "completed")
    kept.see(denied)
    books = kept.close(1)
    assert books.holds
    assert (books.count("completed"), books.unassigned) == (1, ())


def test_what_the_law_does_not_explain_is_in_its_sentence() -> None:
    stranger = history(("started", 0), ("completed", 1))
    assert books_of(0, [stranger]).sentence().endswith("; 1 in its store that nobody assigned")
    twice = books_of(2, [history(("assigned", 0), ("assigned", 1))])
    assert twice.sentence().endswith("; 1 assigned twice")
