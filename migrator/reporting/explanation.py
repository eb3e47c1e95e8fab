"""What a rule, a live check, a trap, a gate, a limit or a capability is about, for a terminal."""

from __future__ import annotations

import difflib

from migrator.cutover.gate import Answerer, Gate
from migrator.cutover.registry import gates
from migrator.errors import MigratorError
from migrator.live.check import checks
from migrator.reporting.rule_pages import live_page, rule_page
from migrator.reporting.trap_pages import trap_page
from migrator.reporting.vocabulary import capability_page, limit_page
from migrator.rules.registry import rules
from migrator.systems import CAPABILITIES, LIMIT_CHECKS
from migrator.systems.traps import all_traps


def explanation(name: str) -> str:
    """The page of whatever has that id or name; without a name, a line for each rule and live check.

    Raises:
        MigratorError: nothing has that id or name.
    """
    if not name:
        return "".join(f"{rule.id:<6}  {rule.severity:<8}  {rule.name}: {rule.title}\n" for rule in (*rules(), *checks()))
    for rule in rules():
        if name.upper() == rule.id or name == rule.name:
            return rule_page(rule)
    for check in checks():
        if name.upper() == check.id or name == check.name:
            return live_page(check)
    for gate in gates():
        if name.upper() == gate.id:
            return _gate(gate)
    if name.upper() in all_traps():
        return trap_page(all_traps()[name.upper()])
    if name.upper() in LIMIT_CHECKS:
        return limit_page(LIMIT_CHECKS[name.upper()])
    if name.lower() in CAPABILITIES:
        return capability_page(CAPABILITIES[name.lower()])
    ids = [*(r.id for r in rules()), *(c.id for c in checks()), *(g.id for g in gates()), *all_traps(), *LIMIT_CHECKS]
    known = [*ids, *(r.name for r in rules()), *(c.name for c in checks()), *CAPABILITIES]
    close = difflib.get_close_matches(name, known, 1)
    remedy = f"Did you mean {close[0]}?" if close else "`migrate explain` lists the rules."
    raise MigratorError("is no rule, trap, gate, limit or capability", place=name, remedy=remedy)


_ANSWERERS: dict[Answerer, str] = {
    "machine": "Answered by a check.",
    "person": "Answered by a person: `migrate attest {id} --by WHO --note TEXT`.",
    "either": "Answered by a check; where that cannot tell, by a person: `migrate attest {id} --by WHO --note TEXT`.",
}


def _gate(gate: Gate) -> str:
    return f"# {gate.id} {gate.title}\n\n{gate.asks}\n\n{_ANSWERERS[gate.answered_by].format(id=gate.id)}\n\n{gate.how}\n"
