"""What a rule, a live check, a trap or a gate is about, for a terminal."""

from __future__ import annotations

import difflib

from migrator.cutover.gate import Answerer, Gate
from migrator.cutover.registry import gates
from migrator.errors import MigratorError
from migrator.live.check import checks
from migrator.reporting.rule_pages import live_page, rule_page
from migrator.rules.registry import rules
from migrator.systems.trap import Trap
from migrator.systems.traps import all_traps


def explanation(name: str) -> str:
    """The page of a rule, live check, gate or trap; without a name, a line for each rule and live check.

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
    trap = all_traps().get(name.upper())
    if trap is not None:
        return _trap(trap)
    known = [
        *(r.id for r in rules()),
        *(r.name for r in rules()),
        *(c.id for c in checks()),
        *(c.name for c in checks()),
        *(g.id for g in gates()),
        *all_traps(),
    ]
    close = difflib.get_close_matches(name, known, 1)
    remedy = f"Did you mean {close[0]}?" if close else "`migrate explain` lists the rules."
    raise MigratorError("is no rule, no trap and no gate", place=name, remedy=remedy)


def _trap(trap: Trap) -> str:
    return f"# {trap.id} {trap.title}\n\nHandling: {trap.handling}\n\n{trap.explanation}\n"


_ANSWERERS: dict[Answerer, str] = {
    "machine": "Answered by a check.",
    "person": "Answered by a person: `migrate attest {id} --by WHO --note TEXT`.",
    "either": "Answered by a check; where that cannot tell, by a person: `migrate attest {id} --by WHO --note TEXT`.",
}


def _gate(gate: Gate) -> str:
    return f"# {gate.id} {gate.title}\n\n{gate.asks}\n\n{_ANSWERERS[gate.answered_by].format(id=gate.id)}\n\n{gate.how}\n"
