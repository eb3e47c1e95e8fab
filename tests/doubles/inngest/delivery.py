"""What one event does: cancel runs, end waits, start functions."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.doubles.inngest.events import Event
from tests.doubles.inngest.executor import Executor
from tests.doubles.inngest.expressions import holds
from tests.doubles.inngest.waits import Waits

#: For how long an event's own id keeps a function from running a second time.
REMEMBERED = timedelta(hours=24)


class Delivery:
    def __init__(self, executor: Executor, waits: Waits) -> None:
        self._executor = executor
        self._waits = waits
        self._seen: dict[tuple[str, str], datetime] = {}

    def deliver(self, event: Event) -> None:
        self._cancel(event)
        for wait in self._waits.take(event):
            self._executor.resume(wait.run, wait.step, event.to_json())
        for function in list(self._executor.functions.values()):
            if any(trigger.starts_on(event) for trigger in function.triggers) and not self._repeats(function.id, event):
                self._executor.start(function, event)

    def _cancel(self, event: Event) -> None:
        for run in [run for run in self._executor.runs if run.active]:
            variables = {"event": run.event.to_json(), "async": event.to_json()}
            if any(c.event == event.name and holds(c.expression, variables) for c in run.function.cancellations):
                self._executor.cancel(run)

    def _repeats(self, function: str, event: Event) -> bool:
        if not event.key:
            return False
        last = self._seen.get((function, event.key))
        if last is not None and event.at - last < REMEMBERED:
            return True
        self._seen[function, event.key] = event.at
        return False
