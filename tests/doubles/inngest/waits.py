"""Runs that wait for an event."""

from __future__ import annotations

from dataclasses import dataclass

from tests.doubles.inngest.events import Event
from tests.doubles.inngest.expressions import holds
from tests.doubles.inngest.run import Run


@dataclass(frozen=True)
class Wait:
    run: Run
    step: str
    event: str
    expression: str

    def ends_with(self, event: Event) -> bool:
        """In the expression, `event` is what started the run and `async` is what arrives."""
        variables = {"event": self.run.event.to_json(), "async": event.to_json()}
        return event.name == self.event and holds(self.expression, variables)


class Waits:
    def __init__(self) -> None:
        self._waits: list[Wait] = []

    def add(self, run: Run, step: str, event: str, expression: str) -> None:
        self._waits.append(Wait(run, step, event, expression))

    def drop(self, run: Run, step: str = "") -> None:
        """Forget one wait of a run, or all of them."""
        self._waits = [wait for wait in self._waits if not (wait.run is run and step in ("", wait.step))]

    def take(self, event: Event) -> list[Wait]:
        """The waits that end with this event; they are over."""
        over = [wait for wait in self._waits if wait.ends_with(event)]
        self._waits = [wait for wait in self._waits if wait not in over]
        return over
