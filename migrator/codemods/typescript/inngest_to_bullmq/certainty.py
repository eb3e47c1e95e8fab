"""Is what the scan read of a function the same wherever the code runs? The generated code holds it, so it must not depend on anything."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.codemods.typescript.inngest_to_bullmq.sites import Function, pairs
from migrator.codemods.typescript.project import Project
from migrator.syntax.bindings import Binding, Export
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, ancestors, field, walk

#: options that the route table or the rewritten definition say in other words
_READ = ("id", "name", "retries", "concurrency", "idempotency", "triggers")
#: entries of a trigger that the worker reads from the definition itself, when it starts
_LATER = frozenset(("cron", "schema", "jitter"))
_EITHER = frozenset(("??", "||", "&&"))
_OUTSIDE = ("process.env", "import.meta.env", "Bun.env", "Deno.env")
_ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression", "update_expression")
#: how many names are followed from one to the next
_STEPS = 12


def read_certainty(project: Project, function: Function) -> None:
    """Block a function whose id, triggers or numbers are only decided when the code runs."""
    entries = pairs(function.source, function.options)
    for name in entries:
        if name.startswith("["):
            function.block("MIG447", f"the name of its option `{name}` is computed")
    asked = [(f"its option `{n}`", field(entries[n], "value") or entries[n]) for n in _READ if n in entries]
    arguments = field(function.call, "arguments")
    given = [n for n in arguments.named_children if n.type != "comment"] if arguments is not None else []
    if len(given) > 2:
        asked.append(("what starts it", given[1]))
    for what, node in asked:
        found = next(_open(project, function.source, node, _STEPS), "")
        if found:
            function.block("MIG447", f"{what} depends on `{found}`, which is only known at run time")


def _open(project: Project, source: Source, node: Node, steps: int) -> Iterator[str]:
    """The parts of an expression that have more than one outcome."""
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
    if node.type == "pair" and source.text(field(node, "key") or node).strip("'\"") in _LATER:
        return
    if node.type in ("identifier", "shorthand_property_identifier"):
        yield from _named(project, source, node, steps - 1)
        return
    for inner in node.named_children:
        yield from _open(project, source, inner, steps)


def _named(project: Project, source: Source, node: Node, steps: int) -> Iterator[str]:
    name = source.text(node)
    bound = project.bindings(source.path).lookup(name, node)
    if len(bound) > 1 or any(_changes(source, b) for b in bound):
        yield name
    for binding in bound[:1]:
        if binding.kind == "import":
            yield from _exported(project, source.path, binding.module, binding.member, steps)
        elif binding.kind == "value" and binding.value is not None:
            yield from _open(project, source, binding.value, steps)


def _exported(project: Project, importer: str, module: str, member: str, steps: int) -> Iterator[str]:
    path = project.resolve(importer, module)
    if not path or steps <= 0:
        return
    source, exports = project.source(path), project.bindings(path).exports()
    # A namespace stands for everything in it.
    wanted: list[Export] = [*exports.values()] if member == "*" else [e for e in (exports.get(member),) if e is not None]
    for export in wanted:
        if export.module:
            yield from _exported(project, path, export.module, export.member, steps - 1)
        elif export.value is not None:
            yield from _open(project, source, export.value, steps - 1)
        else:
            for binding in project.bindings(path).module.get(export.local, ()):
                if _changes(source, binding):
                    yield export.local
                elif binding.kind == "import":
                    yield from _exported(project, path, binding.module, binding.member, steps - 1)
                elif binding.kind == "value" and binding.value is not None:
                    yield from _open(project, source, binding.value, steps - 1)


def _changes(source: Source, binding: Binding) -> bool:
    """True for a variable that is given another value somewhere in its file."""
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
