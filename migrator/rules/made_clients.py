"""Clients of servers that a job makes for itself: what it makes, whether it keeps it for the next run, and whether it gives it up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import msgspec
from tree_sitter import Node

from migrator.jobs import Job
from migrator.regex import regex
from migrator.rules.database_calls import is_remembered
from migrator.rules.evidence import Evidence
from migrator.scanners.bodies import Reached
from migrator.scanners.reading import View
from migrator.syntax.tree import ancestors, callee_of, contains, field, walk
from migrator.systems.databases import CLIENTS, CLOSES

_TRANSPARENT = ("await", "await_expression", "parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression")
_CALLS = ("call", "call_expression")
_MEMBERS = ("member_expression", "attribute", "subscript_expression", "subscript")
_MISSING = regex(r"!\s*\w|\bnot\b|\bis None\b|===?\s*(?:null|undefined)")
_WITHS = ("with_item", "as_pattern")


class Made(msgspec.Struct, frozen=True):
    """A client that is made anew in each run; `closed`: that function gives it up, or one that it is handed back to."""

    call: Reached
    of: str
    closed: bool


def made(evidence: Evidence, job: Job) -> Iterator[Made]:
    """Every client that a job, or a function that it calls, makes for one run."""
    for call in evidence.calls(job):
        of = CLIENTS.get(call.meaning.key)
        if of is None or is_remembered(call):
            continue
        if not _is_kept(call):
            yield Made(call, of, _is_given_up(call))


def _is_given_up(call: Reached) -> bool:
    """True if the function in which something is made closes it, or one that it is handed back to."""
    view, function = call.view, call.function
    name, _ = given_to(view, call.node, function)
    if is_closed(view, call.node, function, name):
        return True
    return call.by is not None and _is_returned(view, call.node, function, name) and _is_given_up(call.by)


def _is_kept(call: Reached) -> bool:
    """True if the function in which something is made keeps it, or gives it to one that does."""
    view, function = call.view, call.function
    name, kept = given_to(view, call.node, function)
    if kept or _is_looked_for(call, name) or (name and _is_put_away(view, function, name)):
        return True
    return call.by is not None and _is_returned(view, call.node, function, name) and (is_remembered(call.by) or _is_kept(call.by))


def _is_looked_for(call: Reached, name: str) -> bool:
    """True if it is only made where there is none: under `if (!name)`, `if name is None`."""
    for around in ancestors(call.node):
        if around.id == call.function.id:
            return False
        condition = field(around, "condition") if around.type == "if_statement" else None
        if condition is not None and _MISSING.search(call.view.source.text(condition)):
            return not name or name in call.view.source.text(condition)
    return False


def _is_put_away(view: View, function: Node, name: str) -> bool:
    """True if what has this name is given to a member, an entry, or a map."""
    for node in walk(function, ("assignment_expression", "assignment", *_CALLS)):
        if node.type in _CALLS:
            method, given = field(callee_of(node), "property"), field(node, "arguments")
            last = given.named_children[-1] if given is not None and given.named_children else None
            if method is not None and method.text in (b"set", b"push") and last is not None and view.source.text(last) == name:
                return True
            continue
        left, right = field(node, "left"), field(node, "right")
        if left is not None and right is not None and _holding(name).search(view.source.text(right)):
            bound = next(iter(view.project.bindings(view.source.path).lookup(view.source.text(left), left)), None)
            if left.type in _MEMBERS or (bound is not None and not contains(function, bound.scope)):
                return True
    return False


@cache
def _holding(name: str) -> re.Pattern[str]:
    """The name by itself, or in an object or list that holds it."""
    return re.compile(rf"^{re.escape(name)}$|[{{\[,:]\s*{re.escape(name)}\s*[,}}\]]")


def _is_returned(view: View, made: Node, function: Node, name: str) -> bool:
    body = field(function, "body")
    if body is not None and body.type != "statement_block" and contains(body, made) and not view.source.is_python:
        return True
    for statement in walk(function, ("return_statement",)):
        if contains(statement, made) or (name and re.search(rf"\b{re.escape(name)}\b", view.source.text(statement))):
            return True
    return False


def given_to(view: View, made: Node, function: Node) -> tuple[str, bool]:
    """(the name that a value is given; whether what has it outlives the function): a member, a global, a variable of the module."""
    outer = made.parent
    while outer is not None and outer.type in _TRANSPARENT:
        outer = outer.parent
    if outer is None:
        return "", False
    if outer.type in ("binary_expression", "boolean_operator", "ternary_expression"):
        # `kept ?? new Client()`
        return "", True
    left = field(outer, "left") or field(outer, "name")
    if outer.type in ("assignment_expression", "augmented_assignment_expression", "assignment") and left is not None:
        if left.type in _MEMBERS:
            return view.source.text(left), True
        bound = next(iter(view.project.bindings(view.source.path).lookup(view.source.text(left), left)), None)
        outlives = bound is None or not contains(function, bound.scope)
        return view.source.text(left), outlives or _is_global(view, left, function)
    return (view.source.text(left) if left is not None and outer.type == "variable_declarator" else ""), False


def _is_global(view: View, name: Node, function: Node) -> bool:
    text = view.source.text(name)
    said = walk(function, ("global_statement", "nonlocal_statement"))
    return any(re.search(rf"\b{re.escape(text)}\b", view.source.text(statement)) for statement in said)


def is_closed(view: View, made: Node, function: Node, name: str) -> bool:
    """True if `function` closes what it made: by a method, or by a `with`."""
    around = made.parent
    while around is not None and around.type in (*_TRANSPARENT, *_WITHS, "call", "argument_list"):
        if around.type in _WITHS:
            return True
        around = around.parent
    for call in walk(function, _CALLS):
        callee = callee_of(call)
        method, owner = field(callee, "property") or field(callee, "attribute"), field(callee, "object")
        if (
            method is not None
            and view.source.text(method) in CLOSES
            and owner is not None
            and (not name or view.source.text(owner) == name)
        ):
            return True
    return False
