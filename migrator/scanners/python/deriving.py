"""Objects of classes of the project that derive from a system's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migrator.scanners.linking import Defined, Evaluator, Meaning
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES
from migrator.syntax.tree import field as child

#: True for the system's own class
IsBase = Callable[[Meaning], bool]
_DEPTH = 8


def made_of_derived(view: View, is_base: IsBase) -> Iterator[Call]:
    """The calls of a file that make an object of a class of the project which derives from one that `is_base` says."""
    for node in view.source.nodes("call"):
        function = child(node, "function")
        if function is None or function.type not in ("identifier", "attribute"):
            continue
        name = child(function, "attribute") or function
        # Looking into every call of every function would cost much, and a class that is not called like one is a rarity.
        meaning = view.evaluator.of(view.source, function) if view.source.text(name).lstrip("_")[:1].isupper() else None
        if isinstance(meaning, Defined) and derives(view.evaluator, meaning, is_base):
            yield Call(view, node, meaning, meaning.key, name, view.place(node))


def derives(evaluator: Evaluator, meaning: Defined, is_base: IsBase, depth: int = _DEPTH) -> bool:
    """True for a class that has such a class among those that it derives from."""
    if meaning.place.node.type not in CLASSES or not depth:
        return False
    source = meaning.place.source
    bases: list[Meaning] = [evaluator.of(source, base, meaning.place.frame) for base in base_classes(source, meaning.place.node)]
    return any(is_base(b) or (isinstance(b, Defined) and derives(evaluator, b, is_base, depth - 1)) for b in bases)
