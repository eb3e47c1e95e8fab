"""How TypeScript and JavaScript bind and export names: see `bindings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from migrator.syntax.bindings import NAMESPACE, Binding, Export
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, field, walk

_DECLARED = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "enum_declaration": "enum",
    "interface_declaration": "type",
    "type_alias_declaration": "type",
}

_WITH_DEFAULT = frozenset(("object_assignment_pattern", "assignment_pattern"))
#: what may stand around a call that takes a module in
_AROUND_REQUIRE = frozenset(
    ("await_expression", "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression")
)
_REQUIRING = frozenset(("identifier", "member_expression", "call_expression"))
#: what does so; some hide it from bundlers
_REQUIRES = frozenset(("require", "module.require", "__non_webpack_require__", 'eval("require")', "eval('require')"))
#: nodes that give a new value to a name that is declared elsewhere
ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression")
#: every node that binds names or opens a scope
BINDERS = (*FUNCTIONS, *CLASSES, *_DECLARED, "import_statement", "variable_declarator", "for_in_statement")


def string(source: Source, node: Node | None) -> str:
    """The content of a plain string node (no escapes resolved), empty for anything else."""
    if node is None or node.type != "string":
        return ""
    return source.text(node)[1:-1]


def bind(source: Source, node: Node, scope: Node) -> Iterator[Binding]:
    """Bindings that `node` makes in `scope`: the program or a function."""
    match node.type:
        case "import_statement":
            yield from _import(source, node, scope)
        case "variable_declarator":
            name, value = field(node, "name"), field(node, "value")
            if name is not None:
                defaults = _defaults(source, name)
                for leaf, path in pattern_names(source.text, name):
                    required = required_module(source, value)
                    if required:
                        member = path[0] if path else NAMESPACE
                        yield Binding(leaf, "import", node, scope, required, member)
                    else:
                        said, default = field(node, "type"), defaults.get(leaf)
                        yield Binding(leaf, "value", node, scope, value=value, path=path, annotation=said, default=default)
        case "for_in_statement":
            left = field(node, "left")
            if left is not None:
                for leaf, path in pattern_names(source.text, left):
                    yield Binding(leaf, "item", node, scope, value=field(node, "right"), path=path)
        case kind if kind in _DECLARED:
            name = field(node, "name")
            if name is not None:
                alias = field(node, "value") if kind == "type_alias_declaration" else None
                yield Binding(source.text(name), _DECLARED[kind], node, scope, annotation=alias)  # pyright: ignore[reportArgumentType]
        case _:
            pass


def assigned(source: Source, node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The declared names that an assignment gives a value, with the path that leads into the value: `x = v`, `x ??= v`, `({ x } = v)`."""
    left = field(node, "left")
    if left is not None and left.type in ("identifier", "object_pattern", "array_pattern"):
        yield from pattern_names(source.text, left)


def _import(source: Source, node: Node, scope: Node) -> Iterator[Binding]:
    module = string(source, field(node, "source"))
    for clause in (c for c in node.named_children if c.type == "import_clause"):
        for part in clause.named_children:
            if part.type == "identifier":
                yield Binding(source.text(part), "import", node, scope, module, "default")
            elif part.type == "namespace_import":
                yield Binding(source.text(part.named_children[0]), "import", node, scope, module, NAMESPACE)
            elif part.type == "named_imports":
                for specifier in (s for s in part.named_children if s.type == "import_specifier"):
                    name = field(specifier, "name")
                    alias = field(specifier, "alias") or name
                    if name is not None and alias is not None:
                        yield Binding(source.text(alias), "import", specifier, scope, module, source.text(name))
    for clause in (c for c in node.named_children if c.type == "import_require_clause"):
        yield Binding(source.text(clause.named_children[0]), "import", node, scope, string(source, field(clause, "source")), NAMESPACE)


def required_module(source: Source, value: Node | None) -> str:
    """`x` of `require("x")`, `await import("x")` and `require("x") as typeof import("x")`, else empty."""
    while value is not None and value.type in _AROUND_REQUIRE and value.named_children:
        value = value.named_children[0]
    if value is None or value.type != "call_expression":
        return ""
    function, arguments = field(value, "function"), field(value, "arguments")
    if function is None or arguments is None or not arguments.named_children:
        return ""
    if function.type == "import" or (function.type in _REQUIRING and source.text(function) in _REQUIRES):
        return string(source, arguments.named_children[0])
    return ""


def pattern_names(text: Callable[[Node], str], node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every name that a (destructuring) pattern binds, with the keys that lead to it."""
    match node.type:
        case "identifier" | "shorthand_property_identifier_pattern":
            own = (*path, text(node)) if node.type != "identifier" else path
            yield text(node), own
        case "object_pattern":
            for child in node.named_children:
                yield from pattern_names(text, child, path)
        case "pair_pattern":
            key, value = field(node, "key"), field(node, "value")
            if key is not None and value is not None:
                yield from pattern_names(text, value, (*path, text(key).strip("'\"")))
        case "object_assignment_pattern" | "assignment_pattern":
            left = field(node, "left")
            if left is not None:
                yield from pattern_names(text, left, path)
        case "array_pattern":
            position = 0
            for child in node.children:
                # Between two commas there may be nothing.
                position += child.type == ","
                if child.is_named:
                    yield from pattern_names(text, child, (*path, str(position)))
        case "rest_pattern":
            for child in node.named_children:
                yield from pattern_names(text, child, (*path, "..."))
        case _:
            pass


def _defaults(source: Source, pattern: Node) -> dict[str, Node]:
    """What the names of a pattern stand for where what they are taken from does not have them: `{ a = fallback, b: c = other }`."""
    if pattern.type not in ("object_pattern", "array_pattern") or b"=" not in source.data[pattern.start_byte : pattern.end_byte]:
        return {}
    found: dict[str, Node] = {}
    for node in walk(pattern, _WITH_DEFAULT, skip=_WITH_DEFAULT):
        left, right = field(node, "left"), field(node, "right")
        if left is None or right is None:
            continue
        if left.type in ("identifier", "shorthand_property_identifier_pattern"):
            found[source.text(left)] = right
        else:
            found |= _defaults(source, left)
    return found


def parameters(source: Source, function: Node) -> Iterator[Binding]:
    """Bindings that a function makes of what it is given."""
    single = field(function, "parameter")
    if single is not None:
        yield Binding(source.text(single), "parameter", single, function, index=0)
    listed = field(function, "parameters")
    position = -1
    for node in listed.named_children if listed is not None else ():
        if node.type == "comment":
            continue
        position += 1
        pattern = field(node, "pattern") or (field(node, "left") if node.type == "assignment_pattern" else node)
        if pattern is None:
            continue
        if pattern.type == "this":
            # Only a type: nothing is handed over for it.
            position -= 1
        defaults = _defaults(source, pattern)
        for leaf, path in pattern_names(source.text, pattern):
            yield Binding(
                leaf,
                "parameter",
                node,
                function,
                value=field(node, "value") or field(node, "right"),
                path=path,
                index=position,
                annotation=field(node, "type"),
                default=defaults.get(leaf),
            )


def exports(source: Source) -> Iterator[Export]:
    """ES module exports and CommonJS assignments at the top of the file."""
    for node in source.root.named_children:
        if node.type == "export_statement":
            yield from _export(source, node)
        elif node.type == "expression_statement":
            yield from _commonjs(source, node)


def _export(source: Source, node: Node) -> Iterator[Export]:
    module = string(source, field(node, "source"))
    declaration, value = field(node, "declaration"), field(node, "value")
    default = any(child.type == "default" for child in node.children)
    if value is not None:
        yield Export("default", source.text(value) if value.type == "identifier" else "", value=value)
    elif declaration is not None:
        if default:
            name = field(declaration, "name")
            yield Export("default", source.text(name) if name is not None else "", value=declaration)
        elif declaration.type in _DECLARED:
            name = field(declaration, "name")
            if name is not None:
                yield Export(source.text(name), source.text(name))
        else:
            for declarator in (d for d in declaration.named_children if d.type == "variable_declarator"):
                pattern = field(declarator, "name")
                for leaf, _ in pattern_names(source.text, pattern) if pattern is not None else ():
                    yield Export(leaf, leaf)
    elif module and not any(c.type in ("export_clause", "namespace_export") for c in node.named_children):
        yield Export(NAMESPACE, module=module)
    for clause in node.named_children:
        if clause.type == "namespace_export":
            yield Export(source.text(clause.named_children[0]), module=module, member=NAMESPACE)
        elif clause.type == "export_clause":
            for specifier in (s for s in clause.named_children if s.type == "export_specifier"):
                name = field(specifier, "name")
                alias = field(specifier, "alias") or name
                if name is None or alias is None:
                    continue
                local = source.text(name)
                yield Export(source.text(alias), "" if module else local, module, local if module else "")


def _commonjs(source: Source, node: Node) -> Iterator[Export]:
    """`module.exports = x`, `module.exports = { a, b }`, `exports.a = x`."""
    assignment = node.named_children[0] if node.named_children else None
    if assignment is None or assignment.type != "assignment_expression":
        return
    left, right = field(assignment, "left"), field(assignment, "right")
    target = source.text(left) if left is not None else ""
    if right is None:
        return
    if target == "module.exports":
        yield Export("default", source.text(right) if right.type == "identifier" else "", value=right, commonjs=True)
        for pair in right.named_children if right.type == "object" else ():
            if pair.type == "shorthand_property_identifier":
                yield Export(source.text(pair), source.text(pair))
            elif pair.type == "pair":
                key, value = field(pair, "key"), field(pair, "value")
                if key is not None and value is not None:
                    yield Export(source.text(key).strip("'\""), source.text(value) if value.type == "identifier" else "", value=value)
    elif target.startswith(("exports.", "module.exports.")):
        name = target.rsplit(".", 1)[1]
        yield Export(name, source.text(right) if right.type == "identifier" else "", value=right)
