"""How a file spells its text: byte order mark, encoding, newlines. Edits take on the form of the file that they go into."""

from __future__ import annotations

import codecs
import io
import tokenize
from pathlib import PurePosixPath

import msgspec

from migrator.errors import MigratorError

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TextForm(msgspec.Struct, frozen=True):
    """`body` is the offset of the first byte after the byte order mark, `newline` the one that most lines end with."""

    encoding: str
    newline: str
    body: int

    def encode(self, text: str, *, place: str) -> bytes:
        """Bytes of `text` in this form; `place` names the file in the error for characters that its encoding lacks."""
        text = text.replace("\r\n", "\n")
        if self.newline != "\n":
            text = text.replace("\n", self.newline)
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise MigratorError(
                f"{self.encoding} cannot write {error.object[error.start : error.end]!r}, which the rewrite needs",
                place=place,
                remedy="Convert the file to UTF-8 and run again.",
            ) from None


def text_form(data: bytes, path: str) -> TextForm:
    """The form of a file with content `data`.

    UTF-8 unless a Python file declares another (PEP 263). Where the bytes are not what the encoding says, only ASCII may be added.
    """
    if data.startswith(_WIDE):
        raise MigratorError("UTF-16 text cannot be edited by byte position", place=path, remedy="Convert the file to UTF-8 and run again.")
    encoding = "utf-8"
    if PurePosixPath(path).suffix in (".py", ".pyi"):
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0].removesuffix("-sig")
        except SyntaxError:
            encoding = "ascii"
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "ascii"
    crlf = data.count(b"\r\n")
    newline = "\r\n" if crlf > data.count(b"\n") - crlf else "\n"
    return TextForm(encoding, newline, len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
