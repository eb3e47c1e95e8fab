"""Server addresses as people may see them."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def without_password(url: str) -> str:
    """The address with its password left out.

    >>> without_password("postgresql://ann:secret@db.example:5432/jobs?sslmode=require")
    'postgresql://ann:***@db.example:5432/jobs?sslmode=require'
    >>> without_password("redis://127.0.0.1:6379/0")
    'redis://127.0.0.1:6379/0'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}{':***' if colon else ''}{at}{host}"))
