"""What becomes of the value of a call that sends a job: nothing, its id, or something that Dramatiq cannot give."""

from __future__ import annotations

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Problem, Use
from migrator.codemods.python.mentions import called_by
from migrator.codemods.python.tree import CodeTree
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, ancestors, walk
from migrator.syntax.tree import field as child

_ID = frozenset(("id", "task_id"))
#: expressions whose value is the value of one of their parts
_PASSING = frozenset(("parenthesized_expression", "boolean_operator", "conditional_expression", "list_comprehension", "set_comprehension"))
#: functions that drop what their callback returns
_DROPPING = frozenset(("on_commit", "call_later", "call_soon", "Timer"))


def check_result(tree: CodeTree, source: Source, call: Node, use: Use, *, ids: bool, message: bool = True) -> None:
    """Rewrite or refuse the use of a call's value. `ids`: reading the id is fine; `message`: the new value is a message."""
    outer: Node = call
    while outer.parent is not None and outer.parent.type in _PASSING:
        outer = outer.parent
    parent = outer.parent
    if parent is None or parent.type == "expression_statement":
        return
    if parent.type == "lambda":
        if not is_callback(source, parent):
            where = source.location(call)
            use.problems.append(Problem("MIG125", "its value is the value of a lambda, whose callers may use it", where, unsafe=True))
        return
    nodes = _ids(tree, source, outer, call)
    if nodes is None or not message:
        use.problems.append(Problem("MIG125", "the value of the call is used", source.location(call)))
    elif nodes and not ids:
        use.problems.append(Problem("MIG125", "its id is read, and results are looked up by id elsewhere", source.location(call)))
    else:
        for node in nodes:
            use.change.replace(node, "message_id")


def _ids(tree: CodeTree, source: Source, outer: Node, call: Node) -> list[Node] | None:
    """The member names `id` through which alone the value is used; None if it is used otherwise."""
    parent = outer.parent
    if outer == call and parent is not None and parent.type == "attribute" and child(parent, "object") == outer:
        name = child(parent, "attribute")
        return [name] if name is not None and source.text(name) in _ID and called_by(parent) is None else None
    if parent is None or parent.type != "assignment" or child(parent, "right") != outer:
        return None
    target = child(parent, "left")
    function = next((a for a in ancestors(parent) if a.type in FUNCTIONS), None)
    if target is None or target.type != "identifier" or function is None or function.type == "lambda" or child(parent, "type") is not None:
        return None
    return _ids_of_variable(tree, source, target, function)


def _ids_of_variable(tree: CodeTree, source: Source, target: Node, function: Node) -> list[Node] | None:
    name = source.text(target)
    bound = tree.bindings(source.path).lookup(name, target)
    if len(bound) != 1 or bound[0].scope != function:
        return None
    found: list[Node] = []
    for node in walk(function, ("identifier",)):
        if source.text(node) != name or node == target:
            continue
        parent = node.parent
        if parent is None or child(parent, "attribute") == node or (parent.type == "keyword_argument" and child(parent, "name") == node):
            continue
        member = child(parent, "attribute") if parent.type == "attribute" and child(parent, "object") == node else None
        if member is None or source.text(member) not in _ID:
            return None
        found.append(member)
    return found


def is_callback(source: Source, node: Node) -> bool:
    """True where `node` is handed, alone or in a `partial`, to a function that drops what its callback returns."""
    parent = node.parent
    call = parent.parent if parent is not None and parent.type == "argument_list" else None
    if call is None or call.type != "call":
        return False
    name = child(call, "function")
    last = source.text(child(name, "attribute") or name) if name is not None else ""
    return last in _DROPPING or (last == "partial" and is_callback(source, call))
