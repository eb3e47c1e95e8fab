"""One requirement of a Python package (PEP 508): `celery[redis]>=5.4,<6; python_version < "3.13"`."""

from __future__ import annotations

import msgspec

from migrator.regex import regex

_FORM = regex(
    r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[^\]]*)\])?\s*"
    r"(?P<version>(?:@\s*\S+)|\(?\s*(?:(?:===|==|~=|!=|<=|>=|<|>)\s*[^\s,;)#\\]+\s*,?\s*)*\)?)"
)


class Requirement(msgspec.Struct, frozen=True):
    """`version` is written without spaces; `end` is where the requirement ends in the text, before markers and comments."""

    name: str
    extras: tuple[str, ...]
    version: str
    start: int
    end: int


def read(text: str) -> Requirement | None:
    """The requirement at the start of a text, None if there is none.

    >>> r = read("Celery[redis, msgpack] >= 5.4, < 6 ; python_version > '3'")
    >>> r.name, r.extras, r.version
    ('Celery', ('redis', 'msgpack'), '>=5.4,<6')
    """
    match = _FORM.match(text)
    if match is None:
        return None
    extras = tuple(e.strip() for e in (match["extras"] or "").split(",") if e.strip())
    version = "".join(match["version"].split()).strip("(),")
    end = len(text[: match.end()].rstrip())
    return Requirement(match["name"], extras, version, match.start("name"), end)
