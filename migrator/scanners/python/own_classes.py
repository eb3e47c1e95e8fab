"""Calls of classes of the project: what is made by one that derives from a system's own class."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.scanners.linking import Defined
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES
from migrator.syntax.tree import field as child


def own_class_calls(view: View) -> Iterator[tuple[Call, Defined]]:
    """Every call of a file that makes an object of a class of the project. Only names that begin like a class's are looked at."""
    for node in view.source.nodes("call"):
        function = child(node, "function")
        name = child(function, "attribute") or function
        if function is None or name is None or name.type != "identifier" or not view.source.text(name).lstrip("_")[:1].isupper():
            continue
        meaning = view.evaluator.of(view.source, function)
        if isinstance(meaning, Defined) and meaning.place.node.type in CLASSES:
            yield Call(view, node, meaning, meaning.key, name, view.place(node)), meaning
