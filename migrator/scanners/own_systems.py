"""Job systems of a project's own in Python: objects that stand for a function, and put it into a queue when asked to. They are said.

`@register_task def tidy(): …` makes `tidy` such an object: `tidy()` runs it, `tidy.enqueue()` puts it on its way.
"""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Unresolved
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Project
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.prefilter import Marked
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES
from migrator.syntax.tree import field as child

_SENDS = ("enqueue", "delay", "apply_async", "defer", "kiq", "send_with_options")
#: what is looked for in every file: one with none of these has no such class
MARKERS = frozenset(f"def {name}(".encode() for name in _SENDS)
_PLAIN = frozenset(("builtins.object", "typing.Generic", "typing.Protocol", "abc.ABC"))
_WHY = "an object of {} runs a function when it is called and has a method {}: jobs of a system of this project's own, which are not read"


def report_own_systems(marked: Marked, found: Found, project: Project, evaluator: Evaluator) -> None:
    """Say of each such class that its jobs are not read, unless something of a system that is read was found in it."""
    for path in marked.having(MARKERS):
        source = project.source(path)
        for node in source.nodes("class_definition"):
            method = _sends(source, node)
            lines = range(node.start_point.row + 1, node.end_point.row + 2)
            if method and not _is_told(found, path, lines) and _stands_alone(evaluator, source, node):
                name = child(node, "name")
                said = source.text(name) if name is not None else ""
                found.unresolved.append(Unresolved(path, lines.start, _WHY.format(said, method), "", f"class {said}"))
        source.forget()


def _sends(source: Source, node: Node) -> str:
    """The method that puts a function on its way, of a class whose objects can be called, too; empty for any other class."""
    body = child(node, "body")
    members = [child(each, "definition") or each for each in body.named_children] if body is not None else []
    named = [source.text(name) for each in members if each.type == "function_definition" and (name := child(each, "name")) is not None]
    return next((name for name in named if name in _SENDS), "") if "__call__" in named else ""


def _is_told(found: Found, path: str, lines: range) -> bool:
    return any(item.location.path == path and item.location.line in lines for item in found.items)


def _stands_alone(evaluator: Evaluator, source: Source, node: Node, depth: int = 8) -> bool:
    """True for a class that inherits nothing from outside of the tree: what a package's class does is for its reader to know."""
    for base in base_classes(source, node):
        meaning = evaluator.of(source, base)
        if isinstance(meaning, Defined) and meaning.place.node.type in CLASSES and meaning.place.node != node and depth:
            if not _stands_alone(evaluator, meaning.place.source, meaning.place.node, depth - 1):
                return False
        elif meaning.key not in _PLAIN:
            return False
    return True
