"""G23: there is a way back."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, unsettled


def check(evidence: Evidence) -> Answer:
    """Open until a person says that the way back was tried; the commit that it leads to is named."""
    commit = evidence.lock.commit
    return unsettled("an attestation", f"the migration began at commit {commit}" if commit else "the lock names no commit")


GATE = Gate(
    id="G23",
    title="There is a way back",
    asks="Can the old workers be started again in one step, and was that tried?",
    how="The lock says at which commit the migration began; whether its release can still be deployed a person says.",
    answered_by="person",
    check=check,
)
