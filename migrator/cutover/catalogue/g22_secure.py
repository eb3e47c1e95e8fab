"""G22: nobody but the system can start jobs."""

from __future__ import annotations

from migrator.cutover.by_rules import rules_pass
from migrator.cutover.gate import Gate

GATE = Gate(
    id="G22",
    title="Secure",
    asks="Is every route that starts jobs guarded, and no credential in the code?",
    how="The rules JOB701 to JOB705. Whether the new keys are set where it is deployed cannot be seen.",
    answered_by="either",
    check=rules_pass("JOB701", "JOB702", "JOB703", "JOB704", "JOB705"),
)
