"""What Dramatiq's messages say, and what is none of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.looks.dramatiq import Message, Reader, read_message

OWN = "1ed6e4a0-"
TRACE = 'Traceback (most recent call last):\n  File "x", line 1, in f\n    g()\nIndexError: boom'


def message(retries: int = 0, place: str = "queue", **more: Any) -> Message:
    retried = {"requeued": 1000 + retries, "traceback": TRACE} if retries else {}
    fields = {"redis_id": f"r{retries}{place}", "native_id": "n", "job_key": f"{OWN}k", "place": place, "sent": 500, "retries": retries}
    return Message(**{**fields, **retried, **more})


def seen(reader: Reader, *messages: Message) -> list[tuple[str, int]]:
    found = reader.read(messages)
    assert [s.id for s in found] == sorted(s.id for s in found)
    return [(s.kind, s.ts_ns // 1_000_000) for s in found]


def test_a_whole_life() -> None:
    reader = Reader()
    assert seen(reader, message()) == [("available", 500)]
    assert seen(reader, message(), message(1, "delay", eta=3000)) == [("attempt_failed", 1001), ("delayed", 1001)]
    assert seen(reader, message(1)) == [], "that it goes to the queue when its time has come is not written down"
    assert seen(reader, message(2, "dead", dead=1500)) == [("attempt_failed", 1002), ("discarded", 1500)]
    assert reader.missed == []


def test_a_job_with_a_delay_is_not_called_free_to_run_as_of_when_it_was_sent() -> None:
    reader = Reader()
    assert seen(reader, message(place="delay", eta=9000)) == [("delayed", 500)]
    assert seen(reader, message()) == []


def test_an_attempt_between_two_looks_is_missed_aloud() -> None:
    reader = Reader()
    seen(reader, message())
    assert seen(reader, message(3)) == [("attempt_failed", 1003)], "the others' times and errors are nowhere any more"
    assert reader.missed == ["2 attempts of job n unseen: over before the next look"]
    assert reader.failures() == {"n": 3}


def test_whoever_goes_on_from_another_reader_counts_on() -> None:
    first = Reader()
    first.read([message(1, "delay", eta=2)])
    second = Reader(first.failures())
    assert seen(second, message(2, "delay", eta=3)) == [("attempt_failed", 1002), ("delayed", 1002)]
    assert second.missed == []


lives = st.lists(
    st.builds(message, st.integers(0, 4), st.sampled_from(["queue", "delay", "dead"]), eta=st.just(5000), dead=st.just(9000)), max_size=8
)


@given(lives, st.integers(0, 8))
def test_reading_twice_or_in_other_portions_finds_the_same(messages: list[Message], cut: int) -> None:
    messages = sorted(messages, key=lambda m: (m.retries, m.place == "dead"))
    whole, parts = Reader(), Reader()
    at_once = whole.read(messages)
    in_parts = parts.read(messages[:cut]) + parts.read(messages[cut:])
    assert in_parts == at_once
    assert whole.read(messages) == []
    assert len({s.id for s in at_once}) == len(at_once)


def encoded(**fields: Any) -> bytes:
    whole = {
        "queue_name": "q",
        "actor_name": "a",
        "args": [],
        "kwargs": {},
        "options": {},
        "message_id": "other",
        "message_timestamp": 5,
        **fields,
    }
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    "fields",
    [
        {"message_id": f"{OWN}k"},
        {"options": {"__shadow": {"ledger": "1ed6e4a0", "key": f"{OWN}k"}}},
        {"kwargs": {"__shadow": {"key": f"{OWN}k"}}},
        {"args": [1, {"__shadow": {"key": f"{OWN}k"}}]},
    ],
)
def test_ours(fields: dict[str, Any]) -> None:
    found = read_message("r", encoded(**fields), "queue", OWN)
    assert found is not None
    assert (found.job_key, found.native_id, found.sent) == (f"{OWN}k", fields.get("message_id", "other"), 5)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04\x95" + OWN.encode(),
        b'{"message_id": "' + OWN.encode() + b'k"}',
        b'["' + OWN.encode() + b'"]',
        encoded(kwargs={"text": f"see {OWN}k"}),
        encoded(kwargs={"text": f"{OWN}k"}),
        encoded(kwargs={"__shadow": f"{OWN}k"}),
        encoded(kwargs={"__shadow": {"key": [f"{OWN}k"]}}),
        encoded(options=None, message_id=f"{OWN}k"),
        encoded(message_timestamp=None, message_id=f"{OWN}k"),
        encoded(message_id="1ed6e4a0"),
    ],
)
def test_not_ours(data: bytes) -> None:
    assert read_message("r", data, "queue", OWN) is None
