"""The applications that a Django project installs: strings in INSTALLED_APPS and in the lists that it is put together from."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.reading import View
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

_LIST = regex(r"(^|_)APPS$|^INSTALLED_APPS")


def installed_apps(view: View, wanted: Collection[str]) -> Iterator[tuple[Node, str]]:
    """(string, application) of every entry that is one of `wanted`, by its name or by its configuration class."""
    for node in view.source.nodes("assignment", "augmented_assignment", "call") if b"APPS" in view.source.data else ():
        listed = child(node, "function", "object") if node.type == "call" else child(node, "left")
        given = child(node, "arguments") if node.type == "call" else child(node, "right")
        if listed is None or given is None or not _LIST.search(view.source.text(listed)):
            continue
        for text in walk(given, ("string",)):
            name = view.evaluator.text(view.place(text)).split(".apps.")[0]
            if name in wanted:
                yield text, name
