"""Text of others in a cell of a spreadsheet."""

from __future__ import annotations

#: what Excel, LibreOffice and Google Sheets take for the beginning of a formula, or strip before they look for one
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(text: str) -> str:
    """The text, with an apostrophe in front where a program would run it as a formula; a lone carriage return would end the row for some.

    >>> cell("=HYPERLINK(0)"), cell("article-7")
    ("'=HYPERLINK(0)", 'article-7')
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{lines}" if lines.startswith(_BEGINNINGS) else lines
