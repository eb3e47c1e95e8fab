"""The comments of a file that findings can stand in, whatever it is written in. What stands in a string is no comment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from migrator.rules.evidence import Evidence
from migrator.syntax.source import SUFFIXES

#: what a file's name ends with -> the lexer of Pygments that knows its comments; code that we parse ourselves is not among them
_LEXERS = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".toml": "toml",
    ".sql": "postgresql",
    ".tf": "terraform",
    ".hcl": "terraform",
    ".sh": "bash",
    ".ini": "ini",
    ".cfg": "ini",
    "dockerfile": "docker",
    "procfile": "bash",
    "crontab": "bash",
    "makefile": "make",
    "pipfile": "toml",
    "requirements.txt": "bash",
}


@dataclass(frozen=True)
class Comment:
    """A comment with its marks, from `line` to `end` (1-based, both in it). `alone`: no code stands before it on its line."""

    line: int
    end: int
    text: str
    alone: bool


def can_hold(path: str) -> bool:
    """True for files whose comments are read."""
    return path.endswith(tuple(SUFFIXES)) or _lexer(path) is not None


def comments(evidence: Evidence, path: str) -> Iterator[Comment]:
    """Every comment of a file for which `can_hold` is true, in order."""
    if path.endswith(tuple(SUFFIXES)):
        source = evidence.bodies.view(path).source
        for node in source.nodes("comment"):
            before = source.data[source.data.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
            yield Comment(node.start_point.row + 1, node.end_point.row + 1, source.text(node), not before.strip())
    else:
        yield from _by_lexer(evidence.tree.read(path).decode("utf-8", "replace"), _lexer(path) or "")


def _by_lexer(text: str, lexer: str) -> Iterator[Comment]:
    # Loaded for the few files that hold a mark of ours.
    from pygments.lexers import get_lexer_by_name
    from pygments.token import Token

    for start, kind, value in get_lexer_by_name(lexer).get_tokens_unprocessed(text):
        if kind in Token.Comment and value.strip():
            line = text.count("\n", 0, start) + 1
            before = text[text.rfind("\n", 0, start) + 1 : start]
            yield Comment(line, line + value.rstrip("\n").count("\n"), value, not before.strip())


def _lexer(path: str) -> str | None:
    name = PurePosixPath(path).name.lower()
    known = _LEXERS.get(PurePosixPath(name).suffix) or _LEXERS.get(name)
    if known is None and name.startswith(".env"):
        return "bash"
    return known or next((lexer for ending, lexer in _LEXERS.items() if ending[0] != "." and name.startswith(ending)), None)
