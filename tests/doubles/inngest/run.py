"""One run of one function, and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tests.doubles.inngest.events import Event, new_id
from tests.doubles.inngest.registration import Function

#: The step id of attempts at the function's own body.
BODY = "<function>"
#: The SDK is to choose how it executes a run.
UNDECIDED = -1


@dataclass(frozen=True)
class Attempt:
    """One execution of a step, or of the body as a whole. `number` counts from 1 for each step."""

    step: str
    number: int
    ok: bool
    error: str = ""
    error_name: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    sleeps: bool = False  #: no execution: a step that waits


@dataclass
class Run:
    """A run. `steps` is the memoised state that goes along with every call, by hashed step id."""

    function: Function
    event: Event
    queued_at: datetime
    id: str = field(default_factory=lambda: new_id("R"))
    status: Literal["Running", "Completed", "Failed", "Cancelled"] = "Running"
    output: Any = None
    error: dict[str, Any] | None = None
    ended_at: datetime | None = None
    call_began: datetime | None = None  #: of the call that is under way
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    steps: dict[str, Any] = field(default_factory=dict[str, Any])
    calls: int = 0
    version: int = UNDECIDED
    #: Steps that have been asked for and have no result yet.
    pending: set[str] = field(default_factory=set[str])
    #: The next call that looks for further steps is on its way.
    discovering: bool = False
    #: More than one step was found at once: from then on each is called by name.
    parallel: bool = False

    @property
    def function_id(self) -> str:
        return self.function.id

    @property
    def active(self) -> bool:
        return self.status == "Running"

    def attempts_at(self, step: str) -> int:
        """How often a step was executed."""
        return sum(attempt.step == step and not attempt.sleeps for attempt in self.attempts)

    def remember(self, step: str, value: Any) -> None:
        self.steps[step] = value
        self.pending.discard(step)
