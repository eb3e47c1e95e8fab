"""How Python binds names: see `bindings`."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.syntax.bindings import KEYWORDS, NAMESPACE, REST, Binding, Export
from migrator.syntax.source import Source
from migrator.syntax.tree import field

#: in Python every assignment is itself a binding
ASSIGNMENTS = ()
#: every node that binds names or opens a scope
BINDERS = (
    *("function_definition", "lambda", "class_definition", "import_statement", "import_from_statement"),
    *("assignment", "named_expression", "as_pattern", "for_statement", "for_in_clause"),
)

#: parameters that take all that is left
_SPLATS = ("list_splat_pattern", "dictionary_splat_pattern")


def exports(source: Source) -> Iterator[Export]:  # noqa: ARG001 - same shape as its TypeScript twin
    """Python exports every top-level name; nothing to list."""
    return iter(())


def assigned(source: Source, node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:  # noqa: ARG001 - same shape as its TypeScript twin
    """Nothing: see `ASSIGNMENTS`."""
    return iter(())


def bind(source: Source, node: Node, scope: Node) -> Iterator[Binding]:
    """Bindings that `node` makes in `scope`: the module, a function or a class."""
    text = source.text
    match node.type:
        case "import_statement":
            for name in node.children_by_field_name("name"):
                dotted = name.child_by_field_name("name") if name.type == "aliased_import" else name
                alias = name.child_by_field_name("alias")
                module = text(dotted) if dotted is not None else ""
                if alias is not None:
                    yield Binding(text(alias), "import", name, scope, module, NAMESPACE)
                else:
                    # `import a.b` binds `a`.
                    first = module.split(".")[0]
                    yield Binding(first, "import", name, scope, first, NAMESPACE)
        case "import_from_statement":
            origin = field(node, "module_name")
            module = text(origin) if origin is not None else ""
            if any(child.type == "wildcard_import" for child in node.children):
                yield Binding(NAMESPACE, "import", node, scope, module, NAMESPACE)
            for name in node.children_by_field_name("name"):
                member = name.child_by_field_name("name") if name.type == "aliased_import" else name
                alias = name.child_by_field_name("alias") or member
                if member is not None and alias is not None:
                    yield Binding(text(alias), "import", name, scope, module, text(member))
        case "function_definition" | "class_definition":
            name = field(node, "name")
            if name is not None:
                yield Binding(text(name), "class" if node.type == "class_definition" else "function", node, scope)
        case "assignment" | "named_expression":
            left = field(node, "left") or field(node, "name")
            right = field(node, "right") or field(node, "value")
            while right is not None and right.type == "assignment":
                right = field(right, "right")
            if left is not None:
                yield from _targets(source, left, node, scope, right, field(node, "type"))
        case "as_pattern":
            alias = field(node, "alias")
            if alias is not None and alias.named_children:
                yield from _targets(source, alias.named_children[0], node, scope, node.named_children[0], None)
        case "for_statement" | "for_in_clause":
            left, right = field(node, "left"), field(node, "right")
            if left is not None:
                for leaf in _leaves(left):
                    yield Binding(text(leaf), "item", node, scope, value=right)
        case _:
            pass


def _targets(source: Source, left: Node, node: Node, scope: Node, right: Node | None, annotation: Node | None) -> Iterator[Binding]:
    if left.type == "identifier":
        yield Binding(source.text(left), "value", node, scope, value=right, annotation=annotation)
    elif left.type in ("pattern_list", "tuple_pattern", "list_pattern"):
        targets = left.named_children
        starred = next((i for i, target in enumerate(targets) if target.type == "list_splat_pattern"), len(targets))
        for position, target in enumerate(targets):
            if target.type == "identifier":
                # How much a starred name takes is not known: what comes after it is counted from the end.
                counted = position if position < starred else position - len(targets)
                yield Binding(source.text(target), "value", node, scope, value=right, path=(str(counted),))


def _leaves(node: Node) -> Iterator[Node]:
    if node.type == "identifier":
        yield node
    for child in node.named_children:
        if node.type in ("pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern"):
            yield from _leaves(child)


def parameters(source: Source, function: Node) -> Iterator[Binding]:
    """Bindings that a function makes of what it is given."""
    listed = field(function, "parameters")
    position = 0
    keyword_only = False
    for node in listed.named_children if listed is not None else ():
        name = field(node, "name") or (node.named_children[0] if node.type == "typed_parameter" else node)
        if name.type in _SPLATS:
            if name.named_children:
                gathers, index = ((KEYWORDS,), -1) if name.type == "dictionary_splat_pattern" else ((REST,), position)
                yield Binding(source.text(name.named_children[0]), "parameter", node, function, path=gathers, index=index)
            keyword_only = True
            continue
        keyword_only = keyword_only or node.type == "keyword_separator"
        if name.type != "identifier":
            continue
        index = -1 if keyword_only else position
        position += 1
        yield Binding(
            source.text(name), "parameter", node, function, value=field(node, "value"), index=index, annotation=field(node, "type")
        )
