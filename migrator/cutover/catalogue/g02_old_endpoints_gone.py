"""G02: the routes that the old system called are gone, and the new ones are guarded."""

from __future__ import annotations

import re

from migrator.cutover.by_rules import by_rules
from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, nothing, unmet
from migrator.cutover.mentions import files, lines
from migrator.jobs import Endpoint

_PLATFORMS = frozenset(("netlify.toml", "vercel.json", "next.config.js", "next.config.mjs", "next.config.ts", "_redirects", "nginx.conf"))


def check(evidence: Evidence) -> Answer:
    """Unmet while a route or a rewrite of the old system stands, or a new route is open to anybody."""
    lock = evidence.lock
    left = [f"{i.location.place}: {i.name} still serves {lock.source}" for i in evidence.left() if isinstance(i, Endpoint)]
    named = re.compile(rf"/api/{re.escape(lock.source)}\b|\b{re.escape(lock.source)}\b", re.IGNORECASE)
    left += lines(evidence, files(evidence, _PLATFORMS), named)
    if left:
        return unmet(*left)
    new = [i for i in evidence.inventory.production if isinstance(i, Endpoint) and i.system == lock.target]
    guarded = by_rules(evidence, ("JOB701", "JOB702"))
    if new and guarded.state != "met":
        return guarded
    if not lock.endpoints and not new:
        return nothing("neither system calls routes of this application")
    return met(
        *(f"{e.name} of {e.path}:{e.line} is gone" for e in lock.endpoints), *(f"{i.location.place}: {i.name} is guarded" for i in new)
    )


GATE = Gate(
    id="G02",
    title="Routes of the old system are gone",
    asks="Is every route that the old system called gone, with the rewrites that led to it, and does every new one check who calls?",
    how="Endpoints of the audit; rewrites in netlify.toml, vercel.json, next.config and nginx.conf that name the old system; JOB701 and "
    "JOB702 for the new ones. Rewrites in a dashboard cannot be seen.",
    answered_by="machine",
    check=check,
)
