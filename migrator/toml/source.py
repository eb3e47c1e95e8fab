"""The text of a settings file and errors about it: which line, what is wrong, what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import msgspec

from migrator.errors import MigratorError
from migrator.regex import regex
from migrator.toml.places import Path, line_of

_AT = regex(r" - at `\$?\.?(?P<where>[^`]*)`$")
_STEP = regex(r"\[(\d+|\.\.\.)\]|([^.\[\]]+)")
_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "object": "a table", "array": "a list"}


class Source:
    """The text of a file, which can point into itself."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def place(self, path: Path) -> str:
        """`file:line` of a key as far as it can be told."""
        line = line_of(self.text, path)
        return f"{self.name}:{line}" if line else self.name

    def error(self, path: Path, cause: str, remedy: str = "") -> MigratorError:
        """An error about a key."""
        return MigratorError(cause, place=self.place(path), remedy=remedy)

    def refusal(self, error: msgspec.ValidationError, prefix: Path, kind: type[msgspec.Struct]) -> MigratorError:
        """msgspec's complaint about the table at `prefix`, in the file's own terms."""
        text = str(error)
        at = _AT.search(text)
        path = prefix + (_steps(at["where"]) if at else ())
        said = _AT.sub("", text)
        if unknown := re.match(r"Object contains unknown field `(.*)`$", said):
            known = _fields(kind, path[len(prefix) :])
            close = difflib.get_close_matches(unknown[1], known, 1)
            hint = f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(known)}." if known else ""
            return self.error((*path, unknown[1]), f"unknown key `{unknown[1]}` in {_table(path)}", hint)
        if missing := re.match(r"Object missing required field `(.*)`$", said):
            return self.error(path, f"`{missing[1]}` is missing in {_table(path)}", f"Add `{missing[1]} = …`.")
        if odd := re.match(r"Invalid enum value (.*)$", said):
            known = _choices(kind, path[len(prefix) :])
            value = odd[1].strip("'")
            close = difflib.get_close_matches(value, known, 1)
            hint = f"Did you mean `{close[0]}`?" if close else f"It is one of {', '.join(f'`{each}`' for each in known)}." if known else ""
            return self.error(path, f"`{_key(path)}` cannot be `{value}`", hint)
        wanted, _, got = said.removeprefix("Expected ").partition(", got ")
        cause = f"`{_key(path)}` is to be {_plain(wanted)}" + (f", not {_plain(got)}" if got else "")
        return self.error(path, cause if said.startswith("Expected ") else f"`{_key(path)}`: {said}")


def _steps(where: str) -> Path:
    return tuple(int(index) if index.isdigit() else name or index for index, name in _STEP.findall(where))


def _key(path: Path) -> str:
    return ".".join(str(step) for step in path) or "the file"


def _table(path: Path) -> str:
    return f"[{_key(path)}]" if path else "the file"


def _plain(wanted: str) -> str:
    """A type in words: `Expected `int | null` >= 1` is `a whole number >= 1`."""

    def words(match: re.Match[str]) -> str:
        parts = [_WORDS.get(part, part) for part in match[1].split(" | ") if part != "null"]
        return " or ".join(parts)

    return re.sub(r"`([^`]*)`", words, wanted).replace("of length >= 1", "that is not empty")


def _fields(kind: type[msgspec.Struct], path: Path) -> Sequence[str]:
    """Field names of the struct at a path below `kind`."""
    return list(_types(kind, path))


def _choices(kind: type[msgspec.Struct], path: Path) -> Sequence[str]:
    """The values that the field at a path below `kind` may have, where they are few; an empty text is not worth saying."""
    *outer, last = path or ("",)
    return [part for part in _parts(_types(kind, tuple(outer)).get(str(last))) if isinstance(part, str) and part]


def _types(kind: type[msgspec.Struct], path: Path) -> dict[str, object]:
    """The fields of the struct at a path below `kind`, with their types."""
    current: object = kind
    for step in path:
        if isinstance(step, str) and isinstance(current, type) and issubclass(current, msgspec.Struct):
            current = _fields_of(current).get(step)
        inner = [part for part in _parts(current) if isinstance(part, type) and issubclass(part, msgspec.Struct)]
        current = inner[0] if inner else None
    return _fields_of(current) if isinstance(current, type) and issubclass(current, msgspec.Struct) else {}


def _fields_of(struct: type[msgspec.Struct]) -> dict[str, object]:
    return {f.encode_name: f.type for f in msgspec.structs.fields(struct)}


def _parts(kind: object) -> list[object]:
    """The types inside unions and containers."""
    inner: tuple[object, ...] = getattr(kind, "__args__", ())
    return [kind, *(deep for part in inner for deep in _parts(part))]
