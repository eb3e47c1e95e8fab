"""Does an expression of TypeScript or JavaScript have one outcome only, wherever and whenever the code runs?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tree_sitter import Node

from migrator.syntax.bindings import Binding, Bindings
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, ancestors, field, walk

_EITHER = frozenset(("??", "||", "&&"))
_OUTSIDE = ("process.env", "import.meta.env", "Bun.env", "Deno.env")
_ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression", "update_expression")
#: methods that change a list in place
_GROWS = frozenset(("push", "unshift", "splice", "pop", "shift"))
#: what makes a function give more than one thing
_BRANCHES = ("if_statement", "switch_statement", "ternary_expression", "for_statement", "for_in_statement", "while_statement")
#: how many names are followed from one to the next
_STEPS = 12


class Modules(Protocol):
    """The files of a tree, and where imports lead in it."""

    def source(self, path: str, /) -> Source: ...

    def bindings(self, path: str, /) -> Bindings: ...

    def resolve(self, importer: str, specifier: str, /) -> str: ...


def open_parts(project: Modules, source: Source, node: Node, leave_out: frozenset[str] = frozenset()) -> Iterator[str]:
    """The parts of an expression, in the words of the code, that more than one outcome hangs on.

    Names are followed through files. `leave_out`: keys of objects and methods that are called, whose values and arguments do not matter.
    """
    return _open(project, source, node, _STEPS, leave_out)


def _open(project: Modules, source: Source, node: Node, steps: int, leave_out: frozenset[str]) -> Iterator[str]:
    text = source.text(node)
    if node.type in FUNCTIONS | CLASSES or steps == 0:
        return
    if node.type in ("ternary_expression", "await_expression") or text.startswith(_OUTSIDE):
        yield _short(text)
        return
    operator = field(node, "operator")
    if node.type == "binary_expression" and operator is not None and source.text(operator) in _EITHER:
        yield _short(text)
        return
    if node.type == "this":
        yield text
        return
    if node.type == "call_expression":
        method = field(node, "function", "property")
        if method is not None and source.text(method) in leave_out:
            return
        yield from _called(project, source, node)
    if node.type == "member_expression" and _made(project, source, field(node, "object")):
        yield _short(text)
        return
    if node.type == "pair" and source.text(field(node, "key") or node).strip("'\"") in leave_out:
        return
    if node.type in ("identifier", "shorthand_property_identifier"):
        yield from _named(project, source, node, steps - 1, leave_out)
        return
    for inner in node.named_children:
        yield from _open(project, source, inner, steps, leave_out)


def _called(project: Modules, source: Source, call: Node) -> Iterator[str]:
    """A function that branches may give another thing each time."""
    callee = field(call, "function")
    if callee is None or callee.type != "identifier":
        return
    for binding in project.bindings(source.path).lookup(source.text(callee), callee)[:1]:
        if binding.kind == "function" and any(walk(binding.node, _BRANCHES)):
            yield _short(source.text(call))


def _made(project: Modules, source: Source, owner: Node | None) -> bool:
    """True for a name of an object that was made with `new`: what it holds and gives changes as the program goes on."""
    if owner is None or owner.type != "identifier":
        return False
    bound = project.bindings(source.path).lookup(source.text(owner), owner)[:1]
    return any(b.value is not None and b.value.type == "new_expression" for b in bound)


def _named(project: Modules, source: Source, node: Node, steps: int, leave_out: frozenset[str]) -> Iterator[str]:
    name = source.text(node)
    bound = project.bindings(source.path).lookup(name, node)
    if len(bound) > 1 or any(_changes(source, b) for b in bound):
        yield name
    for binding in bound[:1]:
        if binding.kind == "import":
            yield from _exported(project, source.path, binding.module, binding.member, steps, leave_out)
        elif binding.kind == "value" and binding.value is not None:
            yield from _open(project, source, binding.value, steps, leave_out)


def _exported(project: Modules, importer: str, module: str, member: str, steps: int, leave_out: frozenset[str]) -> Iterator[str]:
    path = project.resolve(importer, module)
    if not path or steps <= 0:
        return
    source, exports = project.source(path), project.bindings(path).exports()
    export = exports.get(member)
    if export is not None:
        if export.module:
            yield from _exported(project, path, export.module, export.member, steps - 1, leave_out)
        elif export.value is not None:
            yield from _open(project, source, export.value, steps - 1, leave_out)
        else:
            for binding in project.bindings(path).module.get(export.local, ()):
                if _changes(source, binding):
                    yield export.local
                elif binding.kind == "import":
                    yield from _exported(project, path, binding.module, binding.member, steps - 1, leave_out)
                elif binding.kind == "value" and binding.value is not None:
                    yield from _open(project, source, binding.value, steps - 1, leave_out)


def _changes(source: Source, binding: Binding) -> bool:
    """True for a variable that is given another value somewhere in its file, and for a list that grows or shrinks."""
    for node in walk(source.root, ("call_expression",)):
        name, owner = field(node, "function", "property"), field(node, "function", "object")
        if name is not None and owner is not None and source.text(owner) == binding.name and source.text(name) in _GROWS:
            return True
    declared = next((a for a in ancestors(binding.node) if a.type in ("lexical_declaration", "variable_declaration")), binding.node)
    if binding.kind != "value" or source.text(declared).startswith("const"):
        return False
    for node in walk(source.root, _ASSIGNMENTS):
        left = field(node, "left") or field(node, "argument")
        if left is not None and source.text(left) == binding.name:
            return True
    return False


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"
