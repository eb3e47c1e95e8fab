"""Job systems of a project's own in Python: what stands for a function, and puts it into a queue when asked to. They are said.

`@register_task def tidy(): …` makes `tidy` an object: `tidy()` runs it, `tidy.enqueue()` puts it on its way. Or it makes it a function that
hands the name of `tidy` on: `queue.enqueue(tidy.__module__, tidy.__name__, args)`.
"""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Unresolved
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Project
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.prefilter import Marked
from migrator.scanners.reading import excerpt
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, ancestors, callee_of
from migrator.syntax.tree import field as child

_SENDS = ("enqueue", "delay", "apply_async", "defer", "kiq", "send_with_options")
#: what is looked for in every file: one with none of these has no such class
MARKERS = frozenset((*(f"def {name}(".encode() for name in _SENDS), b".__module__"))
#: how what hands the name of a function on is called
_PUTS = regex(r"(?:\w+_)?(?:enqueue|delay|defer|dispatch|publish|push|put|schedule|send|submit|apply_async)(?:_\w+)?")
_NAMES = (b"__name__", b"__qualname__")
_PLAIN = frozenset(("builtins.object", "typing.Generic", "typing.Protocol", "abc.ABC"))
_WHY = "an object of {} runs a function when it is called and has a method {}: jobs of a system of this project's own, which are not read"
_BY_NAME = "puts the function that {} decorates into a queue by its name: jobs of a system of this project's own, which are not read"


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
        for node in source.nodes("call"):
            decorator = _decorator_around(source, node)
            if decorator and not _is_told(found, path, range(node.start_point.row + 1, node.end_point.row + 2)):
                why = _BY_NAME.format(decorator)
                found.unresolved.append(Unresolved(path, node.start_point.row + 1, why, "", excerpt(source.text(node))))
        source.forget()


def _decorator_around(source: Source, call: Node) -> str:
    """The outermost function around `put(f.__module__, f.__name__, …)`, where a function around that is handed `f`; empty for others."""
    function, given = callee_of(call), child(call, "arguments")
    name = child(function, "attribute") or function
    if name is None or given is None or not _PUTS.fullmatch(source.text(name)):
        return ""
    values = [child(each, "value") or each for each in given.named_children]
    parts = [(owner.text, named.text) for each in values if (owner := child(each, "object")) and (named := child(each, "attribute"))]
    held = {owner for owner, named in parts if named == b"__module__"} & {owner for owner, named in parts if named in _NAMES}
    around = [ancestor for ancestor in ancestors(call) if ancestor.type == "function_definition"]
    # The function that is made on the spot is called later; the one around it is handed what it decorates.
    handed = any(node.text in held for each in around[1:] if (listed := child(each, "parameters")) for node in listed.named_children)
    outermost = child(around[-1], "name") if around else None
    return source.text(outermost) if held and handed and outermost is not None else ""


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
