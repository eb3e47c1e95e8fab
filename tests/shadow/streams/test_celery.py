"""Celery's task events: those that Celery 5.7 sent."""

from __future__ import annotations

from typing import Any

from migrator.shadow.streams.celery import Reader

ETA = "2026-11-22T08:00:05.500000+00:00"


def kinds(*events: dict[str, Any], reader: Reader | None = None) -> list[tuple[str, str]]:
    reader = reader or Reader("led-")
    found = [reader.read({"uuid": "led-1", "timestamp": 1000.5, **event}) for event in events]
    return [(sighting.kind, sighting.job_key) for sighting in found if sighting is not None]


def test_a_task_from_the_client_to_its_end() -> None:
    sent, received, started = {"type": "task-sent", "retries": 0}, {"type": "task-received", "retries": 0}, {"type": "task-started"}
    expected = [("available", "led-1"), ("started", "led-1"), ("completed", "led-1")]
    ours = Reader("led-")
    ours.handed["led-1"] = 1
    assert kinds(sent, received, started, {"type": "task-succeeded"}, reader=ours) == expected
    assert kinds(sent, received, started, {"type": "task-succeeded"}) == expected[1:], "what another process sent, that process dates"


def test_delays_and_retries() -> None:
    sighting = Reader("led-").read({"type": "task-sent", "uuid": "led-1", "timestamp": 1000.5, "eta": ETA})
    assert sighting is not None
    assert (sighting.kind, sighting.until_ns, sighting.ts_ns) == ("delayed", 1_795_334_405_500_000_000, 1_000_500_000_000)
    assert kinds({"type": "task-received", "retries": 0, "eta": ETA}) == [], "of the first attempt the client has told"
    assert kinds({"type": "task-received", "retries": 1, "eta": ETA}) == [("delayed", "led-1")]
    assert kinds({"type": "task-received", "retries": 1, "eta": None}) == [("available", "led-1")]


def test_a_task_is_there_before_that_is_said() -> None:
    reader = Reader("led-")
    reader.handed["led-1"] = 999_900_000_000
    sent = reader.read({"type": "task-sent", "uuid": "led-1", "timestamp": 1000.5})
    started = reader.read({"type": "task-started", "uuid": "led-1", "timestamp": 1000.4})
    assert sent is not None
    assert started is not None
    assert sent.ts_ns == 999_900_000_000
    assert sent.id < started.id


def test_errors() -> None:
    reader = Reader("led-")
    failed = reader.read({"type": "task-failed", "uuid": "led-1", "timestamp": 1.0, "exception": "ValueError('no title')"})
    retried = reader.read({"type": "task-retried", "uuid": "led-1", "timestamp": 1.0, "exception": "app.errors.Gone(404, 'x')"})
    unsaid = reader.read({"type": "task-failed", "uuid": "led-1", "timestamp": 1.0})
    assert failed is not None
    assert retried is not None
    assert unsaid is not None
    assert (failed.kind, failed.err_type, failed.err_message) == ("discarded", "ValueError", "no title")
    assert (retried.kind, retried.err_type, retried.err_message) == ("attempt_failed", "Gone", "404, 'x'")
    assert (unsaid.err_type, unsaid.err_message) == (None, None)


def test_other_ends() -> None:
    ends = [{"type": "task-revoked"}, {"type": "task-rejected", "requeue": True}, {"type": "task-rejected", "requeue": False}]
    assert [kind for kind, _ in kinds(*ends, {"type": "task-cancelled"})] == ["cancelled", "stalled", "discarded", "stalled"]


def test_who_is_at_it() -> None:
    reader = Reader("led-")
    kinds({"type": "task-started"}, {"type": "task-started", "uuid": "led-2"}, {"type": "task-retried"}, reader=reader)
    assert reader.active == {"led-2"}


def test_other_people_s_tasks_and_copies_of_ours() -> None:
    foreign = [{"type": "task-started", "uuid": "else"}, {"type": "worker-heartbeat", "uuid": ""}]
    assert kinds(*foreign, {"type": "task-sent", "uuid": "e", "args": "()"}) == []
    mark = "({'__shadow': {'ledger': 'led', 'key': 'led-000007'}},)"
    copy = [{"type": "task-received", "uuid": "copy", "retries": 0, "args": mark}, {"type": "task-started", "uuid": "copy"}]
    assert kinds(*copy) == [("available", "led-000007"), ("started", "led-000007")]
