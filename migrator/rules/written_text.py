"""The text that an expression is sure to hold, whatever its variable parts turn out to be."""

from __future__ import annotations

import re

from migrator.jobs import Literal, Value
from migrator.regex import regex

_HOLE = regex(r"\$?\{(?:[^{}]|\{[^{}]*\})*\}")
_QUOTED = regex(r"""(["'`])((?:(?!\1)[^\\])*)\1""")
#: what stands between texts in a sum: names, members, and calls of them without arguments
_NAMES = regex(r"[\w.$?!\s+]*(?:\(\)[\w.$?!\s+]*)*")


def written_text(value: Value | None) -> tuple[str, bool] | None:
    """The fixed text of a string, and whether that is all of it; None where nothing of it can be told.

    >>> from migrator.jobs import Expression
    >>> written_text(Expression("`user:${user.id}`"))
    ('user:', False)
    >>> written_text(Expression('"user-" + id'))
    ('user-', False)
    >>> written_text(Expression("user.id")) is None
    True
    """
    if isinstance(value, Literal):
        return (value.value, True) if isinstance(value.value, str) else None
    if value is None:
        return None
    source = value.source.strip()
    whole = re.fullmatch(r"f?([`\"'])((?:(?!\1)[^\\])*)\1", source, re.DOTALL)
    if whole is not None:
        return _HOLE.sub("", whole[2]), False
    if "+" in source and _NAMES.fullmatch(_QUOTED.sub("", source)):
        return "".join(text for _, text in _QUOTED.findall(source)), False
    return None
