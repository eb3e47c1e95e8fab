"""What Bull publishes and what its hashes say, together: the messages are those that Bull 4.16 published."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from migrator.shadow.looks.bull import Heard, Known, Look, Reader
from migrator.shadow.looks.bull_hash import read_look
from migrator.shadow.streams.bullmq import Hash

SECOND = 10**9
STACKS = ("TypeError: no-0\n    at x", "RangeError: no-1\n    at y")


def heard(*messages: str) -> list[Heard]:
    """`kind second [reason]`."""
    words = [message.split() for message in messages]
    return [Heard(kind, round(float(at) * SECOND), rest[0] if rest else None) for kind, at, *rest in words]


def look(place: str, *, failures: int = 0, at: float = 100, **times: Any) -> Look:
    other = {name: times.pop(name) for name in ("stalls", "locked", "backoff") if name in times}
    reason = times.pop("reason", STACKS[failures - 1].split("\n")[0].split(": ")[1] if failures else None)
    errors = Hash(failures=failures, stacks=STACKS[:failures], reason=reason)
    moments = {name: round(value * SECOND) for name, value in {"created": 1, "at": at, **times}.items()}
    return Look(place=place, errors=errors, **moments, **other)


def told(reader: Reader, *readings: tuple[list[Heard], Look | None]) -> list[tuple[str, float, str | None]]:
    found = [sighting for messages, seen in readings for sighting in reader.read("key", "id", messages, seen)]
    assert [s.id for s in found] == sorted(s.id for s in found)
    assert len({s.id for s in found}) == len(found)
    assert [s.ts_ns for s in found] == sorted(s.ts_ns for s in found)
    return [(s.kind, s.ts_ns / SECOND, s.err_type) for s in found]


def kinds(*readings: tuple[list[Heard], Look | None], reader: Reader | None = None) -> list[str]:
    return [kind for kind, _, _ in told(reader or Reader(), *readings)]


def test_a_job_that_is_read_once_it_is_over_has_the_workers_times() -> None:
    messages = heard("waiting 1.1", "active 2.1", "completed 3.1")
    assert told(Reader(), (messages, look("completed", processed=2, finished=3))) == [
        ("available", 1, None),
        ("started", 2, None),
        ("completed", 3, None),
    ]


def test_step_by_step() -> None:
    reader = Reader()
    assert kinds((heard("waiting 1.1"), look("waiting")), reader=reader) == ["available"]
    # `brpoplpush` has moved it, the script that says so has not run.
    assert kinds(([], look("active", locked=False)), reader=reader) == []
    assert told(reader, (heard("active 2.1"), look("active", processed=2))) == [("started", 2, None)]
    assert kinds(([], look("active", processed=2)), reader=reader) == []
    assert reader.active() == ["id"]
    assert told(reader, (heard("completed 3.1"), look("completed", processed=2, finished=3))) == [("completed", 3, None)]
    assert kinds(([], look("completed", processed=2, finished=3)), reader=reader) == []


def test_a_failure_is_dated_by_the_wait_that_bull_computed() -> None:
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", processed=2)), reader=reader)
    waiting = look("delayed", failures=1, processed=2, due=9, backoff=("fixed", 6 * SECOND), at=4)
    assert told(reader, ([], waiting)) == [("attempt_failed", 3, "TypeError"), ("delayed", 3, None)]
    assert kinds(([], waiting), reader=reader) == [], "told once"
    again = look("active", failures=1, processed=9.5)
    assert told(reader, (heard("waiting 9.2", "active 9.6"), again)) == [("available", 9.2, None), ("started", 9.5, None)]


def test_a_wait_that_the_application_s_code_computed() -> None:
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", processed=2)), reader=reader)
    assert told(reader, ([], look("delayed", failures=1, processed=2, due=9, at=4))) == [
        ("attempt_failed", 4, "TypeError"),
        ("delayed", 4, None),
    ]


def test_a_wait_that_began_and_ended_between_two_looks() -> None:
    messages = heard("waiting 1.1", "active 2.1", "waiting 5", "active 5.1", "completed 6.1")
    end = look("completed", failures=1, processed=5.05, finished=6, backoff=("exponential", SECOND))
    assert told(Reader(), (messages, end)) == [
        ("available", 1, None),
        ("started", 2.1, None),
        ("attempt_failed", 4, "TypeError"),
        ("delayed", 4, None),
        ("available", 5, None),
        ("started", 5.05, None),
        ("completed", 6, None),
    ]


def test_attempts_that_are_tried_again_at_once() -> None:
    messages = heard("waiting 1.1", "active 2", "active 3", "failed 4.1 no-1")
    assert told(Reader(), (messages, look("failed", failures=2, processed=3, finished=4))) == [
        ("available", 1, None),
        ("started", 2, None),
        ("attempt_failed", 3, "TypeError"),
        ("started", 3, None),
        ("discarded", 4, "RangeError"),
    ]


def test_a_delayed_enqueue() -> None:
    reader = Reader()
    (first,) = reader.read("key", "id", [], look("delayed", due=6, delay=5))
    assert (first.kind, first.ts_ns, first.until_ns) == ("delayed", SECOND, 6 * SECOND)
    assert kinds((heard("waiting 6", "active 6.1"), look("active", delay=5, processed=6.1)), reader=reader) == ["available", "started"]


def test_a_job_that_is_removed_when_it_ends() -> None:
    """The hash is gone: what was heard has the moments at which it came in."""
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", processed=2)), reader=reader)
    assert told(reader, (heard("completed 3.1"), None)) == [("completed", 3.1, None)]
    assert kinds((heard("waiting 1", "active 2", "failed 3 why"), None)) == ["available", "started", "discarded"]
    (sighting,) = [s for s in Reader().read("key", "id", heard("active 2", "failed 3 why"), None) if s.kind == "discarded"]
    assert (sighting.err_type, sighting.err_message) == (None, "why")


def test_a_worker_that_died() -> None:
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", processed=2)), reader=reader)
    assert kinds(([], look("active", processed=2, locked=False)), reader=reader) == []
    assert kinds((heard("stalled 40"), look("waiting", processed=2, stalls=1)), reader=reader) == ["stalled", "available"]
    assert kinds((heard("active 41"), look("active", processed=41, stalls=1)), reader=reader) == ["started"]
    gone = look("failed", processed=41, finished=80, stalls=2, reason="job stalled more than allowable limit")
    found = reader.read("key", "id", heard("failed 80 x"), gone)
    assert [(s.kind, s.ts_ns) for s in found] == [("discarded", 80 * SECOND)]


def test_a_stall_that_nobody_heard_is_no_failure_and_the_next_failure_is_no_stall() -> None:
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", processed=2)), reader=reader)
    assert kinds(([], look("waiting", processed=2, stalls=1)), reader=reader) == ["stalled", "available"]
    kinds((heard("active 41"), look("active", processed=41, stalls=1)), reader=reader)
    assert kinds(([], look("waiting", failures=1, processed=41, stalls=1)), reader=reader) == ["attempt_failed", "available"]


def test_an_end_whose_start_was_not_heard() -> None:
    end = look("completed", processed=2, finished=3)
    assert told(Reader(), (heard("completed 3.1"), end)) == [("available", 1, None), ("started", 2, None), ("completed", 3, None)]


def test_bull_s_own_exponential_wait() -> None:
    assert [look("delayed", backoff=("exponential", SECOND)).wait_after(n) for n in (1, 2, 3)] == [SECOND, 3 * SECOND, 7 * SECOND]
    assert look("delayed").wait_after(1) is None


def test_attempts_that_nobody_heard_are_a_gap_and_not_made_up() -> None:
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", processed=2)), reader=reader)
    later = look("active", failures=2, processed=50)
    assert told(reader, ([], later)) == [("started", 50, None)]
    assert reader.missed == ["1 attempt of job id unseen: over before the next look"]


def test_the_lock_of_an_attempt_that_failed_is_no_start() -> None:
    """Bull 3 leaves it for half a minute: a worker has moved the job, and has not said yet that it begins."""
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", processed=2)), reader=reader)
    moved = look("active", failures=1, processed=2, backoff=("fixed", 6 * SECOND))
    assert told(reader, (heard("waiting 9.2"), moved)) == [
        ("attempt_failed", 3.2, "TypeError"),
        ("delayed", 3.2, None),
        ("available", 9.2, None),
    ]
    assert kinds(([], moved), reader=reader) == []
    begun = look("active", failures=1, processed=9.5)
    assert told(Reader(deepcopy(reader.known())), ([], begun)) == [("started", 9.5, None)], "as somebody else sees who goes on from here"
    assert told(reader, (heard("active 9.6"), begun)) == [("started", 9.5, None)]


def test_whether_an_attempt_began_after_one_that_nobody_saw_is_told_by_its_end() -> None:
    reader = Reader()
    assert kinds(([], look("active", failures=1, processed=9)), reader=reader) == ["available"]
    assert reader.missed == ["1 attempt of job id unseen: over before the next look"]
    end = look("completed", failures=1, processed=9, finished=10)
    assert told(reader, (heard("completed 10.1"), end)) == [("started", 9, None), ("completed", 10, None)]


def test_the_error_of_an_attempt_after_some_that_nobody_heard_is_its_own() -> None:
    reader = Reader()
    kinds((heard("waiting 1.1", "active 2.1"), look("active", failures=1, processed=2)), reader=reader)
    later = heard("waiting 9", "active 9.1"), look("active", failures=2, processed=9)
    assert told(reader, later) == [("attempt_failed", 9, "RangeError"), ("available", 9, None), ("started", 9, None)]


def test_another_reader_goes_on_where_the_first_was_and_gives_the_same_ids() -> None:
    first = Reader()
    begun = first.read("key", "id", heard("waiting 1.1", "active 2.1"), look("active", processed=2))
    second = Reader(first.known())
    assert first.known() == {"id": Known(starts=1, active=True, processed=2 * SECOND)}
    end = look("completed", processed=2, finished=3)
    assert [s.kind for s in second.read("key", "id", [], end)] == ["completed"]
    all_of_it = Reader({}).read("key", "id", [], end)
    assert [s.kind for s in all_of_it] == ["available", "started", "completed"]
    assert [s.id for s in all_of_it][:2] == [s.id for s in begun]
    assert second.missed == []


def test_a_job_that_is_put_back_by_hand_goes_on() -> None:
    reader = Reader()
    messages = heard("waiting 1.1", "active 2.1", "failed 3.1 no-0")
    kinds((messages, look("failed", failures=1, processed=2, finished=3)), reader=reader)
    reader.forget("id")
    again = look("active", failures=1, processed=60)
    assert kinds((heard("waiting 59", "active 60"), again), reader=reader) == ["started"]
    assert reader.missed == []


def test_a_worker_s_clock_that_goes_wrong_puts_nothing_before_what_it_followed() -> None:
    messages = heard("waiting 10.1", "active 11", "completed 12")
    found = told(Reader(), (messages, look("completed", created=10, processed=4, finished=5)))
    assert [at for _, at, _ in found] == [10, 10, 10]


def test_reading_a_hash() -> None:
    fields = ["1000", "2000", None, "1", "2", '["TypeError: a"]', "a", '{"delay":500,"backoff":{"type":"fixed","delay":700}}']
    seen = read_look([fields, 3000 * 0x1000 + 7, None, None, None, 0], 5)
    assert seen == Look(
        at=5,
        place="delayed",
        locked=False,
        created=SECOND,
        delay=500_000_000,
        processed=2 * SECOND,
        due=3 * SECOND,
        backoff=("fixed", 700_000_000),
        stalls=2,
        errors=Hash(1, None, ("TypeError: a",), "a"),
    )
    assert read_look([[None] * 8, None, None, None, None, 0], 5) is None
    places = [(None, None, None), (1.0, None, None), (None, 1.0, None), (None, None, 0)]
    assert [read_look([fields, None, *place, 1], 5).place for place in places] == ["waiting", "completed", "failed", "active"]
