"""Conditions on the environment by which code picks the one process in which a clock ticks."""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.jobs import Job, Schedule
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, contains, field, name_of, walk

#: what code asks to learn what its process is there for
_ROLES = regex(
    r"(?:process\.env|environ|getenv|settings|config|env)[\w.?\[\"'(]*(?:CRON|SCHEDUL|WORKER|JOBS|ROLE)",
    re.IGNORECASE,
)
_LEAVES = frozenset(("return_statement", "throw_statement", "raise_statement", "continue_statement"))
_EXITS = regex(r"(?:process\.|sys\.)?exit$")
_STATEMENTS = ("if_statement", "elif_clause")
_BRANCHES = (*_STATEMENTS, "ternary_expression", "conditional_expression", "binary_expression", "boolean_operator")


def chosen(evidence: Evidence, schedule: Schedule, job: Job | None) -> bool:
    """True if a condition on the environment decides whether a schedule is made at all, or whether its job does something."""
    if not (branches := _branches(evidence, schedule.location.path)):
        return False
    view = evidence.bodies.view(schedule.location.path)
    span = schedule.entry or schedule.location.span
    made = view.source.root.descendant_for_byte_range(span.start, max(span.start, span.end - 1))
    if made is None:
        return False
    functions = [f for f in ancestors(made) if f.type in FUNCTIONS]
    names = {view.source.text(name) for function in functions if (name := name_of(function)) is not None}
    for branch, said in branches:
        # A variable that holds the pattern of the schedule says when it fires, not where.
        for held in _held(branch) if said not in view.source.text(made) else ():
            called = (callee_of(call) for call in walk(held, ("call_expression", "call")))
            if contains(held, made) or any(callee is not None and view.source.text(callee) in names for callee in called):
                return True
    found = evidence.handler(job) if job is not None else None
    body = field(found[1], "body") if found is not None and found[0].source.path == view.source.path else None
    return body is not None and any(branch.parent == body and _leaves(branch) for branch, _ in branches)


def asked(evidence: Evidence, path: str) -> Spot | None:
    """A statement that asks the environment, anywhere in a file, of which only the run tells what it decides."""
    for branch, said in _branches(evidence, path):
        if branch.type in _STATEMENTS or (branch.parent is not None and branch.parent.type == "expression_statement"):
            return Spot(path, branch.start_point.row + 1, f"`{said}`")
    return None


def _branches(evidence: Evidence, path: str) -> list[tuple[Node, str]]:
    """The branches of a file whose condition asks the environment for what the process is there for, and what it asks."""
    if _ROLES.search(evidence.tree.read(path).decode("utf-8", "replace")) is None:
        return []
    view = evidence.bodies.view(path)
    found = ((node, _asks(view, said)) for node in view.source.nodes(*_BRANCHES) if (said := _condition(node)) is not None)
    return [(node, said) for node, said in found if said]


def _condition(branch: Node) -> Node | None:
    match branch.type:
        case "binary_expression" | "boolean_operator":
            operator = field(branch, "operator")
            return field(branch, "left") if operator is not None and operator.type in ("&&", "||", "and", "or") else None
        case "conditional_expression":
            return branch.named_children[1]
        case _:
            return field(branch, "condition")


def _asks(view: View, condition: Node) -> str:
    """What a condition asks of the environment, or the name that was given what the environment said; empty for neither."""
    asked_here = _ROLES.search(view.source.text(condition))
    if asked_here is not None:
        return asked_here[0]
    bindings = view.project.bindings(view.source.path)
    for name in walk(condition, ("identifier",)):
        bound = next(iter(bindings.lookup(view.source.text(name), name)), None)
        if bound is not None and bound.kind == "value" and bound.value is not None and _ROLES.search(view.source.text(bound.value)):
            return bound.name
    return ""


def _held(branch: Node) -> list[Node]:
    """What runs only by the condition of a branch: what is in it, or what stands after it where it leaves."""
    inner = [n for n in branch.named_children if n != _condition(branch)]
    if _leaves(branch) and branch.parent is not None:
        inner += [n for n in branch.parent.named_children if n.start_byte > branch.start_byte]
    return inner


def _leaves(branch: Node) -> bool:
    kept = field(branch, "consequence") if branch.type == "if_statement" else None
    return kept is not None and any(_ends(s) for s in (kept, *kept.named_children))


def _ends(statement: Node) -> bool:
    call = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
    callee = callee_of(call)
    return statement.type in _LEAVES or (callee is not None and _EXITS.match((callee.text or b"").decode("utf-8", "replace")) is not None)
