"""G13: it ran in a staging environment."""

from __future__ import annotations

from migrator.cutover.gate import Gate

GATE = Gate(
    id="G13",
    title="Tested in staging",
    asks="Did this commit run in a staging environment, with its jobs?",
    how="A person says so, with the commit and the run.",
    answered_by="person",
)
