"""The module that makes the Celery application: what else it does, and what is left of it when no job needs Celery any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.celery_to_dramatiq.settings import STARTING_METHODS, Settings
from migrator.codemods.python.copying import copy_expression
from migrator.codemods.python.expressions import is_docstring
from migrator.codemods.python.imports import imported_names, remove_names, whole_lines
from migrator.codemods.python.mentions import Mention
from migrator.codemods.python.names import External, Names, Symbol
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

_IMPORTS = frozenset(("import_statement", "import_from_statement", "future_import_statement"))


@dataclass(frozen=True, slots=True)
class Construction:
    """`app = Celery(…)` at the top of a module."""

    app: Symbol
    source: Source
    call: Node
    statement: Node


@dataclass(slots=True)
class Preparation:
    """Statements of the application's module that a worker relied on: `lines` to repeat, with the `imports` that they need."""

    lines: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    django_settings: bool = False


def find_application(tree: CodeTree, names: Names) -> Construction | Problem | None:
    """The one application; None if none is made anywhere, a problem if it is not the only one or not made plainly."""
    found: list[tuple[Source, Node]] = []
    for path in tree.containing(b"elery"):
        source = tree.source(path)
        for call in walk(source.root, ("call",)):
            callee = child(call, "function")
            if callee is not None and names.origins(source, callee) & {External("celery.Celery"), External("celery.app.base.Celery")}:
                found.append((source, call))
    if not found:
        return None
    source, call = found[-1]
    assignment = call.parent
    statement = assignment.parent if assignment is not None else None
    target = child(assignment, "left") if assignment is not None and assignment.type == "assignment" else None
    plain = target is not None and target.type == "identifier" and statement is not None and statement.parent == source.root
    if len(found) > 1:
        others = ", ".join(f"{s.path}:{c.start_point.row + 1}" for s, c in found[:-1])
        return Problem("MIG156", f"there is more than one Celery application (also at {others})", source.location(call))
    if not plain or target is None or statement is None:
        return Problem(
            "MIG156", "the Celery application is not made once, by `app = Celery(…)` at the top of a module", source.location(call)
        )
    name = source.text(target)
    if len(tree.bindings(source.path).module.get(name, [])) != 1:
        return Problem("MIG156", f"the name `{name}` stands for more than the application", source.location(call))
    return Construction(Symbol(source.path, name), source, call, statement)


def read_preparation(tree: CodeTree, construction: Construction, settings: Settings) -> Preparation:
    """What the module does besides making and configuring the application."""
    preparation, source = Preparation(), construction.source
    last: Node | None = None
    for node in source.root.named_children:
        if node == construction.statement or _is_passive(node) or _is_understood(source, node, settings):
            continue
        if node.type == "expression_statement" and _copied(tree, source, node, preparation):
            continue
        if _is_main(source, node):
            continue
        # One comment for statements in a row.
        if last is None or node.prev_named_sibling != last:
            reason = "the module of the application does something that a worker may rely on"
            preparation.problems.append(Problem("MIG156", reason, source.location(node)))
        last = node
    return preparation


def loaded_by(tree: CodeTree, construction: Construction) -> set[str]:
    """Modules of the project that the application's module loads, perhaps for what they do when they are loaded."""
    source = construction.source
    found: set[str] = set()
    for imported in imported_names(source):
        module = child(imported.statement, "module_name")
        dotted = source.text(module if module is not None else imported.part).split(" as ")[0]
        paths = [tree.resolve(source.path, dotted)]
        if module is not None:
            name = child(imported.part, "name") or imported.part
            paths.append(tree.resolve(source.path, f"{dotted}{'' if dotted.endswith('.') else '.'}{source.text(name)}"))
        found |= {tree.module_of(path) for path in paths if path and path != source.path and not path.endswith("__init__.py")}
    return found


def _is_passive(node: Node) -> bool:
    """Statements that only name things."""
    if node.type in (*_IMPORTS, "comment", "function_definition", "class_definition", "decorated_definition") or is_docstring(node):
        return True
    inner = node.named_children[0] if node.type == "expression_statement" and node.named_children else None
    return (
        inner is not None
        and inner.type == "assignment"
        and child(inner, "left", "object") is None
        and child(inner, "left", "value") is None
    )


def _is_understood(source: Source, node: Node, settings: Settings) -> bool:
    """A statement that is one of the calls or assignments that the settings were read from."""
    inner = node.named_children[0] if node.type == "expression_statement" and node.named_children else None
    return inner is not None and (source.path, span(inner)) in settings.understood


def _is_main(source: Source, node: Node) -> bool:
    condition = child(node, "condition") if node.type == "if_statement" else None
    return condition is not None and "__main__" in source.text(condition)


def _copied(tree: CodeTree, source: Source, node: Node, preparation: Preparation) -> bool:
    """A call such as `load_dotenv()` is repeated in the generated module."""
    inner = node.named_children[0]
    copy = copy_expression(tree, source, inner) if inner.type == "call" else None
    if copy is None or copy.assignments:
        return False
    preparation.lines.append(copy.text)
    preparation.imports += [line for line in copy.imports if line not in preparation.imports]
    preparation.django_settings = preparation.django_settings or "DJANGO_SETTINGS_MODULE" in copy.text
    return True


def dismantle(
    tree: CodeTree, construction: Construction, settings: Settings, mentions: Iterable[Mention], repeated: Collection[str]
) -> tuple[list[str], list[tuple[str, Span, str]]]:
    """(files that go, edits) that take the application out of the tree. `repeated`: statements that the generated module repeats."""
    source = construction.source
    rest = [n for n in source.root.named_children if not _is_gone(source, n, construction, settings) and source.text(n) not in repeated]
    edits: list[tuple[str, Span, str]] = []
    removed: list[str] = []
    idle = all(n.type in (*_IMPORTS, "comment") or is_docstring(n) or _is_main(source, n) for n in rest)
    if idle and not source.path.endswith("__init__.py"):
        removed.append(source.path)
    else:
        for node in source.root.named_children:
            where = whole_lines(source, node)
            if where is not None and (_is_gone(source, node, construction, settings) or _only_starts(source, node, settings)):
                edits.append((source.path, where, ""))
    found = list(mentions)
    # A script that starts a worker is left as it is, its import too.
    starting = {m.source.path for m in found if m.attribute_name in STARTING_METHODS and m.source.path != source.path}
    for mention in found:
        if mention.imported and mention.source.path not in removed and mention.source.path not in starting:
            edits += _import_out(tree, mention)
    return removed, edits


def _only_starts(source: Source, node: Node, settings: Settings) -> bool:
    """True for `if __name__ == "__main__": app.start()`."""
    body = child(node, "consequence")
    if not _is_main(source, node) or body is None or child(node, "alternative") is not None:
        return False
    return all(c.type == "comment" or _is_understood(source, c, settings) for c in body.named_children)


def _is_gone(source: Source, node: Node, construction: Construction, settings: Settings) -> bool:
    return node == construction.statement or _is_understood(source, node, settings)


def _import_out(tree: CodeTree, mention: Mention) -> list[tuple[str, Span, str]]:
    """An import of the application, and its name in `__all__`."""
    source = mention.source
    parts = [i for i in imported_names(source) if i.part.start_byte <= mention.node.start_byte < i.part.end_byte]
    edits = [(source.path, where, text) for where, text in remove_names(source, parts)]
    for part in parts:
        for binding in tree.bindings(source.path).module.get("__all__", []):
            if binding.value is not None:
                edits += [(source.path, where, text) for where, text in _out_of_all(source, binding.value, part.name)]
    return edits


def _out_of_all(source: Source, value: Node, name: str) -> list[tuple[Span, str]]:
    elements = [n for n in value.named_children if n.type == "string"]
    index = next((n for n, node in enumerate(elements) if source.text(node).strip("\"'") == name), -1)
    if index < 0:
        return []
    if len(elements) == 1:
        statement = value.parent.parent if value.parent is not None else None
        where = whole_lines(source, statement) if statement is not None else None
        return [(where, "")] if where is not None else []
    if index + 1 < len(elements):
        return [(Span(elements[index].start_byte, elements[index + 1].start_byte), "")]
    return [(Span(elements[index - 1].end_byte, elements[index].end_byte), "")]
