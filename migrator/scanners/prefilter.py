"""Which files are worth parsing, by their bytes alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

import msgspec
from ahocorasick_rs import BytesAhoCorasick, Implementation

from migrator.jobs import Unresolved
from migrator.scanners.files import INSTALLED, LINK, MINIFIED, OURS, TOO_BIG, Tree, area_of
from migrator.scanners.linking import global_object
from migrator.scanners.reading import Reader
from migrator.scanners.registry import folder_of, readers
from migrator.syntax.source import SUFFIXES


class Marked(msgspec.Struct, frozen=True):
    """The files with a marker of a reader of their language, those that a reader wants to see before all others, and who reads.

    `naming_global`: the files that name JavaScript's global object. `further`: the files with other bytes that were looked for.
    """

    paths: list[str]
    declaring: list[str]
    readers: dict[str, tuple[Reader, ...]]
    naming_global: list[str]
    further: dict[bytes, list[str]]

    def having(self, needles: Iterable[bytes]) -> list[str]:
        """The files of production with one of `needles`, which were looked for as `further`; declarations of types left out."""
        paths = sorted({path for needle in needles for path in self.further[needle]})
        return [path for path in paths if not path.endswith(".d.ts") and not area_of(path)]


def marked(tree: Tree, paths: Iterable[str], further: Mapping[str, Collection[bytes]]) -> Marked:
    """Look for the markers of all readers at once: what that costs does not depend on how many they are.

    `further`: what is looked for besides, by folder of the readers.
    """
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(folder_of(path), []).append(path)
    found = Marked([], [], {}, [], {needle: [] for needles in further.values() for needle in needles})
    for folder, listed in by_folder.items():
        installed = readers(folder)
        of_global = {global_object.MARK} if folder == "typescript" else set[bytes]()
        besides = set(further.get(folder, ()))
        needles = sorted({m for r in installed for m in (*r.markers, *r.declaring)} | of_global | besides)
        early, plain = {m for r in installed for m in r.declaring}, {m for r in installed for m in r.markers}
        firm = {m for r in installed for m in (*r.markers, *r.declaring) if m not in r.weak}
        weak = {marker: tells for r in installed for marker, tells in r.weak.items() if marker not in firm}
        automaton = _automaton(needles)
        present: set[bytes] = set()
        for path in listed:
            data = tree.read(path)
            met = {needles[index] for index, _, _ in automaton.find_matches_as_indexes(data, overlapping=True)}
            for needle in met & besides:
                found.further[needle].append(path)
            met -= {marker for marker in met & weak.keys() if not weak[marker](tree, path, data)}
            present |= met
            if not met.isdisjoint(of_global) and global_object.is_named(data):
                found.naming_global.append(path)
            if not met.isdisjoint(plain):
                found.paths.append(path)
            if not met.isdisjoint(early):
                found.declaring.append(path)
        # A system that nothing in the tree names can still be at work on a table that the tree declares elsewhere.
        found.readers[folder] = tuple(r for r in installed if r.declares or not present.isdisjoint(r.markers))
    found.paths.sort()
    found.declaring.sort()
    return found


def passed_over(tree: Tree) -> Iterator[Unresolved]:
    """What was not read though it may hold jobs: what is closed to us, and code in big or minified files that name a system."""
    for reason, paths in tree.skipped.items():
        for path in paths if reason not in (LINK, OURS, INSTALLED) else ():
            if reason not in (TOO_BIG, MINIFIED) or (path.endswith(tuple(SUFFIXES)) and _names_a_system(path, tree.head(path))):
                yield Unresolved(path=path, line=1, reason=f"not read: {reason}")


def _names_a_system(path: str, data: bytes) -> bool:
    return bool(_markers(folder_of(path)).find_matches_as_indexes(data))


@cache
def _markers(folder: str) -> BytesAhoCorasick:
    return _automaton({marker for reader in readers(folder) for marker in reader.markers})


def containing(tree: Tree, paths: Iterable[str], needles: Collection[bytes]) -> Iterator[str]:
    """The files that contain one of `needles`, as they are asked for. What that costs does not depend on how many needles there are."""
    if needles:
        automaton = _automaton(needles)
        yield from (path for path in paths if automaton.find_matches_as_indexes(tree.read(path)))


def each_containing(tree: Tree, paths: Iterable[str], needles: Collection[bytes]) -> dict[bytes, list[str]]:
    """The files that contain each of `needles`, found in one pass over all of them."""
    ordered = sorted(needles)
    found: dict[bytes, list[str]] = {needle: [] for needle in ordered}
    if not ordered:
        return found
    automaton = _automaton(ordered)
    for path in paths:
        for index in {index for index, _, _ in automaton.find_matches_as_indexes(tree.read(path), overlapping=True)}:
            found[ordered[index]].append(path)
    return found


def _automaton(needles: Collection[bytes]) -> BytesAhoCorasick:
    return BytesAhoCorasick(sorted(needles), implementation=Implementation.DFA)
