"""G11: costs are what they were meant to be."""

from __future__ import annotations

from migrator.cutover.gate import Gate

GATE = Gate(
    id="G11",
    title="Costs are as expected",
    asks="Has the bill of the infrastructure become what the migration was meant to make of it?",
    how="Only a person who sees the bill can say so.",
    answered_by="person",
)
