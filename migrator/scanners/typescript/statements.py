"""The name that a value is given and the statement that gives it, in TypeScript and JavaScript."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field

_AROUND = frozenset(("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"))
_DECLARATIONS = frozenset(("lexical_declaration", "variable_declaration"))


def holder(source: Source, value: Node) -> tuple[str, Span]:
    """(the name under which code reaches `value`, the span of all that makes it).

    The span is the whole statement where it makes nothing else, `export` included; else only the declarator or the value.
    A default export is called `default`; a value without a name has an empty one.
    """
    node = value
    while node.parent is not None and node.parent.type in _AROUND:
        node = node.parent
    parent = node.parent
    if parent is None:
        return "", span(value)
    match parent.type:
        case "variable_declarator":
            return _declared(source, parent)
        case "export_statement":
            return "default", span(parent)
        case "pair" | "public_field_definition" | "field_definition":
            key = field(parent, "key") or field(parent, "name") or field(parent, "property")
            return (source.text(key).strip("'\"") if key is not None else ""), span(value)
        case "assignment_expression":
            left = field(parent, "left")
            target = source.text(left) if left is not None else ""
            whole = parent.parent if parent.parent is not None and parent.parent.type == "expression_statement" else parent
            if target == "module.exports":
                return "default", span(whole)
            return target.removeprefix("module.").removeprefix("exports.").removeprefix("this."), span(whole)
        case "expression_statement":
            return "", span(parent)
        case _:
            return "", span(value)


def _declared(source: Source, declarator: Node) -> tuple[str, Span]:
    name = field(declarator, "name")
    text = source.text(name) if name is not None and name.type == "identifier" else ""
    declaration = declarator.parent
    if declaration is None or declaration.type not in _DECLARATIONS:
        return text, span(declarator)
    if sum(c.type == "variable_declarator" for c in declaration.named_children) > 1:
        return text, span(declarator)
    outer = declaration.parent
    return text, span(outer if outer is not None and outer.type == "export_statement" else declaration)
