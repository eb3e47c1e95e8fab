"""Calls that send a job by a name that only the run knows: any job can be meant."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.expressions import string
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Inventory
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

_SENDS = frozenset(("delay", "apply_async"))
#: what finds something by a name: the jobs of whole modules can be behind it
_BY_NAME = frozenset(("getattr", "globals", "locals", "vars", "import_module", "import_string", "__import__", "load_object"))


def unknown_sends(tree: CodeTree, inventory: Inventory) -> Iterator[Problem]:
    """A problem of all jobs for each such call that the scan could not resolve.

    What a parameter stands for is no such call: a job that is handed to one is used as a value, and stays for that.
    """
    for loose in inventory.unresolved:
        if loose.system not in ("", "celery") or loose.path not in tree or not loose.path.endswith(".py"):
            continue
        source = tree.source(loose.path)
        for call in walk(source.root, ("call",)):
            callee = child(call, "function")
            receiver, word = child(callee, "object"), child(callee, "attribute")
            if receiver is None or word is None or source.text(word) not in _SENDS or word.start_point.row + 1 != loose.line:
                continue
            if _by_name(tree, source, receiver):
                yield Problem("MIG126", "a job is looked up by a name that only the run knows", source.location(call))


def _by_name(tree: CodeTree, source: Source, node: Node) -> bool:
    if node.type == "identifier":
        bindings = tree.bindings(source.path).lookup(source.text(node), node)
        return any(b.value is not None and _looks_up(source, b.value) for b in bindings)
    return _looks_up(source, node)


def _looks_up(source: Source, node: Node) -> bool:
    """True for an expression that asks something for a name that is no literal, or asks the modules that are loaded."""
    for call in walk(node, ("call",)):
        callee, given = child(call, "function"), child(call, "arguments")
        last = source.text(child(callee, "attribute") or callee) if callee is not None else ""
        if last in _BY_NAME and not (last == "getattr" and given is not None and string(source, given.named_children[-1])):
            return True
    return any(source.text(n) in ("sys.modules", "modules") for n in walk(node, ("attribute", "identifier")))
