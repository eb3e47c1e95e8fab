"""Command lines in files of any kind: found as text, split into words, and put back in the form in which they stood."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass

from migrator.jobs import Span
from migrator.regex import regex

_SEPARATORS = ("&&", "||", ";", "|", ">", ">>", "<", "2>", "&>", "2>&1", "&")
_WORD = regex(r"""(?:[^\s"'\\;|&<>]|\\.|"[^"]*"|'[^']*'|\$\{[^}]*\})+""")


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`words` from the program on; `span` covers exactly them. `form`: `shell` text or a `list` of quoted strings."""

    span: Span
    words: tuple[str, ...]
    form: str
    quote: str = '"'

    def render(self, words: list[str]) -> str:
        """`words` in the form of this command."""
        if self.form == "shell":
            return " ".join(words)
        return ", ".join(f"{self.quote}{word}{self.quote}" for word in words)


def find_command(data: bytes, line: int, program: str, region: Span | None = None) -> CommandLine | None:
    """The command that begins with `program` (a name, perhaps behind a path) on a 1-based line; None if it cannot be read there.

    `region` narrows the search where a line holds several commands.
    """
    lines = data.split(b"\n")
    if not 1 <= line <= len(lines):
        return None
    start = sum(len(text) + 1 for text in lines[: line - 1])
    try:
        text = lines[line - 1].decode().rstrip("\r")
    except UnicodeDecodeError:
        return None
    found = re.finditer(rf"(?<![\w./~-])(?P<path>[\w./~-]*/)?{program}(?![\w./:=-])", text)
    match = next((m for m in found if region is None or start + len(text[: m.end()].encode()) > region.start), None)
    if match is None or text.rstrip().endswith("\\"):
        return None
    following = lines[line].decode("utf-8", "replace") if line < len(lines) else ""
    if _goes_on(text, following, lines[: line - 1]):
        return None
    quote = _open_quote(text[: match.start()])
    if quote and re.match(rf"{quote}\s*(,|\])", text[match.end() :]):
        return _list(text, match.start() - 1, start, quote)
    end = text.index(quote, match.end()) if quote and quote in text[match.end() :] else len(text)
    words: list[str] = []
    position = last = match.start()
    while position < end:
        word = _WORD.match(text, position, end)
        if word is None or word[0].startswith("#") or word[0] in _SEPARATORS:
            break
        words.append(word[0])
        last = word.end()
        space = re.compile(r"[ \t]+").match(text, last, end)
        if space is None:
            break
        position = space.end()
    before, inside = text[: match.start()].encode(), text[match.start() : last].encode()
    return CommandLine(Span(start + len(before), start + len(before) + len(inside)), tuple(words), "shell")


def unquoted(word: str) -> str:
    """A word of a command without its shell quotes; words with variables stay as they are."""
    try:
        parts = shlex.split(word)
    except ValueError:
        return word
    return parts[0] if len(parts) == 1 else word


def _list(text: str, opening: int, start: int, quote: str) -> CommandLine | None:
    closing = text.find("]", opening)
    if closing < 0:
        return None
    inside = text[opening:closing].rstrip().rstrip(",")
    try:
        words = json.loads(f"[{inside}]") if quote == '"' else [w.strip().strip("'") for w in inside.split(",")]
    except ValueError:
        return None
    if not all(isinstance(word, str) for word in words):
        return None
    lead = len(text[:opening].encode())
    return CommandLine(Span(start + lead, start + lead + len(inside.encode())), tuple(words), "list", quote)


def _open_quote(text: str) -> str:
    """The quote that `text` opens and does not close."""
    current = ""
    for character in text:
        if character in "\"'":
            current = "" if current == character else current or character
    return current


def _goes_on(text: str, following: str, before: list[bytes]) -> bool:
    """True where the next line belongs to the same command: a folded or literal block of YAML, or a list with an item a line."""
    indent = len(text) - len(text.lstrip())
    deeper = bool(following.strip()) and len(following) - len(following.lstrip()) >= indent
    if text.strip().startswith("- ") and following.strip().startswith("- ") and deeper:
        return True
    previous = next((line.decode("utf-8", "replace").rstrip() for line in reversed(before) if line.strip()), "")
    return deeper and re.search(r":\s*[>|][+-]?$", previous) is not None
