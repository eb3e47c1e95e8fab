"""G12: nothing waits in the old system any more."""

from __future__ import annotations

from migrator.cutover.gate import Gate

GATE = Gate(
    id="G12",
    title="The old queues are drained",
    asks="Is nothing waiting, running, delayed or to be tried again in the old system, and was what was delayed moved over?",
    how="`migrate audit --live URL` counts what the old system still holds; a person says what was seen, and for how long it stayed empty.",
    answered_by="person",
)
