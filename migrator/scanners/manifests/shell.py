"""Shell text taken apart: simple commands, and the words of each with their places. Nothing is expanded, nothing is run."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class Word(msgspec.Struct, frozen=True):
    """A word without its quotes; `start` and `end` are where it stands, quotes included.

    `inside` is where its text begins if that stands there letter by letter, else -1.
    """

    text: str
    start: int
    end: int
    inside: int = -1


_ENDS = frozenset(";&|()\n")
_CLOSING = {"(": ")", "{": "}"}


def commands(text: str, offset: int = 0) -> Iterator[list[Word]]:
    """The simple commands of a script. Places count from `offset`. Redirections and comments are left out.

    >>> [[w.text for w in words] for words in commands("cd /srv && exec celery -A 'my app' worker > log # now")]
    [['cd', '/srv'], ['exec', 'celery', '-A', 'my app', 'worker']]
    """
    words: list[Word] = []
    position, skip_next = 0, False
    while position < len(text):
        character = text[position]
        if text.startswith(("\\\n", "\\\r\n"), position):
            position += 2 if text[position + 1] == "\n" else 3
        elif character in " \t\r":
            position += 1
        elif character == "#":
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        elif character in "<>" or (character == "&" and text.startswith("&>", position)):
            while position < len(text) and text[position] in "<>&":
                position += 1
            skip_next = True
        elif character in _ENDS:
            if words:
                yield words
                words = []
            position += 1
            skip_next = False
        else:
            word, position = _word(text, position)
            is_descriptor = word.text.isdigit() and position < len(text) and text[position] in "<>"
            if not skip_next and not is_descriptor:
                inside = word.inside + offset if word.inside >= 0 else -1
                words.append(Word(word.text, word.start + offset, word.end + offset, inside))
            skip_next = False
    if words:
        yield words


def _word(text: str, start: int) -> tuple[Word, int]:
    parts: list[str] = []
    position = start
    while position < len(text):
        character = text[position]
        if character in " \t\r<>" or character in _ENDS or text.startswith(("\\\n", "\\\r\n"), position):
            break
        if character in "'\"":
            end = _quoted(text, position)
            parts.append(text[position + 1 : end - 1].replace("\\\n", ""))
        elif character == "\\":
            end = position + 2
            parts.append(text[position + 1 : end])
        elif character == "$" and text[position + 1 : position + 2] in ("(", "{"):
            end = _bracketed(text, position + 1)
            parts.append(text[position:end])
        elif character == "`":
            closing = text.find("`", position + 1)
            end = len(text) if closing < 0 else closing + 1
            parts.append(text[position:end])
        else:
            end = position + 1
            parts.append(character)
        position = min(end, len(text))
    content = "".join(parts)
    inside = next((at for at in (start, start + 1) if text.startswith(content, at) and position - at - len(content) in (0, 1)), -1)
    return Word(content, start, position, inside), position


def _quoted(text: str, start: int) -> int:
    """The end of a quoted part, its closing quote included."""
    quote, position = text[start], start + 1
    while position < len(text):
        if text[position] == "\\" and quote == '"':
            position += 2
        elif text[position] == quote:
            return position + 1
        else:
            position += 1
    return len(text) + 1


def _bracketed(text: str, start: int) -> int:
    """The end of `(…)` or `{…}`, nested ones included."""
    opening, depth, position = text[start], 0, start
    while position < len(text):
        if text[position] == opening:
            depth += 1
        elif text[position] == _CLOSING[opening]:
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return len(text)
