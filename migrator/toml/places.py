"""Where in a TOML text a key stands. For messages only: what cannot be told is not told."""

from __future__ import annotations

import re
import tomllib

from migrator.regex import regex

Path = tuple[str | int, ...]
_HEADER = regex(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = regex(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = regex(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, path: Path) -> int | None:
    """The 1-based line of a key, or of the nearest table around it; None if not even that is there.

    >>> line_of('[job]\\nname = "x"\\n[[workload.mix]]\\nname = "a"\\n[[workload.mix]]\\nweight = 0', ("workload", "mix", 1, "weight"))
    6
    """
    best: tuple[int, int] | None = None
    for place, number in _places(text):
        depth = len(place)
        if path[:depth] == place and (best is None or depth > best[0]):
            best = depth, number
    return best[1] if best else None


def _places(text: str) -> list[tuple[Path, int]]:
    """Every table and key with its line, in order."""
    found: list[tuple[Path, int]] = []
    table: Path = ()
    tables: dict[Path, int] = {}
    quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not quote:
            if header := _HEADER.match(line):
                table = _resolve(_names(header[2]), tables, array=header[1] == "[[")
                found.append((table, number))
            elif key := _KEY.match(line):
                found.append((table + _names(key[1]), number))
        quote = _open_quote(line, quote)
    return found


def _resolve(names: Path, tables: dict[Path, int], *, array: bool) -> Path:
    """The path of a header, with the position of every array of tables on the way."""
    place: Path = ()
    for position, name in enumerate(names, start=1):
        place += (name,)
        if array and position == len(names):
            tables[place] = tables.get(place, -1) + 1
        if place in tables:
            place += (tables[place],)
    return place


def _names(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _open_quote(line: str, quote: str) -> str:
    """The multi-line quotation that is open at the end of a line."""
    for mark in re.findall(r'"""|\'\'\'', line):
        quote = "" if quote == mark else quote or mark
    return quote


def syntax_error_line(error: tomllib.TOMLDecodeError) -> int | None:
    """The line that a syntax error names."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else None
