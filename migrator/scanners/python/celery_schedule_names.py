"""Where beat's schedule is kept and put together: the names that hold it, and the expressions that become part of it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.syntax.tree import ancestors, walk
from migrator.syntax.tree import field as child

_SUFFIX = "beat_schedule"
#: entries say when they fire; what only plans jobs of its own, or reads them from a database, does not say so in a key
_SAYS_WHEN = regex(rb"""["']schedule["']|\bdict\(""")


def is_tied(view: View, node: Node, named: set[str]) -> bool:
    """True if the entry is seen to become part of beat's schedule."""
    if node.type == "assignment":
        return _is_schedule(view, child(node, "left", "value"), named)
    if node.type == "call":
        return _is_schedule(view, child(node, "function", "object"), named)
    for ancestor in ancestors(node):
        match ancestor.type:
            case "assignment" | "augmented_assignment":
                return _is_schedule(view, child(ancestor, "left"), named)
            case "call":
                function = child(ancestor, "function")
                if _is_schedule(view, child(function, "object"), named):
                    return True
            case "keyword_argument":
                if _is_schedule(view, child(ancestor, "name"), named):
                    return True
            case "pair":
                key = child(ancestor, "key")
                if key is not None and view.evaluator.text(view.place(key)).lower().endswith(_SUFFIX):
                    return True
            case "block" | "module":
                return False
            case _:
                pass
    return False


def _is_schedule(view: View, node: Node | None, named: set[str]) -> bool:
    """True for what holds beat's schedule: `CELERY_BEAT_SCHEDULE`, `app.conf.beat_schedule`, `conf["beat_schedule"]`."""
    if node is None:
        return False
    if node.type == "identifier":
        name = view.source.text(node)
        return name in named or name.lower().endswith(_SUFFIX)
    if node.type == "attribute":
        name = child(node, "attribute")
        return name is not None and view.source.text(name).lower().endswith(_SUFFIX)
    key = child(node, "subscript") if node.type == "subscript" else None
    return key is not None and view.evaluator.text(view.place(key)).lower().endswith(_SUFFIX)


def names_of_schedules(view: View) -> set[str]:
    """Names in this file whose value becomes beat's schedule: `conf.update(beat_schedule=entries)`, `return entries`."""
    names = {view.source.text(n) for p in sources(view, set()) for n in _merged(p.node)}
    for function in view.source.nodes("function_definition"):
        name = child(function, "name")
        if name is None or "schedule" not in view.source.text(name).lower() or not _SAYS_WHEN.search(function.text or b""):
            continue
        for statement in walk(function, ("return_statement",)):
            value = statement.named_children[0] if statement.named_children else None
            if value is not None and value.type == "identifier":
                names.add(view.source.text(value))
    return names


def _merged(node: Node) -> Iterator[Node]:
    """The names of which a schedule is put together: itself, `{**a, **b}`, `a | b`."""
    if node.type == "identifier":
        yield node
    elif node.type in ("dictionary", "dictionary_splat", "binary_operator"):
        for inner in node.named_children:
            if inner.type != "pair":
                yield from _merged(inner)


def sources(view: View, named: set[str]) -> Iterator[Place]:
    """Expressions whose value becomes beat's schedule, or is merged into it."""
    for node in view.source.nodes("assignment", "augmented_assignment", "keyword_argument", "call", "pair"):
        value: Node | None = None
        match node.type:
            case "assignment" | "augmented_assignment":
                value = child(node, "right") if _is_schedule(view, child(node, "left"), named) else None
            case "keyword_argument":
                value = child(node, "value") if _is_schedule(view, child(node, "name"), named) else None
            case "pair":
                key = child(node, "key")
                if key is not None and view.evaluator.text(view.place(key)).lower().endswith(_SUFFIX):
                    value = child(node, "value")
            case _:
                name, arguments = child(node, "function", "attribute"), child(node, "arguments")
                is_update = name is not None and view.source.text(name) == "update"
                if is_update and arguments is not None and _is_schedule(view, child(node, "function", "object"), named):
                    value = next((n for n in arguments.named_children if n.type not in ("comment", "keyword_argument")), None)
        if value is not None:
            yield view.place(value)
