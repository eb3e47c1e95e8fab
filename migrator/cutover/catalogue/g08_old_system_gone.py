"""G08: nothing of the old system is left in code, settings or command lines."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, unmet
from migrator.jobs import Item, Worker
from migrator.jobs.redaction import redact_text


def check(evidence: Evidence) -> Answer:
    """Unmet while the audit sees anything of the old system, in tests as well, or any use of its API."""
    source = evidence.lock.source
    left = [_told(item) for item in evidence.left()]
    seen = {(i.location.path, i.location.line) for i in evidence.left()}
    for reference in evidence.inventory.references:
        where = reference.location
        if reference.system == source and (where.path, where.line) not in seen:
            seen.add((where.path, where.line))
            left.append(f"{where.path}:{where.line}: {reference.form} of {reference.target}")
    left += [f"{u.path}:{u.line}: {u.reason}" for u in evidence.inventory.unresolved if u.system == source]
    return unmet(*left) if left else met(f"the audit finds nothing of {evidence.source.title}")


def _told(item: Item) -> str:
    """An item in a line: what it is, its name, and what starts it where that is a command."""
    name = redact_text(item.command) if isinstance(item, Worker) and item.command else item.name if item.name != item.kind else ""
    return f"{item.location.place}: {item.kind} {name}".rstrip() + (f" (in {item.area} code)" if item.area else "")


GATE = Gate(
    id="G08",
    title="The old system is removed",
    asks="Is nothing of the old system left: imports, calls, environment names, command lines, services, in production and test code?",
    how="Items, references and loose ends of the audit. Resources in a cloud account and variables in a dashboard cannot be seen.",
    answered_by="machine",
    check=check,
)
