"""The double as tests use it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.doubles.inngest.agenda import Agenda
from tests.doubles.inngest.crons import firings
from tests.doubles.inngest.delivery import Delivery
from tests.doubles.inngest.durations import parse_duration
from tests.doubles.inngest.events import TIMER, Event, new_id, parse_event
from tests.doubles.inngest.executor import Executor
from tests.doubles.inngest.gateway import Gateway, Handle, Request
from tests.doubles.inngest.registration import Function, parse_registration
from tests.doubles.inngest.run import Run
from tests.doubles.inngest.sdk import SdkError, exchange
from tests.doubles.inngest.waits import Waits

Payload = Mapping[str, Any]


class InngestDouble:
    """A server that runs what it is told to, when it is told to. Nothing happens between `settle`, `advance` and `run_until_idle`."""

    def __init__(self, *, start: datetime | None = None, checkpointing: bool = True, retry_interval: float | None = None) -> None:
        """`start` is the double's first moment: now, unless said otherwise. Events carry their sender's time: never start in the past.

        Without `checkpointing`, an SDK that could hand in steps in the middle of a call (v4) does not. `retry_interval`: seconds before
        every retry, as of the real server's `--retry-interval`; without it the documented table.
        """
        self._agenda = Agenda(start)
        self._inbox: deque[Event] = deque()
        self._lock = threading.Lock()
        waits = Waits()
        self._executor = Executor(self._agenda, waits, self._inbox.append, checkpointing=checkpointing, retry_interval=retry_interval)
        self._delivery = Delivery(self._executor, waits)
        self._gateway = Gateway(self.routes())
        #: Every event that arrived, in order, the server's own included.
        self.events: list[Event] = []

    def routes(self) -> dict[str, Handle]:
        """What is served, by method and path."""
        return {
            "POST /fn/register": self._on_register,
            "POST /e/[^/]*": self._on_events,
            "POST /v1/checkpoint/[^/]+/async": self._on_checkpoint,
        }

    def __enter__(self) -> InngestDouble:
        self._gateway.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._gateway.close()

    @property
    def url(self) -> str:
        return self._gateway.url

    @property
    def now(self) -> datetime:
        """The double's own time."""
        return self._agenda.now

    def environment(self) -> dict[str, str]:
        """What an application needs in its environment to talk to this double."""
        return {"INNGEST_DEV": self.url}

    @property
    def functions(self) -> list[Function]:
        return list(self._executor.functions.values())

    @property
    def runs(self) -> list[Run]:
        """All runs, in the order in which they were started."""
        return list(self._executor.runs)

    def runs_of(self, function: str) -> list[Run]:
        """The runs of one function, by its id with or without the app's prefix."""
        return [run for run in self.runs if function in (run.function.id, run.function.id.removeprefix(f"{run.function.app}-"))]

    def register(self, url: str) -> list[Function]:
        """Have the application at `url` (its Inngest endpoint) register its functions. Raises SdkError if it will not."""
        before = set(self._executor.functions)
        reply = exchange(url, "PUT")
        if reply.status != 200:
            raise SdkError(f"{url} did not register: {reply.status} {reply.body}")
        return [function for function in self.functions if function.id not in before]

    def send(self, events: Payload | Sequence[Payload]) -> list[str]:
        """Send one event or several, as an application would; returns their ids. They take effect with the next `settle` or so."""
        payloads = [events] if isinstance(events, Mapping) else events
        parsed = [parse_event(payload, self.now) for payload in payloads]
        self._inbox.extend(parsed)
        return [event.id for event in parsed]

    def settle(self) -> None:
        """Do what is due, and what follows from it at once. No time passes: sleepers sleep on and failed steps wait for their retry."""
        self._run(self.now)

    def advance(self, time: str | timedelta) -> None:
        """Let time pass (`"90s"`, `"1h30m"`, `"3d"`), and everything happen that falls into it, crons included."""
        until = self.now + (parse_duration(time) if isinstance(time, str) else time)
        for function in self.functions:
            for trigger in function.triggers:
                if trigger.cron:
                    for moment in firings(trigger.cron, self.now, until):
                        self._agenda.enter(partial(self._fire, function, trigger.cron), moment)
        self._run(until)
        self._agenda.move_to(until)

    def run_until_idle(self) -> None:
        """Let as much time pass as it takes until nothing is left to do: sleeps end, retries come, waits time out. Crons do not fire."""
        self._run(None)

    def fire_cron(self, function: str) -> None:
        """Start a function as its cron would, now."""
        for candidate in self.functions:
            if function in (candidate.id, candidate.id.removeprefix(f"{candidate.app}-")):
                for trigger in candidate.triggers:
                    if trigger.cron:
                        self._fire(candidate, trigger.cron)
                        return
        raise ValueError(f"no function {function!r} with a cron is registered")

    def _run(self, until: datetime | None) -> None:
        while True:
            while self._inbox:
                event = self._inbox.popleft()
                self.events.append(event)
                self._agenda.enter(partial(self._deliver, event), event.at)
            action = self._agenda.take(until)
            if action is None:
                return
            action()

    def _deliver(self, event: Event) -> None:
        self._delivery.deliver(event)

    def _fire(self, function: Function, cron: str) -> None:
        self._executor.start(function, Event(new_id("E"), TIMER, {"cron": cron}, self.now))

    def _on_register(self, request: Request) -> tuple[int, Any]:
        with self._lock:
            self._executor.functions.update({function.id: function for function in parse_registration(request.body)})
        return 200, {"ok": True, "modified": True}

    def _on_events(self, request: Request) -> tuple[int, Any]:
        return 200, {"ids": self.send(request.body), "status": 200}

    def _on_checkpoint(self, request: Request) -> tuple[int, Any]:
        with self._lock:
            self._executor.checkpoint(request.path.split("/")[3], request.body["steps"])
        return 200, {}
