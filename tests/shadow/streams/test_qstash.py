"""QStash's log as sightings."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from migrator.shadow.streams.qstash import LATE, Place, Reader, entries

BASE = 1_795_000_000_000


def entry(state: str, at: int, *, id_: str = "m", label: Any = "led-1", **more: Any) -> dict[str, Any]:
    return {"time": BASE + at, "messageId": id_, "state": state, "url": "http://x", "label": label, **more}


def reader(*active: str) -> Reader:
    return Reader("led-", Place(BASE, active))


RETRIED = [
    entry("CREATED", 0),
    entry("ACTIVE", 5),
    entry("ERROR", 9, responseStatus=500, responseBody="why", error="500"),
    entry("RETRY", 9, nextDeliveryTime=BASE + 2009),
    entry("ACTIVE", 2010),
    entry("DELIVERED", 2020),
]


def test_a_retried_message_whatever_the_order_of_the_log() -> None:
    for raw in (RETRIED, RETRIED[::-1]):
        found = reader().read(entries(raw))
        assert [(s.kind, s.err_type, s.err_message) for s in found] == [
            ("available", None, None),
            ("started", None, None),
            ("attempt_failed", "HTTP 500", "why"),
            ("delayed", None, None),
            ("started", None, None),
            ("completed", None, None),
        ]
        assert found[3].until_ns == (BASE + 2009) * 1_000_000
        assert [s.id for s in found] == sorted(s.id for s in found)
        assert {(s.job_key, s.native_id) for s in found} == {("led-1", "m")}


def test_a_retry_without_an_entry_for_the_error_says_that_the_delivery_failed() -> None:
    log = [entry("ACTIVE", 5), entry("RETRY", 9, error="late", nextDeliveryTime=BASE + 99)]
    assert [(s.kind, s.err_message) for s in reader().read(entries(log))] == [
        ("started", None),
        ("attempt_failed", "late"),
        ("delayed", None),
    ]
    assert [s.kind for s in reader("m").read(entries(log[1:]))] == ["attempt_failed", "delayed"], "also after an interruption"
    assert [s.kind for s in reader().read(entries(log[1:]))] == ["delayed"], "the failure was said before"


def test_each_entry_once_and_the_place_goes_on() -> None:
    one = reader()
    one.read(entries(RETRIED[:2]))
    assert (one.place, one.since) == (Place(BASE + 5, ("m",)), BASE + 5 - LATE)
    assert [s.kind for s in one.read(entries(RETRIED[:4]))] == ["attempt_failed", "delayed"]
    assert one.place == Place(BASE + 9, ())
    assert one.read(entries(RETRIED[:4])) == []
    again = Reader("led-", one.place)
    assert [s.id for s in again.read(entries(RETRIED[:4]))] == [s.id for s in reader().read(entries(RETRIED[:4]))]


def test_what_others_send_moves_the_place_and_says_nothing() -> None:
    one = reader()
    assert one.read(entries([entry("ACTIVE", 900, label="other-1"), entry("ACTIVE", 901, label=None)])) == []
    assert one.place == Place(BASE + 901, ())


@pytest.mark.parametrize("state", ["CANCEL_REQUESTED", "IN_PROGRESS", "NEW_STATE"])
def test_states_that_say_nothing(state: str) -> None:
    assert reader().read(entries([entry(state, 1)])) == []


@pytest.mark.parametrize(
    ("state", "kind"), [("FAILED", "discarded"), ("CANCELLED", "cancelled"), ("CANCELED", "cancelled"), ("DELIVERED", "completed")]
)
def test_ends(state: str, kind: str) -> None:
    assert [s.kind for s in reader().read(entries([entry(state, 1)]))] == [kind]


def test_who_a_message_is() -> None:
    body = base64.b64encode(json.dumps({"__shadow": {"ledger": "led", "key": "led-7"}}).encode()).decode()
    one = reader()
    one.keys["sent"] = "led-9"
    read = one.read(
        entries(
            [
                entry("ACTIVE", 1, label=["a", "led-3"]),
                entry("ACTIVE", 2, label=None, body=body),
                entry("ACTIVE", 3, label=None, id_="sent"),
                entry("ACTIVE", 4, label=None, body="%%"),
                entry("ACTIVE", 5, label=None, body=base64.b64encode(b"[]").decode()),
                entry("ACTIVE", 6, label="led-5", body=body),
                entry("ACTIVE", 7, label=None, body=base64.b64encode(b'{"__shadow": {"key": "other-1"}}').decode()),
            ]
        )
    )
    assert [s.job_key for s in read] == ["led-3", "led-7", "led-9", "led-5"]


def test_times_may_be_texts_and_what_is_no_entry_is_left_out() -> None:
    assert [e.time for e in entries([{**entry("ACTIVE", 1), "time": str(BASE)}, {"state": "ACTIVE"}, "x", None])] == [BASE]
