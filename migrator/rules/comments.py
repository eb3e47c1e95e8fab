"""The comments of a file that findings can stand in, whatever it is written in. What stands in a string is no comment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

import msgspec

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


class Comment(msgspec.Struct, frozen=True):
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
        yield from _placed(source.data, ((node.start_byte, node.end_byte) for node in source.nodes("comment")))
    else:
        text = evidence.tree.read(path).decode("utf-8", "replace")
        yield from _placed(text.encode(), _by_lexer(text, _lexer(path) or ""))


def _placed(data: bytes, found: Iterable[tuple[int, int]]) -> Iterator[Comment]:
    """The comments at these byte ranges. Every byte is looked at once or twice, however many they are."""
    line, last, alone = 1, 0, True
    for start, end in found:
        line += data.count(b"\n", last, start)
        # What stands before it on its line, as far as that is no comment itself.
        begin = data.rfind(b"\n", last, start)
        alone = (alone or begin >= 0) and not data[max(begin, last - 1) + 1 : start].strip()
        # Some lexers take the end of the line for a part of the comment.
        comment = data[start:end].rstrip(b"\n")
        yield Comment(line, line + comment.count(b"\n"), comment.decode("utf-8", "replace"), alone)
        line += comment.count(b"\n")
        last = start + len(comment)


def _by_lexer(text: str, lexer: str) -> Iterator[tuple[int, int]]:
    # Loaded for the few files that hold a mark of ours.
    from pygments.lexers import get_lexer_by_name
    from pygments.token import Token

    end = 0
    for _, kind, value in get_lexer_by_name(lexer).get_tokens_unprocessed(text):
        start, end = end, end + len(value.encode())
        if kind in Token.Comment and value.strip():
            yield start, end


def _lexer(path: str) -> str | None:
    name = posixpath.basename(path).lower()
    known = _LEXERS.get(posixpath.splitext(name)[1]) or _LEXERS.get(name)
    if known is None and name.startswith(".env"):
        return "bash"
    return known or next((lexer for ending, lexer in _LEXERS.items() if ending[0] != "." and name.startswith(ending)), None)
