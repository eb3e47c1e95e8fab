"""The names that code looks up: the keys of an object or map, the elements of a list or set, a property of the objects of a list."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.scanners.linking import Instance, Member, Namespace, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.fills import entries_of
from migrator.scanners.reading import View
from migrator.syntax.import_text import DEFAULT
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, field

#: methods that find objects of a list by what one of them has
_FINDS = frozenset((b"find", b"filter", b"some", b"findLast"))


def keys(view: View, table: Place) -> Iterator[str]:
    """The keys of an object or of `new Map([["a", …]])`, and those under which more is put in; an empty one that is not written.

    Those of a module are the names that it exports.
    """
    evaluator = view.evaluator
    meaning = evaluator.meaning(table)
    if isinstance(meaning, Structure) and not meaning.is_list:
        yield from ("" if key.startswith("...") else key for key in meaning.entries)
    elif isinstance(meaning, Instance) and meaning.of.key == "globalThis.Map" and meaning.call is not None:
        pairs = evaluator.arguments(meaning.call).get(0)
        for pair in evaluator.entries(pairs).values() if isinstance(pairs, Place) else ():
            yield evaluator.text(evaluator.entries(pair).get("0"))
    elif isinstance(meaning, Namespace):
        bindings = view.project.bindings(meaning.path)
        yield from (name for name in bindings.exports() if name != DEFAULT)
        yield from ("" for _ in bindings.star_exports())
        return
    else:
        return
    put_in = [evaluator.text(key) for key, _ in entries_of(evaluator, table)]
    yield from put_in
    if isinstance(meaning, Structure) and not meaning.entries and not put_in and _is_shared(view, table):
        yield ""


def _is_shared(view: View, table: Place) -> bool:
    """True for what other files can put something into."""
    bindings = view.project.bindings(table.source.path)
    bound = bindings.lookup(table.text, table.node) if table.node.type == "identifier" else []
    exported = any(table.text in (export.local, export.name) for export in bindings.exports().values())
    return any(b.kind == "import" or (b.scope.parent is None and exported) for b in bound)


def members(view: View, listed: Place) -> Iterator[str]:
    """The texts of a list, `["a", "b"]`, or of `new Set(["a", "b"])`."""
    evaluator = view.evaluator
    meaning = evaluator.meaning(listed)
    if isinstance(meaning, Instance) and meaning.of.key == "globalThis.Set" and meaning.call is not None:
        given = evaluator.arguments(meaning.call).get(0)
        meaning = evaluator.meaning(given) if isinstance(given, Place) else meaning
    if isinstance(meaning, Structure) and meaning.is_list:
        yield from filter(None, map(evaluator.text, elements(evaluator, meaning.place).known))


def found_by(view: View, compared: Place) -> Iterator[str]:
    """What `x.name` may be in `handlers.find((x) => x.name === job.name)`: that property of every element."""
    name, function = field(compared.node, "property"), enclosing(compared.node, FUNCTIONS)
    call = enclosing(function, ("call_expression",)) if function is not None else None
    method, owner = field(callee_of(call), "property"), field(callee_of(call), "object")
    if name is None or function is None or function.parent != field(call, "arguments"):
        return
    if method is None or method.text not in _FINDS or owner is None:
        return
    parameter = view.evaluator.of(compared.source, field(compared.node, "object") or name, compared.frame)
    if isinstance(parameter, Member | Instance | Structure):
        return
    for element in elements(view.evaluator, Place(compared.source, owner, compared.frame)).known:
        yield view.evaluator.text(view.evaluator.entries(element).get(compared.source.text(name)))
