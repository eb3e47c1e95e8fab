"""Inngest's driver and an event that starts nothing; with a server it is in tests/behaviour."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from migrator.shadow.drivers import inngest, open_driver
from migrator.shadow.drivers.inngest import Options
from migrator.shadow.drivers.interface import Target


class Server:
    """Events that have come, none of which starts anything."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self._events, self.asked = events, list[str]()

    def events(self, name: str, since: str) -> list[dict[str, Any]]:  # noqa: ARG002 - as the service has it
        return list(self._events)

    def runs(self, event: str) -> list[Any]:
        self.asked.append(event)
        return []


def event(name: str, *, ago: float, due_in: float | None = None) -> dict[str, Any]:
    now = time.time()
    received = datetime.fromtimestamp(now - ago, UTC).isoformat().replace("+00:00", "Z")
    return {"id": f"l-{name}", "internal_id": name, "received_at": received, "ts": int((now + due_in) * 1000) if due_in else 0}


def test_an_event_that_starts_nothing_is_asked_about_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(inngest.time, "monotonic", lambda: now[0])
    server = Server(event("new", ago=60), event("old", ago=90_000), event("put off", ago=90_000, due_in=60))
    driver = open_driver(
        "inngest",
        Target(arm="new", ledger_id="l", address="http://127.0.0.1:1", name="URL", queue="q", job_name="a/b", timeout=1),
        Options(),
    )
    monkeypatch.setattr(driver, "_service", server)
    driver.observe("1")
    assert sorted(server.asked) == ["new", "old", "put off"], "each once: it may have started what nobody has seen yet"
    for _ in range(3):
        now[0] += 100.0
        driver.observe("1")
    assert server.asked.count("old") == 1
    assert (server.asked.count("new"), server.asked.count("put off")) == (4, 4)
