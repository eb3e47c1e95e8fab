"""Which of the things that a name is given under conditions it may stand for further on: what each branch of a statement leaves it with."""

from __future__ import annotations

from tree_sitter import Node

from migrator.scanners.linking.conditions import LEAVES
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import FUNCTIONS, ancestors, contains, field

#: statements of which one branch is run
_BRANCHING = frozenset(("if_statement", "match_statement", "switch_statement", "try_statement"))
_BRANCHES = frozenset(("if_statement", "elif_clause", "else_clause", "case_clause", "switch_case", "switch_default", "try_statement"))
#: what is run where the body of a `try` fails
_HANDLERS = frozenset(("catch_clause", "except_clause", "except_group_clause"))
_BLOCKS = frozenset(("block", "statement_block", "switch_case", "switch_default"))


def reaching(bindings: list[Binding], at: Node) -> list[tuple[Binding, int]]:
    """(binding, branch) of a name at a place after a statement with branches: the last one of each branch, and the one before."""
    # `let queue;` gives it nothing.
    given = (b for b in bindings if b.node.end_byte <= at.start_byte and (b.value is not None or b.node.type != "variable_declarator"))
    before = sorted(given, key=lambda b: b.node.start_byte)
    if len(before) < 2 or any(b.scope.id != before[0].scope.id or b.kind not in ("value", "parameter") or b.path for b in before):
        return []
    branching = _branching(before[-1].node, at)
    if branching is None:
        return []
    inside = [b for b in before if contains(branching, b.node) and not _leaves(b.node, branching)]
    last = [b for i, b in enumerate(inside) if not any(_overrides(later, b, branching) for later in inside[i + 1 :])]
    earlier = [b for b in before if b.node.end_byte <= branching.start_byte]
    falls_through = _may_fall_through(branching) or len({_branch(b.node, branching) for b in inside}) < _count(branching)
    before_it = [(b, -1) for b in earlier[-1:]] if falls_through else []
    return [*before_it, *((b, _branch(b.node, branching)) for b in last)]


def _branching(node: Node, at: Node) -> Node | None:
    """The outermost statement with branches around a binding that ends before `at`, within the same function."""
    found: Node | None = None
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS or contains(ancestor, at):
            break
        if ancestor.type in _BRANCHING:
            found = ancestor
    return found


def _branch(node: Node, within: Node) -> int:
    """Where the innermost branch around a node begins."""
    return next((a.start_byte for a in ancestors(node) if _is_branch(a) or a.id == within.id), within.start_byte)


def _is_branch(node: Node) -> bool:
    """True for a branch of a statement; of a `try` the body and what is run where it fails are such, if both may go on after it."""
    if node.type in _BRANCHES or node.type in _HANDLERS:
        return True
    outer = node.parent
    return outer is not None and outer.type == "try_statement" and node == field(outer, "body") and bool(_handlers(outer))


def _handlers(tried: Node) -> list[Node]:
    """What is run where the body of a `try` fails and does not leave the function or loop."""
    found = [c for c in tried.named_children if c.type in _HANDLERS]
    blocks = [(handler, [c for c in handler.named_children if c.type in _BLOCKS][-1:]) for handler in found]
    return [handler for handler, block in blocks if not (block and block[0].named_children and block[0].named_children[-1].type in LEAVES)]


def _overrides(later: Binding, earlier: Binding, within: Node) -> bool:
    """True if whoever runs the earlier binding runs the later one, too: it stands in the same branch, or in one around it."""
    around = {a.start_byte for a in ancestors(earlier.node) if _is_branch(a) and contains(within, a)}
    return _branch(later.node, within) in around | {_branch(earlier.node, within)} and not _parted(earlier.node, later.node, within)


def _leaves(node: Node, within: Node) -> bool:
    """True if whoever passes a node within a statement with branches leaves by `return` or the like, and does not come out of it."""
    blocks = (a for a in ancestors(node) if a.type in _BLOCKS and contains(within, a))
    return any(block.named_children[-1].type in LEAVES for block in blocks)


def _parted(one: Node, other: Node, within: Node) -> bool:
    """True for the branches of one statement: of an `if`, the consequence and what comes after it."""
    for ancestor in ancestors(one):
        if ancestor.type == "if_statement":
            consequence = field(ancestor, "consequence")
            if consequence is not None and contains(consequence, one) != contains(consequence, other) and contains(ancestor, other):
                return True
        if ancestor.id == within.id:
            return False
    return False


def _may_fall_through(branching: Node) -> bool:
    """True for an `if` without `else`, a `switch` without `default`, and for a `match`, whose last case need not hold."""
    if branching.type == "switch_statement":
        return not any(case.type == "switch_default" for case in _cases(branching))
    if branching.type == "try_statement":
        return False
    otherwise = next((c for c in branching.named_children if c.type == "else_clause"), None)
    again = _else_if(otherwise)
    return branching.type != "if_statement" or otherwise is None or (again is not None and _may_fall_through(again))


def _count(branching: Node) -> int:
    """How many branches an `if` has, or a `try`, or a `switch`: cases without statements share those of the next."""
    if branching.type == "switch_statement":
        return sum(len(case.named_children) > (case.type == "switch_case") for case in _cases(branching))
    if branching.type == "try_statement":
        return 1 + len(_handlers(branching))
    others = [c for c in branching.named_children if c.type in ("elif_clause", "else_clause")]
    return 1 + sum(1 if (again := _else_if(clause)) is None else _count(again) for clause in others)


def _cases(switch: Node) -> list[Node]:
    body = field(switch, "body")
    return [case for case in (body.named_children if body is not None else ()) if case.type in _BRANCHES]


def _else_if(clause: Node | None) -> Node | None:
    """The `if` of JavaScript's `else if`."""
    within = clause.named_children if clause is not None and clause.type == "else_clause" else []
    return within[0] if len(within) == 1 and within[0].type == "if_statement" else None
