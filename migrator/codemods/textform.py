"""How a file spells its text: byte order mark, encoding, newlines. Edits take on the form of the file that they go into."""

from __future__ import annotations

import codecs
import io
import tokenize
from pathlib import PurePosixPath

import msgspec

from migrator.errors import MigratorError

_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


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
    """The form of a file with content `data`, which is not UTF-16 (see `narrow`).

    UTF-8 unless a Python file declares another (PEP 263). Where the bytes are not what the encoding says, only ASCII may be added.
    """
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


def narrow(data: bytes, path: str) -> tuple[bytes, str]:
    """`data` as the scan reads it, and the way back for `widen`: UTF-16 becomes UTF-8 without its mark, all else stays."""
    encoding = _WIDE.get(data[:2], "")
    if not encoding:
        return data, ""
    try:
        return data[2:].decode(encoding).encode(), encoding
    except UnicodeDecodeError:
        raise MigratorError(
            "is not the UTF-16 text that it begins as", place=path, remedy="Convert the file to UTF-8 and run again."
        ) from None


def widen(data: bytes, encoding: str) -> bytes:
    """The opposite of `narrow`."""
    if not encoding:
        return data
    mark = next(mark for mark, wide in _WIDE.items() if wide == encoding)
    return mark + data.decode().encode(encoding)
