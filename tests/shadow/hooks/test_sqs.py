"""The consumer's hook: what it says, and that it never stands in the consumer's way. Against a real queue it is in tests/behaviour."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import msgspec
import pytest

from migrator.shadow.hooks.sqs import BACKLOG, Reports
from migrator.shadow.streams.sqs import Mark, Report

BODY = '{"n": 1, "__shadow": {"ledger": "a", "key": "a-1"}}'
RECORD = {"messageId": "m", "body": BODY, "attributes": {"ApproximateReceiveCount": "2"}}


class Client:
    """Takes what it is given."""

    def __init__(self, *, fails: bool = False, hangs: threading.Event | None = None) -> None:
        self.sent: list[Report] = []
        self._fails, self._hangs = fails, hangs

    def send_message(self, **message: Any) -> None:
        if self._hangs:
            self._hangs.wait(20)
        if self._fails:
            raise OSError("no queue")
        self.sent.append(msgspec.json.decode(message["MessageBody"], type=Report))


def test_a_record_that_is_handled() -> None:
    client = Client()
    with Reports(client, "url").attempt(RECORD):
        pass
    assert [(r.kind, r.mark, r.message, r.receive) for r in client.sent] == [
        ("started", Mark("a", "a-1"), "m", 2),
        ("completed", Mark("a", "a-1"), "m", 2),
    ]
    assert client.sent[0].ts_ns <= client.sent[1].ts_ns
    assert abs(client.sent[0].ts_ns - time.time_ns()) < 60 * 10**9


@pytest.mark.parametrize(
    "record",
    [
        {"MessageId": "m", "Body": BODY, "Attributes": {"ApproximateReceiveCount": "2"}},
        {"messageId": "m", "body": "{}", "attributes": {"ApproximateReceiveCount": "2"}}
        | {"messageAttributes": {"__shadow": {"stringValue": '{"ledger": "a", "key": "a-1"}', "dataType": "String"}}},
    ],
)
def test_records_of_either_spelling_and_either_mark(record: dict[str, Any]) -> None:
    client = Client()
    with Reports(client, "url").attempt(record):
        pass
    assert [(r.kind, r.mark.key, r.receive) for r in client.sent] == [("started", "a-1", 2), ("completed", "a-1", 2)]


def test_an_error_goes_on_to_the_consumer_and_is_told() -> None:
    client = Client()
    with pytest.raises(IndexError, match="why"), Reports(client, "url").attempt(RECORD):
        raise IndexError("why")
    assert [(r.kind, r.err_type, r.err_message) for r in client.sent] == [("started", None, None), ("failed", "IndexError", "why")]


@pytest.mark.parametrize("record", [{}, {"messageId": "m", "body": "no JSON"}, {"body": BODY}, {"messageId": "m", "body": None}])
def test_what_is_not_ours_is_let_pass(record: dict[str, Any]) -> None:
    client, ran = Client(), []
    with Reports(client, "url").attempt(record):
        ran.append(1)
    assert (client.sent, ran) == ([], [1])


def test_without_a_queue_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHADOW_REPORTS", raising=False)
    with Reports.open().attempt(RECORD):
        pass
    monkeypatch.setenv("SHADOW_REPORTS", "no address")
    with Reports.open().attempt(RECORD):
        pass


def test_a_queue_that_is_not_there_costs_no_job_and_is_counted() -> None:
    reports = Reports(Client(fails=True), "url")
    with reports.attempt(RECORD):
        pass
    assert reports.dropped == 2


def test_a_queue_that_hangs_costs_no_more_than_its_patience() -> None:
    release = threading.Event()
    reports = Reports(Client(hangs=release), "url", patience=0.05)
    began = time.monotonic()
    with reports.attempt(RECORD):
        pass
    assert 0.04 < time.monotonic() - began < 10
    try:
        for _ in range(BACKLOG):
            reports._send(Mark("a", "a-1"), "m", 1, "started")
        assert reports.dropped == 2, "what is too much to wait for is not waited for"
    finally:
        release.set()


def test_a_forked_consumer_reports_through_a_thread_of_its_own() -> None:
    client = Client()
    reports = Reports(client, "url", patience=20)
    with reports.attempt(RECORD):
        pass
    child = os.fork()
    if child == 0:
        with reports.attempt(RECORD):
            pass
        os._exit(len(client.sent))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4


def test_an_error_of_any_length_fits_into_a_message() -> None:
    client = Client()
    with pytest.raises(ValueError, match="x"), Reports(client, "url").attempt(RECORD):
        raise ValueError("x" * 300_000)
    assert len(client.sent[1].err_message or "") < 10_000
