"""A text file that is no code: its text, and exact places in it."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from migrator.jobs import Location, Span


@dataclass(frozen=True)
class Document:
    """`data` as read. Offsets given to its methods are characters of `text`; spans that come out are bytes of `data`."""

    path: str
    data: bytes

    @property
    def name(self) -> str:
        """The file's own name."""
        return posixpath.basename(self.path)

    @cached_property
    def text(self) -> str:
        """The text. Bytes that are no UTF-8 stay where they are, so that offsets hold."""
        return self.data.decode("utf-8", "surrogateescape")

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        """The 1-based line of a character."""
        return bisect_right(self._starts, offset)

    def lines(self) -> list[tuple[int, str]]:
        """(offset, text without its end) of every line."""
        ends = [*self._starts[1:], len(self.text) + 1]
        return [(start, self.text[start : end - 1].rstrip("\r")) for start, end in zip(self._starts, ends, strict=True)]

    def span(self, start: int, end: int) -> Span:
        """Bytes of a range of characters."""
        if self.text.isascii():
            return Span(start, end)
        before = len(self.text[:start].encode("utf-8", "surrogateescape"))
        return Span(before, before + len(self.text[start:end].encode("utf-8", "surrogateescape")))

    def location(self, start: int, end: int) -> Location:
        """The place of a range of characters."""
        line = self.line(start)
        column = self.span(self._starts[line - 1], start)
        last = self.line(max(start, end - 1))
        return Location(self.path, line, column.end - column.start, last, self.span(start, end))

    def characters(self, offset: int) -> int:
        """The character at a byte offset."""
        return offset if self.text.isascii() else len(self.data[:offset].decode("utf-8", "surrogateescape"))
