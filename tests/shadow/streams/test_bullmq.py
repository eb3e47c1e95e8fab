"""BullMQ's event stream: the entries are those that BullMQ 6.7 wrote."""

from __future__ import annotations

import pytest

from migrator.shadow.streams import bullmq
from migrator.shadow.streams.bullmq import Entry, Hash, Reader, failed_attempts, read_error, read_hash, split_error

STACKS = ("TypeError: no-0\n    at x", "RangeError: no-1\n    at y")


class Redis:
    """Hashes as they are when they are asked for."""

    def __init__(self, hashes: dict[str, Hash] | None = None, keys: dict[str, str] | None = None) -> None:
        self.hashes, self.keys = hashes or {}, keys or {}
        self.asked: list[str] = []

    def key_of(self, job_id: str) -> str | None:
        self.asked.append(job_id)
        return self.keys.get(job_id)

    def hash_of(self, job_id: str) -> Hash:
        return self.hashes.get(job_id, Hash())


def entries(*lines: str) -> list[Entry]:
    found: list[Entry] = []
    for position, line in enumerate(lines):
        event, job_id, *rest = line.split()
        found.append(Entry(f"1000-{position}", event, job_id, dict(zip(rest[::2], rest[1::2], strict=True))))
    return found


def read(redis: Redis, *lines: str, reader: Reader | None = None) -> list[tuple[str, str | None]]:
    reader = reader or Reader("led-", redis.key_of, redis.hash_of)
    found = reader.read(entries(*lines))
    assert [s.id for s in found] == sorted(s.id for s in found)
    assert {s.ts_ns for s in found} <= {1_000_000_000}
    return [(s.kind, s.err_type) for s in found]


def test_a_job_that_works_at_once() -> None:
    lines = ("added led-1 name x", "waiting led-1", "active led-1 prev waiting", "completed led-1 returnvalue 1 prev active")
    assert read(Redis(), *lines) == [("available", None), ("started", None), ("completed", None)]


def test_retries_at_once() -> None:
    redis = Redis({"led-1": Hash(failures=2, stacks=STACKS)})
    first = ("added led-1", "waiting led-1", "active led-1 prev waiting", "waiting led-1 prev active")
    assert read(redis, *first, "active led-1 prev waiting", "failed led-1 failedReason no-1 prev active") == [
        ("available", None),
        ("started", None),
        ("attempt_failed", "TypeError"),
        ("available", None),
        ("started", None),
        ("discarded", "RangeError"),
    ]


def test_retries_after_a_delay() -> None:
    redis = Redis({"led-1": Hash(failures=1, stacks=STACKS[:1])})
    lines = ("added led-1", "waiting led-1", "active led-1 prev waiting", "delayed led-1 delay 1795307123788", "waiting led-1 prev delayed")
    assert read(redis, *lines) == [
        ("available", None),
        ("started", None),
        ("attempt_failed", "TypeError"),
        ("delayed", None),
        ("available", None),
    ]


def test_a_delayed_enqueue_is_no_failure() -> None:
    reader = Reader("led-", Redis().key_of, Redis().hash_of)
    found = reader.read(entries("added led-1", "delayed led-1 delay 2500"))
    assert [(s.kind, s.until_ns) for s in found] == [("delayed", 2_500_000_000)]


def test_a_job_that_its_body_put_off_has_not_failed() -> None:
    redis = Redis({"led-1": Hash(failures=0, attempts_started=1)})
    lines = ("added led-1", "waiting led-1", "active led-1 prev waiting", "delayed led-1 delay 2500")
    assert read(redis, *lines)[-2:] == [("started", None), ("delayed", None)]


def test_a_stalled_job_is_handed_out_again() -> None:
    lines = (
        "added led-1",
        "waiting led-1",
        "active led-1 prev waiting",
        "waiting led-1 prev active",
        "stalled led-1",
        "active led-1 prev waiting",
    )
    assert [kind for kind, _ in read(Redis(), *lines)] == ["available", "started", "stalled", "available", "started"]


def test_another_job_s_stall_is_not_this_one_s() -> None:
    redis = Redis({"led-1": Hash(failures=1)})
    lines = ("added led-1", "waiting led-1", "active led-1 prev waiting", "waiting led-1 prev active", "stalled led-2")
    assert [kind for kind, _ in read(redis, *lines)] == ["available", "started", "attempt_failed", "available"]


def test_a_reader_that_begins_in_the_middle() -> None:
    redis = Redis({"led-1": Hash(failures=1, attempts_started=1, stacks=STACKS[:1]), "led-2": Hash(failures=0, attempts_started=0)})
    assert read(redis, "delayed led-1 delay 2500") == [("attempt_failed", "TypeError"), ("delayed", None)]
    assert read(redis, "delayed led-2 delay 2500") == [("delayed", None)]


def test_a_hash_that_is_gone() -> None:
    lines = (
        "added led-1",
        "waiting led-1",
        "active led-1 prev waiting",
        "waiting led-1 prev active",
        "active led-1",
        "failed led-1 failedReason why prev active",
    )
    reader = Reader("led-", Redis().key_of, Redis().hash_of)
    found = reader.read(entries(*lines))
    assert [(s.kind, s.err_type, s.err_message) for s in found if s.kind in ("attempt_failed", "discarded")] == [
        ("attempt_failed", None, None),
        ("discarded", None, "why"),
    ]


def test_removed() -> None:
    assert read(Redis(), "removed led-1 prev waiting") == [("removed", None)]
    assert read(Redis(), "removed led-1 prev completed") == []


def test_other_people_s_jobs_are_looked_up_once_and_copies_are_found() -> None:
    redis = Redis(keys={"copy": "led-7"})
    reader = Reader("led-", redis.key_of, redis.hash_of)
    lines = ("added theirs", "waiting theirs", "active theirs prev waiting", "added copy", "waiting copy", "drained")
    found = reader.read([*entries(*lines[:-1]), Entry("1000-9", "drained", "", {})])
    assert [(s.kind, s.job_key, s.native_id) for s in found] == [("available", "led-7", "copy")]
    assert redis.asked == ["theirs", "copy"]


def test_reading_a_hash() -> None:
    assert read_hash(2, "3", '["a", "b"]', "why") == Hash(2, 3, ("a", "b"), "why")
    assert read_hash(None, None, None) == Hash()
    assert read_hash(1, None, "not json") == Hash(1)


def test_counting_failures() -> None:
    """5 and 6 count an attempt when it ends, however it does; 4 counts it when it begins."""
    counted = [(active, completed) for active, completed in ((True, False), (False, True), (False, False))]
    assert [failed_attempts("2", None, active=a, completed=c) for a, c in counted] == [2, 1, 2]
    assert [failed_attempts(None, "2", active=a, completed=c) for a, c in counted] == [1, 1, 2]
    assert failed_attempts(None, None, active=False, completed=False) is None


def test_an_error_is_told_of_the_attempt_that_it_is_of_or_of_none() -> None:
    both = Hash(failures=2, stacks=STACKS)
    assert [both.failure(1), both.failure(2), both.failure(3)] == [*STACKS, None]
    # One of two threw something without a stack, or only the last stack is kept.
    assert Hash(failures=2, stacks=STACKS[:1]).failure(1) is None
    assert both.last("no-1") == STACKS[1]
    assert both.last("job stalled more than allowable limit") == "job stalled more than allowable limit"
    assert Hash().last("gone") == "gone"


def test_a_job_that_stalled_for_good_does_not_have_the_error_of_an_earlier_attempt() -> None:
    redis = Redis({"led-1": Hash(failures=1, stacks=STACKS[:1])})
    reader = Reader("led-", redis.key_of, redis.hash_of)
    last = Entry("1000-9", "failed", "led-1", {"failedReason": "job stalled more than allowable limit", "prev": "active"})
    (sighting,) = reader.read([last])
    assert (sighting.err_type, sighting.err_message) == (None, "job stalled more than allowable limit")


def test_a_job_that_was_put_off_and_then_completed_before_it_was_read() -> None:
    redis = Redis({"led-1": Hash(failures=0, attempts_started=2)})
    lines = ("added led-1", "waiting led-1", "active led-1", "delayed led-1 delay 2500", "active led-1", "completed led-1 prev active")
    assert [kind for kind, _ in read(redis, *lines)] == ["available", "started", "delayed", "started", "completed"]


def test_errors() -> None:
    assert read_error('Traceback (most recent call last):\n  File "x"\n    g()\nValueError: no title\n') == ("ValueError", "no title")
    assert read_error("RangeError: deep\n    at x") == ("RangeError", "deep")
    assert read_error("") == (None, None)
    assert split_error("RehearsedFailure: import 3: failed") == ("RehearsedFailure", "import 3: failed")
    assert split_error("something odd") == (None, "something odd")


def test_of_jobs_that_are_over_only_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bullmq, "ENDED", 2)
    redis = Redis({"led-3": Hash(failures=2, attempts_started=2, stacks=STACKS)})
    reader = Reader("led-", redis.key_of, redis.hash_of)
    ended = [f"{event} led-{n}" for n in range(4) for event in ("added", "waiting", "active", "completed")]
    read(redis, *ended, reader=reader)
    assert set(reader._failures) == {"led-2", "led-3"}
    # One of them is put back by hand.
    again = ("waiting led-3 prev completed", "active led-3 prev waiting", "delayed led-3")
    assert read(redis, *again, reader=reader) == [
        ("available", None),
        ("started", None),
        ("attempt_failed", "TypeError"),
        ("delayed", None),
    ]
