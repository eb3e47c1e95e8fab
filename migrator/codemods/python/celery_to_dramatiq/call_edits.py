"""Editing a call in place: taking arguments out, naming positional ones, turning lists into tuples."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Change
from migrator.codemods.python.expressions import Arguments, comment_end, literal
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import ancestors, walk
from migrator.syntax.tree import field as child

#: expressions that bind tighter than any operator
_TIGHT = frozenset(("identifier", "attribute", "call", "subscript", "parenthesized_expression", "dictionary", "list", "tuple", "string"))


def remove_arguments(change: Change, source: Source, given: Arguments, removed: Collection[Node]) -> None:
    """Take arguments out, with the commas that they leave behind; comments between arguments stay."""
    every = given.all
    index = 0
    while index < len(every):
        if every[index] not in removed:
            index += 1
            continue
        last = index
        while last + 1 < len(every) and every[last + 1] in removed:
            last += 1
        change.replace(_extent(source, given, every, index, last), "")
        index = last + 1


def _extent(source: Source, given: Arguments, every: tuple[Node, ...], first: int, last: int) -> Span:
    """The text of the arguments from `first` to `last` with what separates them from the others."""
    start, end = every[first], every[last]
    if last + 1 < len(every):
        return Span(start.start_byte, every[last + 1].start_byte)
    comma = next((c for c in given.node.children if c.type == "," and c.start_byte >= end.end_byte), None)
    before = start.prev_sibling
    if first == 0 or before is None:
        return Span(start.start_byte, (comma or end).end_byte)
    if comma is not None or before.type == "comment":
        lead = comment_end(source, before) if before.type == "comment" else before.end_byte
        return Span(lead, (comma or end).end_byte)
    return Span(every[first - 1].end_byte, end.end_byte)


def as_tuple(change: Change, source: Source, node: Node) -> None:
    """Make the positional arguments of a job, as Celery takes them, a tuple: from a list, None, or any expression."""
    if node.type == "tuple":
        return
    if node.type == "list":
        elements = [c for c in node.named_children if c.type != "comment"]
        change.replace(node.children[0], "(")
        has_comma = len(node.children) > 1 and node.children[-2].type == ","
        change.replace(node.children[-1], ",)" if len(elements) == 1 and not has_comma else ")")
    elif literal(source, node) is None:
        change.replace(node, "()")
    else:
        tight = node.type in _TIGHT
        change.insert(node.start_byte, "tuple(" if tight else "tuple((")
        change.insert(node.end_byte, " or ())" if tight else ") or ())")


def as_dictionary(change: Change, source: Source, node: Node) -> None:
    """Make the keyword arguments of a job a dictionary, also where they may be None."""
    if node.type == "dictionary" or (node.type == "call" and source.text(child(node, "function") or node) == "dict"):
        return
    if node.type == "identifier" and _is_keywords(node):
        return
    if literal(source, node) is None:
        change.replace(node, "{}")
        return
    tight = node.type in _TIGHT
    if not tight:
        change.insert(node.start_byte, "(")
    change.insert(node.end_byte, " or {}" if tight else ") or {}")


def bracket(change: Change, given: Arguments) -> None:
    """Put all arguments of a call into one list."""
    change.insert(given.node.children[0].end_byte, "[")
    change.insert(given.node.children[-1].start_byte, "]")


def parcel(change: Change, source: Source, given: Arguments, ending: str) -> None:
    """Turn `f(a, b, k=c)` into `f(args=(a, b), kwargs={"k": c}, ending)`."""
    positional, keywords = given.positional, list(given.keywords.values())
    if positional:
        opening, closing = _around(change, source, given, positional, "args=(", ")")
        change.insert(positional[0].start_byte, opening)
        change.insert(positional[-1].end_byte, f",{closing}" if len(positional) == 1 and closing == ")" else closing)
    if keywords:
        opening, closing = _around(change, source, given, keywords, "kwargs={", "}")
        for node in keywords:
            _as_item(change, source, node, opening if node == keywords[0] else "")
        change.insert(keywords[-1].end_byte, closing)
    if given.all:
        indent = _indent(source, given)
        change.insert(given.all[-1].end_byte, f",\n{indent}{ending}" if indent else f", {ending}")
    else:
        change.insert(given.node.children[0].end_byte, ending)


def name_all(change: Change, source: Source, given: Arguments, names: Sequence[str]) -> None:
    """Turn `f(a, k=c)` into `f(kwargs={"first": a, "k": c})`, with the names of the positional arguments."""
    nodes = [*given.positional, *given.keywords.values()]
    if not nodes:
        return
    opening, closing = _around(change, source, given, nodes, "kwargs={", "}")
    for number, node in enumerate(nodes):
        lead = opening if number == 0 else ""
        if number < len(given.positional):
            change.insert(node.start_byte, f'{lead}"{names[number]}": ')
        else:
            _as_item(change, source, node, lead)
    change.insert(nodes[-1].end_byte, closing)


def _as_item(change: Change, source: Source, keyword: Node, lead: str) -> None:
    """Turn `k=c` into `"k": c`."""
    name, value = child(keyword, "name"), child(keyword, "value")
    if name is not None and value is not None:
        change.replace(Span(keyword.start_byte, value.start_byte), f'{lead}"{source.text(name)}": ')


def _around(change: Change, source: Source, given: Arguments, nodes: Sequence[Node], opening: str, closing: str) -> tuple[str, str]:
    """What to put before and behind `nodes`. Where each has a line of its own, they are indented, and brackets stand on lines of theirs."""
    indent = _indent(source, given)
    if not indent:
        return opening, closing
    unit = "\t" if indent.endswith("\t") else " " * 4
    inside = [n for node in nodes for n in walk(node, ("string",)) if n.start_point.row < n.end_point.row]
    start = source.data.find(b"\n", nodes[0].start_byte, nodes[-1].end_byte) + 1
    while start > 0:
        blank = source.data[start : start + 2].strip() == b"" and source.data[start : start + 1] in (b"\r", b"\n")
        if not blank and not any(n.start_byte < start < n.end_byte for n in inside):
            change.insert(start, unit)
        start = source.data.find(b"\n", start, nodes[-1].end_byte) + 1
    return f"{opening}\n{indent}{unit}", f",\n{indent}{closing}"


def _indent(source: Source, given: Arguments) -> str:
    """The white space before the first argument, if every argument has lines of its own; else empty."""
    indents = [source.data[source.data.rfind(b"\n", 0, n.start_byte) + 1 : n.start_byte] for n in given.all]
    apart = bool(indents) and all(indent and not indent.strip() for indent in indents)
    return indents[0].decode() if apart and given.node.start_point.row < given.all[0].start_point.row else ""


def _is_keywords(name: Node) -> bool:
    """True for the `x` of a `**x` parameter of a function around it."""
    for function in ancestors(name):
        parameters = child(function, "parameters") if function.type == "function_definition" else None
        for parameter in parameters.named_children if parameters is not None else ():
            inner = parameter.named_children[0] if parameter.type == "typed_parameter" else parameter
            if inner.type == "dictionary_splat_pattern" and inner.named_children[0].text == name.text:
                return True
    return False
