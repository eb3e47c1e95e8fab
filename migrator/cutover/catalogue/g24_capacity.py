"""G24: the database and the broker bear the new workers."""

from __future__ import annotations

from migrator.cutover.by_rules import rules_pass
from migrator.cutover.gate import Gate

GATE = Gate(
    id="G24",
    title="There is room for the new workers",
    asks="Are connections enough for the concurrency of the workers?",
    how="The rule JOB206. Live numbers come from `migrate audit --live URL`.",
    answered_by="either",
    check=rules_pass("JOB206"),
)
