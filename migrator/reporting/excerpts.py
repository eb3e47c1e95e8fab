"""The lines of code at which an item stands, coloured, with secrets masked."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from migrator.jobs import Item
from migrator.jobs.redaction import redact_lines

#: of an item that spans more, the first lines are shown
LINES = 14
#: lines shown above and below a line that something is wrong with
_ABOVE, _BELOW = 2, 4
_CODE = (".py", ".pyi", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")


class Excerpt(msgspec.Struct, frozen=True):
    """Coloured HTML of the lines from `first` (1-based) on, and how many lines of the item are not shown."""

    first: int
    html: Markup
    more: int


class Excerpts:
    """Excerpts of the files below a folder. A file that is gone, or holds values of the environment, has none."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines = lru_cache(maxsize=32)(self._read)

    def of(self, item: Item) -> Excerpt | None:
        """What to show of an item."""
        path, first = item.location.path, item.location.line
        # Values of the environment stay where they are.
        if ".env" in Path(path).name:
            return None
        lines = self._lines(path)[first - 1 : max(first, item.location.end_line)]
        if not lines:
            return None
        return self._shown(path, first, lines)

    def around(self, path: str, line: int) -> Excerpt | None:
        """A line with what stands right above and below it; None where it stands in no file that may be shown."""
        if line < 1 or ".env" in Path(path).name:
            return None
        first = max(1, line - _ABOVE)
        lines = self._lines(path)[first - 1 : line + _BELOW]
        return self._shown(path, first, lines) if lines else None

    def _shown(self, path: str, first: int, lines: list[str]) -> Excerpt:
        text = redact_lines("\n".join(lines[:LINES]), code=path.endswith(_CODE))
        return Excerpt(first, _coloured(path, text), max(0, len(lines) - LINES))

    def _read(self, path: str) -> list[str]:
        try:
            data = (self._root / path).read_bytes()
        except OSError:
            return []
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        return data.decode("utf-16" if wide else "utf-8-sig", "replace").splitlines()


def _coloured(path: str, text: str) -> Markup:
    try:
        lexer = get_lexer_for_filename(path, stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    # Pygments escapes what it prints.
    return Markup(highlight(text, lexer, HtmlFormatter(nowrap=True)))  # noqa: S704
