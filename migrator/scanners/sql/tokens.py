"""PostgreSQL's lexical structure: words, names, texts in every quoting, and what is left; comments are passed over.

https://www.postgresql.org/docs/current/sql-syntax-lexical.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal as OneOf

import msgspec

_LEXEME = r"""
      (?P<space>\s+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<dollar>\$(?P<tag>(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?)\$)
    | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*')
    | (?P<text>(?:[uU]&|[bBxXnN])?'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<word>[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<symbol>:=|=>|\|\||::|.)
    """
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Token(msgspec.Struct, frozen=True):
    """A token of SQL. `value` is a name in lower case (as written where it is quoted), a text without its quotes, else what is written.

    `start` and `end` are offsets into the whole text; `inner` is where the value of a text in dollar quotes begins, or -1.
    """

    kind: OneOf["word", "text", "number", "symbol"]
    value: str
    start: int
    end: int
    inner: int = -1


def tokens(text: str, offset: int = 0) -> Iterator[Token]:
    """The tokens of a text that stands `offset` characters into its file. A text without an end goes to the end of the file."""
    pattern, position = _pattern(), 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            return
        start, end = match.span()
        if match["comment"]:
            end = _after_comment(text, end)
        elif match["dollar"]:
            closing = text.find(match["dollar"], end)
            closing = closing if closing >= 0 else len(text)
            yield Token("text", text[end:closing], start + offset, closing + len(match["dollar"]) + offset, end + offset)
            end = closing + len(match["dollar"])
        elif not match["space"]:
            yield _token(match, offset)
        position = end


@cache
def _pattern() -> re.Pattern[str]:
    """One token. Compiled where there is SQL: the classes of letters take milliseconds, a tenth of what all our other expressions take."""
    return re.compile(_LEXEME, re.VERBOSE | re.DOTALL)


def _token(match: re.Match[str], offset: int) -> Token:
    start, end = match.start() + offset, match.end() + offset
    if match["escaped"]:
        value = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), match["escaped"][2:-1].replace("''", "'"), flags=re.DOTALL)
        return Token("text", value, start, end)
    if match["text"]:
        return Token("text", match["text"][match["text"].index("'") + 1 : -1].replace("''", "'"), start, end)
    if match["quoted"]:
        return Token("word", match["quoted"][1:-1].replace('""', '"'), start, end)
    if match["word"]:
        return Token("word", match["word"].lower(), start, end)
    return Token("number" if match["number"] else "symbol", match[0], start, end)


def _after_comment(text: str, position: int) -> int:
    """Where a block comment ends that was opened just before; they nest."""
    depth = 1
    while depth and position < len(text):
        opening, closing = text.find("/*", position), text.find("*/", position)
        if closing < 0:
            return len(text)
        if 0 <= opening < closing:
            depth, position = depth + 1, opening + 2
        else:
            depth, position = depth - 1, closing + 2
    return position
