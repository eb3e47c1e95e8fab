"""Jobs and their modules named in strings: what `mock.patch`, `import_module`, settings and other files say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Task
from migrator.codemods.python.expressions import string
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Location, Span
from migrator.jobs.ours import is_ours
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

#: files in which a name is only talked about
PROSE = (".md", ".rst", ".txt", ".lock", ".ipynb", ".html", ".svg", ".csv", ".po", ".mo")
_LOADERS = frozenset(("import_module", "__import__", "import_string", "load_object"))


@dataclass(frozen=True, slots=True)
class Named:
    """A string that names a task; `rest` is what follows the name: `.delay`."""

    source: Source
    node: Node
    task: Task
    rest: str


def named_in_strings(tree: CodeTree, tasks: Mapping[str, Task], aliases: Mapping[str, Task]) -> Iterator[Named]:
    """Every string in a Python file that is a task's dotted name, or begins with it and a dot. `aliases`: names that others give it."""
    names = {**aliases, **{name: task for task in tasks.values() for name in _names(tree, task) if "." in name}}
    for path in tree.containing(*(name.encode() for name in names)) if names else ():
        source = tree.source(path)
        for node in walk(source.root, ("string",)):
            text = string(source, node)
            while text and text not in names:
                text = text.rpartition(".")[0]
            if text:
                yield Named(source, node, names[text], string(source, node)[len(text) :])


def named_elsewhere(tree: CodeTree, tasks: Mapping[str, Task]) -> Iterator[tuple[Location, Task]]:
    """Places in files of other kinds (fixtures, configuration) that hold a task's dotted name."""
    names = {name.encode(): task for task in tasks.values() for name in _names(tree, task) if "." in name}
    for path in tree.paths:
        if path.endswith((".py", *PROSE)):
            continue
        data = tree.data(path)
        if is_ours(data):
            continue
        for name, task in names.items():
            start = data.find(name)
            # `a.b.send` is not a mention of `a.b.se`, nor of `b.send` within another path.
            if start >= 0 and not _word(data[start + len(name) : start + len(name) + 1]) and not _word(data[start - 1 : start]):
                line = data.count(b"\n", 0, start) + 1
                yield Location(path, line, 0, line, Span(start, start + len(name))), task


def loaded_modules(tree: CodeTree, modules: Mapping[str, str]) -> Iterator[tuple[Source, Node, str]]:
    """Calls that load one of `modules` (dotted name -> path) by name and use what they get."""
    for path in tree.containing(*(w.encode() for w in _LOADERS)):
        source = tree.source(path)
        for call in walk(source.root, ("call",)):
            callee, given = child(call, "function"), child(call, "arguments")
            last = source.text(child(callee, "attribute") or callee) if callee is not None else ""
            first = given.named_children[0] if given is not None and given.named_children else None
            used = call.parent is not None and call.parent.type != "expression_statement"
            text = string(source, first)
            if last in _LOADERS and used and text in modules:
                yield source, call, modules[text]


def _names(tree: CodeTree, task: Task) -> set[str]:
    """The names by which a task can be meant: Celery's, and the path to the function."""
    return {task.actor, f"{tree.module_of(task.path)}.{task.symbol}"}


def _word(byte: bytes) -> bool:
    return byte.isalnum() or byte in (b"_", b".")
