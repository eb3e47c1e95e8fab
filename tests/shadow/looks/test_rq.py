"""Looks at RQ's job hash: what two of them, one after the other, say about what happened between."""

from __future__ import annotations

from typing import Any

from migrator.shadow.drivers.rq import texts
from migrator.shadow.looks.rq import Look, Reader

SECOND = 10**9


def look(status: str, **times: Any) -> Look:
    """Times in seconds."""
    numbers = {name: value for name, value in times.items() if name in ("failures", "err_type", "err_message")}
    moments = {name: round(value * SECOND) for name, value in times.items() if name not in numbers}
    return Look(status=status, **{"created": SECOND, **moments}, **numbers)


def told(*looks: Look, reader: Reader | None = None) -> list[tuple[str, float]]:
    reader = reader or Reader(retry_delay=2 * SECOND)
    found = [sighting for each in looks for sighting in reader.read("key", "id", each)]
    assert len({s.id for s in found}) == len(found)
    assert [s.id for s in found] == sorted(s.id for s in found)
    return [(s.kind, s.ts_ns / SECOND) for s in found]


def test_a_job_that_is_first_seen_when_it_is_over_has_all_its_times() -> None:
    finished = look("finished", enqueued=1, started=2, ended=3)
    assert told(finished, finished) == [("available", 1), ("started", 2), ("completed", 3)]


def test_the_start_that_rq_writes_twice_is_one() -> None:
    assert told(look("started", enqueued=1, started=2), look("finished", enqueued=1, started=2.001, ended=3)) == [
        *(("available", 1), ("started", 2), ("completed", 3)),
    ]


def test_another_reader_gives_the_same_ids() -> None:
    first, second = Reader(), Reader({})
    early = first.read("key", "id", look("started", enqueued=1, started=2))
    late = second.read("key", "id", look("finished", enqueued=1, started=2.001, ended=3))
    assert [s.id for s in early] == [s.id for s in late][:2]


def test_an_attempt_that_failed_and_waits() -> None:
    waiting = look("scheduled", enqueued=1, started=2, ended=3, due=5, failures=1)
    assert told(look("started", enqueued=1, started=2), waiting, waiting) == [
        *(("available", 1), ("started", 2), ("attempt_failed", 3), ("delayed", 3)),
    ]


def test_the_end_of_an_attempt_is_read_from_the_next_one() -> None:
    again = look("started", enqueued=4, started=5, ended=3, failures=1)
    expected = [("available", 1), ("started", 2), ("attempt_failed", 3), ("available", 4), ("started", 5)]
    assert told(look("started", enqueued=1, started=2), again) == expected
    assert told(look("started", enqueued=1, started=2), look("queued", enqueued=4, started=2, ended=3, failures=1), again) == expected


def test_an_attempt_between_two_looks_that_waits_in_the_queue_again() -> None:
    queued = look("queued", enqueued=4, started=2, ended=3, failures=1)
    assert told(look("queued", enqueued=1), queued) == [("available", 1), ("started", 2), ("attempt_failed", 3), ("available", 4)]
    assert told(queued, reader=Reader({})) == [("attempt_failed", 3), ("available", 4)], "its start may have been told before"


def test_of_attempts_that_nobody_saw_it_is_told_that_they_failed_and_not_when() -> None:
    reader = Reader()
    first = reader.read("key", "id", look("started", enqueued=1, started=2))
    then = reader.read("key", "id", look("started", enqueued=8, started=9, ended=7, failures=2))
    assert [s.kind for s in first] == ["available", "started"]
    assert [(s.kind, s.dated) for s in then] == [("attempt_failed", False)] * 2 + [("available", True), ("started", True)]
    assert [s.id for s in then] == sorted({s.id for s in then})
    assert all(s.ts_ns < 8 * SECOND for s in then[:2])
    assert reader.missed == ["2 attempts of job id unseen: over before the next look"]
    told(look("finished", enqueued=8, started=9, ended=10, failures=2), reader=reader)
    assert len(reader.missed) == 1, "told once"


def test_one_attempt_that_failed_before_it_could_be_seen_to_begin() -> None:
    reader = Reader()
    done = look("finished", enqueued=4, started=5, ended=6, failures=1)
    expected = [("attempt_failed", 4), ("available", 4), ("started", 5), ("completed", 6)]
    assert told(done, done, reader=reader) == told(done, reader=Reader({})) == expected, "it was in the queue again at 4, when it was over"
    assert reader.missed == ["the beginning of an attempt of job id was gone before it could be seen"]
    running = look("started", enqueued=4, started=5, ended=3, failures=1)
    assert told(look("queued", enqueued=1), running)[:2] == [("available", 1), ("attempt_failed", 3)]
    resumed = Reader({})
    assert [s.kind for s in resumed.read("key", "id", done, told_before=True)] == ["available", "started", "completed"]
    assert resumed.missed == [], "an earlier reader may have told it"
    assert resumed.read("key", "id", done) == []


def test_the_end_of_an_attempt_is_not_that_of_the_next_one() -> None:
    done = look("finished", enqueued=4, started=5, ended=6, failures=1)
    assert told(look("started", enqueued=1, started=2), done)[2:] == [
        *(("attempt_failed", 4), ("available", 4), ("started", 5), ("completed", 6)),
    ]


def test_what_an_earlier_reader_knew_is_no_gap() -> None:
    reader = Reader({"id": 2})
    assert told(look("started", enqueued=8, started=9, ended=7, failures=2), reader=reader) == [("available", 8), ("started", 9)]
    assert reader.missed == []
    assert reader.failures() == {"id": 2}


def test_a_job_taken_from_a_dead_worker() -> None:
    running = look("started", enqueued=1, started=2)
    assert told(running, look("queued", enqueued=70, started=2, failures=1))[2:] == [("stalled", 70), ("available", 70)]
    assert told(running, look("scheduled", enqueued=1, started=2, due=72, failures=1))[2:] == [("stalled", 70), ("delayed", 70)]
    failed = look("failed", enqueued=1, started=2, result_at=70, err_message="abandoned")
    assert told(running, failed)[2:] == [("discarded", 70)]
    after_one = look("failed", enqueued=4, started=5, ended=3, result_at=70, failures=1)
    assert told(look("started", enqueued=4, started=5, ended=3, failures=1), after_one, reader=Reader({"id": 1}))[-1] == ("discarded", 70)


def test_ends_that_are_not_dated_are_left_to_be_asked_for() -> None:
    assert told(look("canceled", enqueued=1)) == [("available", 1)]
    assert told(look("stopped", enqueued=1, started=2, ended=3)) == [("available", 1), ("started", 2), ("cancelled", 3)]


def test_a_delay() -> None:
    waiting = look("scheduled", due=6)
    assert told(waiting, look("queued", enqueued=6.2)) == [("delayed", 1), ("available", 6.2)]
    assert Reader().read("key", "id", waiting)[0].until_ns == 6 * SECOND


def test_texts_of_a_pickle_are_read_without_calling_what_it_names() -> None:
    import pickle

    class Bad:
        def __reduce__(self) -> tuple[Any, ...]:
            return (exec, ("raise SystemExit",))

    assert "led-000001" in list(texts(pickle.dumps({"__shadow": {"ledger": "led", "key": "led-000001"}, "other": Bad()})))
    assert list(texts(b"\x00no pickle")) == []
