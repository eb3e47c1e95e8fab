"""Which files are worth parsing, by their bytes alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migrator.jobs import Unresolved
from migrator.scanners.files import LINK, TOO_BIG, Tree
from migrator.scanners.registry import FOLDERS, folder_of, readers
from migrator.syntax.source import SUFFIXES

#: what names the module in TypeScript and JavaScript; whatever stands before it up to `import` or `export` holds the names
_FROM = re.compile(rb"""from\s*["']([^"'\n]+)["']""")
_REQUIRED = re.compile(rb"""(?:require|import)\s*\(?\s*["']([^"'\n]+)["']""")
_PYTHON_FROM = re.compile(rb"from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)")
_PYTHON_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([^\n#]+)", re.MULTILINE)
_WORD = re.compile(rb"[\w$]+")


def marked(tree: Tree, paths: Iterable[str]) -> list[str]:
    """The files with a marker of a reader of their language."""
    return _by_language(tree, paths, {folder: {m for r in readers(folder) for m in (*r.markers, *r.declaring)} for folder in FOLDERS})


def declaring(tree: Tree, paths: Iterable[str]) -> list[str]:
    """The files that a reader wants to see before all others."""
    return _by_language(tree, paths, {folder: {m for r in readers(folder) for m in r.declaring} for folder in FOLDERS})


def _by_language(tree: Tree, paths: Iterable[str], needles: dict[str, set[bytes]]) -> list[str]:
    by_folder: dict[str, list[str]] = {folder: [] for folder in FOLDERS}
    for path in paths:
        by_folder[folder_of(path)].append(path)
    return sorted(path for folder, listed in by_folder.items() for path in containing(tree, listed, needles[folder]))


def passed_over(tree: Tree) -> Iterator[Unresolved]:
    """What was not read though it may hold jobs: what is closed to us, and code in big files that name a system."""
    for reason, paths in tree.skipped.items():
        for path in paths if reason != LINK else ():
            if reason != TOO_BIG or (path.endswith(tuple(SUFFIXES)) and _names_a_system(path, tree.head(path))):
                yield Unresolved(path=path, line=1, reason=f"not read: {reason}")


def _names_a_system(path: str, data: bytes) -> bool:
    return any(marker in data for reader in readers(folder_of(path)) for marker in reader.markers)


def containing(tree: Tree, paths: Iterable[str], needles: set[bytes]) -> list[str]:
    """The files that contain one of `needles`."""
    wanted = sorted(needles)
    found = []
    for path in paths if wanted else ():
        data = tree.read(path)
        if any(n in data for n in wanted):
            found.append(path)
    return found


def imports(path: str, data: bytes) -> Iterator[tuple[str, frozenset[str]]]:
    """(module as written, names that may be taken from it) for every import of a file; no names where all of it may be meant.

    Read off the text without parsing, so that comments and strings may add to it.
    """
    if folder_of(path) == FOLDERS[0]:
        for match in _PYTHON_FROM.finditer(data):
            yield match[1].decode(), frozenset() if b"*" in match[2] else _words(match[2])
        for match in _PYTHON_IMPORT.finditer(data):
            yield from ((part.split()[0].decode("utf-8", "replace"), frozenset()) for part in match[1].split(b",") if part.strip())
        return
    for match in _FROM.finditer(data):
        start = max(data.rfind(b"import", 0, match.start()), data.rfind(b"export", 0, match.start()), 0)
        clause = data[start : match.start()]
        inside, _, after = clause.partition(b"{")[2].partition(b"}")
        # `import name from`, `import * as name from`: whatever the module offers.
        whole = b"{" not in clause or b"*" in clause or b"," in after or _WORD.search(clause[6:].partition(b"{")[0].replace(b"type", b""))
        yield match[1].decode("utf-8", "replace"), frozenset() if whole else _words(inside)
    for match in _REQUIRED.finditer(data):
        yield match[1].decode("utf-8", "replace"), frozenset()


def _words(text: bytes) -> frozenset[str]:
    return frozenset(word.decode("utf-8", "replace") for word in _WORD.findall(text))
