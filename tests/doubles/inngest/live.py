"""The double in real time, with what the real server tells about events and runs: for whoever watches an application from outside.

    with LiveInngest(retry_interval=1.0) as server:
        server.register("http://127.0.0.1:3000/api/inngest")   # from now on events run functions as they come

It answers as the real server was seen to, its traps included: `/v1/events/{id}/runs` says Completed or Failed after the first attempt of a
run that goes on, and says the same for 15 seconds to whoever asks under the same address; GraphQL does not know a run at once. With `keys`
it is the cloud: events need the event key, the REST interface the signing key, and there is no GraphQL. `stop` and `start` are an outage.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

from tests.doubles.inngest.double import InngestDouble
from tests.doubles.inngest.events import Event
from tests.doubles.inngest.gateway import Handle, Request
from tests.doubles.inngest.graphql import answer
from tests.doubles.inngest.run import Run

TICK = 0.01
#: seconds for which an answer of `/v1/events/{id}/runs` is kept
KEPT = 15.0
#: seconds after which GraphQL knows a run
UNKNOWN = 0.1


class LiveInngest(InngestDouble):
    """Runs what comes, in a thread of its own, one call after the other."""

    def __init__(self, *, retry_interval: float = 1.0, checkpointing: bool = False, keys: tuple[str, str] | None = None) -> None:
        self._dropped: set[str] = set()
        self._keys, self._kept = keys, dict[str, tuple[float, Any]]()
        super().__init__(checkpointing=checkpointing, retry_interval=retry_interval)
        self._over, self._going, self._turn = threading.Event(), threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self.limited = 0  #: answer so many requests with 429
        self.stale = 0  #: how often somebody asked under an address that may give an old answer

    def __enter__(self) -> LiveInngest:
        super().__enter__()
        self._going.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        super().__exit__()

    def pause(self) -> None:
        """Answer, and run nothing until `go_on`. Returns when the call that is under way has been answered."""
        self._going.clear()
        with self._turn:
            return

    def go_on(self) -> None:
        """Run what has become due."""
        self._going.set()

    def stop(self) -> None:
        """Neither answer nor run anything."""
        self._going.clear()
        self._gateway.close()

    def start(self) -> None:
        """Go on."""
        self._gateway.open()
        self._going.set()

    def send(self, events: Any) -> list[str]:
        self._agenda.move_to(datetime.now(UTC))
        return super().send(events)

    def drop(self, event_id: str) -> None:
        """Lose an event and what it started, or is to start: nobody remembers either."""
        self._dropped.add(event_id)
        for run in self._executor.runs:
            if run.event.id == event_id:
                run.status = "Cancelled"
        self._executor.runs[:] = [run for run in self._executor.runs if run.event.id != event_id]
        self.events[:] = [event for event in self.events if event.id != event_id]

    def routes(self) -> dict[str, Handle]:
        told: dict[str, Handle] = {
            "GET /v1/events": self._events,
            "GET /v1/events/[^/]+": self._event,
            "GET /v1/events/[^/]+/runs": self._runs,
            "GET /v1/runs/[^/]+": self._one_run,
            "POST /v0/gql": self._graphql,
        }
        known = {**super().routes(), **told}
        return {route: self._guarded(route, handle) for route, handle in known.items()}

    def _guarded(self, route: str, handle: Handle) -> Handle:
        def guarded(request: Request) -> tuple[int, Any]:
            if self.limited:
                self.limited -= 1
                return 429, {"error": "rate limited"}
            if self._keys and "/e/" in route and request.path != f"/e/{self._keys[0]}":
                return 401, {"error": "Event key not found", "status": 401}
            if self._keys and " /v" in route and request.headers.get("authorization") != f"Bearer {self._keys[1]}":
                return 401, {"error": "Authentication failed", "status": 401}
            return handle(request)

        return guarded

    def _deliver(self, event: Event) -> None:
        if event.id not in self._dropped:
            super()._deliver(event)

    def _tick(self) -> None:
        while not self._over.wait(TICK):
            with self._turn:
                if self._going.is_set():
                    self._agenda.move_to(datetime.now(UTC))
                    self._run(self.now)

    def _events(self, request: Request) -> tuple[int, Any]:
        query = request.query
        after = query.get("received_after", "")
        found = [
            event
            for event in reversed([*self.events, *self._inbox])
            if event.received is not None
            and query.get("name", event.name) == event.name
            and (not after or event.received > datetime.fromisoformat(after))
        ]
        if "cursor" in query:
            known = [event.id for event in found]
            found = found[known.index(query["cursor"]) + 1 :]
        return 200, {"data": [_event_json(event) for event in found[: int(query.get("limit", "20"))]], "metadata": _metadata()}

    def _event(self, request: Request) -> tuple[int, Any]:
        found = next((event for event in [*self.events, *self._inbox] if event.id == request.path.split("/")[3]), None)
        return (200, {"data": _event_json(found), "metadata": _metadata()}) if found else (404, {"error": "event not found", "status": 404})

    def _runs(self, request: Request) -> tuple[int, Any]:
        at, kept = self._kept.get(request.target, (0.0, None))
        self.stale += kept is not None
        if kept is None or time.monotonic() - at > KEPT:
            kept = [_run_json(run) for run in self.runs if run.event.id == request.path.split("/")[3]]
            self._kept[request.target] = time.monotonic(), kept
        return 200, {"data": kept, "metadata": _metadata()}

    def _one_run(self, request: Request) -> tuple[int, Any]:
        found = next((run for run in self.runs if run.id == request.path.split("/")[3]), None)
        if found is None:
            return 404, {"error": "run not found", "status": 404}
        status = "Running" if found.active else str(found.status)
        return 200, {"data": {**_run_json(found), "status": status}, "metadata": _metadata()}

    def _graphql(self, request: Request) -> tuple[int, Any]:
        if self._keys:
            return 404, {"error": "not found"}
        return answer(request.body, [run for run in self.runs if (datetime.now(UTC) - run.queued_at).total_seconds() > UNKNOWN])


def moment(at: datetime) -> str:
    """As the server writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _metadata() -> dict[str, str]:
    now = moment(datetime.now(UTC))
    return {"fetched_at": now, "cached_until": now}


def _event_json(event: Event) -> dict[str, Any]:
    assert event.received is not None
    common = {"source": "", "source_id": "", "account_id": "", "environment_id": ""}
    ids = {"internal_id": event.id, "id": event.key or event.id, "name": event.name, "data": dict(event.data)}
    return {**common, **ids, "received_at": moment(event.received), "ts": int(event.at.timestamp() * 1000)}


def _run_json(run: Run) -> dict[str, Any]:
    status = str(run.status)
    if run.active and run.attempts:  # what the real server does wrong: the first that ends speaks for the whole
        status = "Completed" if run.attempts[0].ok else "Failed"
    error = {"__serialized": True, **run.error} if run.error else None
    output = {"output": error or run.output} if run.ended_at else {}
    return {
        "run_id": run.id,
        "run_started_at": moment(run.queued_at),
        "function_id": f"id-of-{run.function.id}",
        "function_version": 0,
        "environment_id": "",
        "event_id": run.event.id,
        "status": status,
        "ended_at": moment(run.ended_at) if run.ended_at else None,
        **output,
    }
