"""G14: what chose between the systems is gone."""

from __future__ import annotations

from migrator.cutover.gate import Gate

GATE = Gate(
    id="G14",
    title="Switches are removed",
    asks="Are the flags that chose between old and new, and the code behind them, gone?",
    how="The tool does not know which of the flags of an application those were: a person says so.",
    answered_by="person",
)
