"""Values of the command line that need no conversion worth the name are converted here.

typer has pydantic convert them from 0.29 on, even where nothing was given, and loading that takes every command 0.07 s and 12 MB.
What is not plain, or wrong, is left to typer: what it says of it stays what it says.
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

_NOT_PLAIN = object()


class _Option(TyperOption):
    def process_value(self, ctx: Any, value: Any) -> Any:
        plain = _converted(self, value)
        if plain is _NOT_PLAIN:
            return super().process_value(ctx, value)
        return self.callback(ctx, self, plain) if self.callback is not None else plain


class _Argument(TyperArgument):
    def process_value(self, ctx: Any, value: Any) -> Any:
        plain = _converted(self, value)
        return plain if plain is not _NOT_PLAIN and self.callback is None else super().process_value(ctx, value)


#: typer makes the parameters of a command, and `--help`, and takes no classes of ours for them
_OURS: dict[type, type] = {TyperOption: _Option, TyperArgument: _Argument}


class Command(TyperCommand):
    """A command whose plain values are converted here."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters, `--help` among them."""
        return _as_ours(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands whose own plain values are converted here."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters, `--help` among them."""
        return _as_ours(super().get_params(ctx))


def _as_ours(params: list[Any]) -> list[Any]:
    for param in params:
        param.__class__ = _OURS.get(type(param), type(param))
    return params


def _converted(param: TyperOption | TyperArgument, value: object) -> object:
    """What the command is given for `value`; `_NOT_PLAIN` where typer is to say, which before 0.29 knew no types and had no pydantic."""
    kind = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    if kind is None:
        return _NOT_PLAIN
    several = get_origin(kind) is list
    if value is None:
        return _NOT_PLAIN if param.required else () if several else None
    if not several:
        return _one(kind, value)
    each = [_one(get_args(kind)[0], one) for one in value] if isinstance(value, list | tuple) else [_NOT_PLAIN]
    return _NOT_PLAIN if _NOT_PLAIN in each or (param.required and not each) else each


def _one(kind: object, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        # What may not be read is refused by typer.
        return Path(value) if os.access(value, os.R_OK) or not os.path.exists(value) else _NOT_PLAIN  # noqa: PTH110 - it may be a text
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((member for member in kind if value in (member, member.value)), _NOT_PLAIN)
    return value if kind is str and isinstance(value, str) else _NOT_PLAIN
