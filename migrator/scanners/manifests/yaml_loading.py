"""YAML through the quickest loader that does for a text, and files as plain data."""

from __future__ import annotations

from functools import lru_cache

import yaml

from migrator.regex import regex

#: levels that are no strain for any stack; what is deeper is not read
DEPTH = 1_000
#: libyaml's, where it is at hand: many times as fast. What nests deeper than its stack must not get this far
_QUICK: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BRACKET = regex(r"[\[\]{}]")


@lru_cache(maxsize=8)
def plain(data: bytes) -> object:
    """What a file says, as plain data, for looking only; None where it cannot be read. Many who ask for one file share the answer."""
    try:
        text = data.decode("utf-8-sig")
        return None if is_deep(text) else yaml.load(text, Loader=_QUICK)  # noqa: S506 - it is a safe loader
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def is_deep(text: str) -> bool:
    """True for what may nest deeper than `DEPTH`."""
    return _brackets(text) > DEPTH or any(_levels(line) > DEPTH for line in text.split("\n"))


def loader(text: str) -> type[yaml.SafeLoader]:
    """The loader for who wants to know where things stand: the quick one is not asked to count characters that are more than a byte."""
    return _QUICK if text.isascii() else yaml.SafeLoader


def _levels(line: str) -> int:
    """How many levels a line can open, by where it begins and what it has in it, at most."""
    return len(line) if len(line) <= DEPTH else len(line) - len(line.lstrip(" ")) + sum(map(line.count, ("- ", "? ", ": ")))


def _brackets(text: str) -> int:
    """How deep brackets nest, at most."""
    depth = deepest = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
