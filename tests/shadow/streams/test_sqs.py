"""Reports of consumers as sightings."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from migrator.shadow.streams.sqs import Mark, Reader, Report, ReportKind, handed_over, mark_in


def report(kind: ReportKind, receive: int, at: int, *, message: str = "m", error: str | None = None) -> Report:
    return Report(kind=kind, mark=Mark("a", "a-1"), message=message, receive=receive, ts_ns=at, err_type=error, err_message=error)


TRIED_AGAIN = [report("started", 1, 10), report("failed", 1, 20, error="why"), report("started", 2, 30), report("completed", 2, 40)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_reports_in_any_order_tell_the_same_when_they_come_together(order: tuple[int, ...]) -> None:
    found = Reader().read([TRIED_AGAIN[i] for i in order])
    assert [(s.kind, s.ts_ns, s.err_message) for s in found] == [
        ("started", 10, None),
        ("attempt_failed", 20, "why"),
        ("started", 30, None),
        ("completed", 40, None),
    ]
    assert {(s.job_key, s.native_id) for s in found} == {("a-1", "m")}
    assert [s.id for s in found] == sorted(s.id for s in found)


def test_a_receipt_whose_end_nobody_reported_was_taken_back() -> None:
    found = Reader().read([report("started", 1, 10), report("started", 2, 30), report("completed", 2, 40)])
    assert [(s.kind, s.ts_ns) for s in found] == [("started", 10), ("stalled", 30), ("started", 30), ("completed", 40)]
    assert [s.id for s in found] == sorted(s.id for s in found)


def test_ends_are_remembered_between_looks_and_for_each_message() -> None:
    reader = Reader()
    reader.read(TRIED_AGAIN[:2])
    assert [s.kind for s in reader.read(TRIED_AGAIN[2:])] == ["started", "completed"]
    assert [s.kind for s in reader.read([report("started", 2, 50, message="other")])] == ["stalled", "started"]


def test_the_same_report_twice_has_the_same_id() -> None:
    reader = Reader()
    first, second = reader.read(TRIED_AGAIN[:1]), reader.read(TRIED_AGAIN[:1])
    assert first == second


def test_the_first_receipt_tells_when_a_message_was_sent_and_due() -> None:
    for due, kind, until in ((0, "available", None), (9, "delayed", 9)):
        mark = Mark("a", "a-1", 4, due)
        first = msgspec.structs.replace(report("started", 1, 10), mark=mark)
        again = msgspec.structs.replace(report("started", 2, 30), mark=mark)
        found = Reader().read([first, again])
        assert [(s.kind, s.ts_ns) for s in found] == [(kind, 4), ("started", 10), ("stalled", 30), ("started", 30)]
        assert (found[0], found[0].until_ns) == (handed_over(mark, "m"), until)


def test_a_report_is_the_json_that_is_documented() -> None:
    text = b'{"kind":"failed","__shadow":{"ledger":"a","key":"a-1"},"message":"m","receive":2,"ts_ns":5,"err_type":"E","err_message":"why"}'
    assert msgspec.json.decode(text, type=Report).err_message == "why"
    assert msgspec.json.encode(msgspec.json.decode(text, type=Report)) == text


@pytest.mark.parametrize("body", ["", "[]", "5", "{}", '{"__shadow": 5}', '{"__shadow": {"ledger": "a"}}', '"text"', "{"])
def test_bodies_without_a_mark(body: str) -> None:
    assert mark_in(body, None) is None
    assert mark_in("{}", body) is None


def test_an_attribute_goes_before_the_body() -> None:
    body = '{"__shadow": {"ledger": "a", "key": "a-1"}}'
    assert mark_in(body, '{"ledger": "b", "key": "b-1"}') == Mark("b", "b-1")
