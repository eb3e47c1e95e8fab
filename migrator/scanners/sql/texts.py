"""The SQL of a tree: its files and the texts in its code, gathered to one history for each database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from migrator.jobs import Location, Span
from migrator.scanners.files import Tree
from migrator.scanners.sql.files import forward, goes_back, history_of, in_order

#: stands for each character of what code puts into its SQL at run time
COMPUTED = "\ue000"


class Text(msgspec.Struct, frozen=True):
    """SQL of a tree: a whole file, or a text in code that stands `offset` characters into it.

    `given`: what code hands over for each `%s`, None for what only the run knows.
    """

    path: str
    text: str
    offset: int = 0
    language: str = "sql"
    given: tuple[str | None, ...] = ()


def histories(tree: Tree, in_code: Iterable[Text], marker: bytes) -> Iterator[tuple[str, list[Text]]]:
    """(folder, texts in order) of each history; every file that is no migration by itself, with no folder.

    Only files with `marker` in them, in lower or upper case, are read.
    """
    texts: dict[str, list[Text]] = defaultdict(list)
    for path in tree.sizes:
        if path.endswith(".sql") and not goes_back(path):
            data = tree.read(path)
            if marker in data or marker.upper() in data:
                texts[path].append(Text(path, forward(data.decode("utf-8", "replace"))))
    for text in in_code:
        texts[text.path].append(text)
    folders: dict[str, list[str]] = {}
    for path in in_order(texts):
        folders.setdefault(history_of(path) or f"\0{path}", []).append(path)
    for folder, paths in folders.items():
        yield folder if not folder.startswith("\0") else "", [text for path in paths for text in texts[path]]


def location_in(tree: Tree, path: str, start: int, end: int) -> Location:
    """Where characters `start` to `end` of a file stand."""
    text = tree.read(path).decode("utf-8", "replace")
    line, last = text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1
    column = start - (text.rfind("\n", 0, start) + 1)
    return Location(path, line, column, last, Span(len(text[:start].encode()), len(text[:end].encode())))


def written_in(tree: Tree, path: str, start: int, end: int) -> str:
    """Characters `start` to `end` of a file."""
    return tree.read(path).decode("utf-8", "replace")[start:end]
