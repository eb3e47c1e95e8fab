"""Addresses of running systems, and how they are shown: never with a user, a password or a query."""

from __future__ import annotations

import re
from typing import Literal as OneOf
from urllib.parse import unquote, urlsplit

Kind = OneOf["postgres", "redis", "http", ""]
_SCHEMES: dict[str, Kind] = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "redis": "redis",
    "rediss": "redis",
    "unix": "redis",
    "http": "http",
    "https": "http",
}


def kind_of(url: str) -> Kind:
    """What is asked at an address, by its scheme; empty for one that is not known."""
    return _SCHEMES.get(url.partition("://")[0].lower(), "") if "://" in url else ""


def label(url: str) -> str:
    """An address as it may be shown.

    >>> label("postgresql://app:secret@db:5432/shop?sslmode=require"), label("redis://:secret@cache/0"), label("nonsense:secret")
    ('postgresql://db:5432/shop', 'redis://cache/0', 'an address without a scheme')
    """
    if "://" not in url:
        return "an address without a scheme"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return f"{url.partition('://')[0]}://…"
    return f"{parts.scheme}://{host}{parts.path}"


def hidden(text: str, url: str) -> str:
    """What a driver says, without any part of the password: drivers quote pieces of an address that they misread.

    >>> hidden("failed to resolve host 'ter2@db'", "postgresql://app:hun@ter2@db/shop")
    "failed to resolve host '…@db'"
    """
    authority = re.split(r"[/?#](?!.*@)", url.partition("://")[2], maxsplit=1)[0]
    secret = authority.rpartition("@")[0].partition(":")[2]
    pieces = {piece for whole in (secret, unquote(secret)) for piece in (whole, *re.split(r"[@:/?#\[\]]", whole)) if len(piece) > 1}
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, "…")
    return text
