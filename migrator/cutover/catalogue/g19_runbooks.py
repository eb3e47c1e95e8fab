"""G19: whoever is on call knows what to do."""

from __future__ import annotations

import re

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, unsettled
from migrator.regex import regex

_RUNBOOK = regex(r"(^|/)[^/]*(run-?_?book|play-?_?book|on-?_?call)[^/]*(\.(md|mdx|rst|adoc|txt)$|/)", re.IGNORECASE)


def check(evidence: Evidence) -> Answer:
    """Open until a person says that the runbooks speak of the new system; those that are there are listed."""
    found = sorted(path for path in evidence.tree.sizes if _RUNBOOK.search(path))
    return unsettled("an attestation", *(found or ("no runbook stands in the repository",)))


GATE = Gate(
    id="G19",
    title="Runbooks are written",
    asks="Do runbooks say what to do when jobs of the new system wait, fail or are lost?",
    how="Runbooks in the tree are listed; whether they are right a person says.",
    answered_by="person",
    check=check,
)
