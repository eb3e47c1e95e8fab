"""Server addresses: whether they are of the right kind, and as people may see them."""

from __future__ import annotations

import re
from collections.abc import Callable

from migrator.errors import MigratorError
from migrator.regex import regex

_PASSWORDS = (regex(r"(://[^:/@\s]*:)\S*(@)"), regex(r"(password=)[^&\s]*()", re.IGNORECASE))


def without_passwords(text: str) -> str:
    """A text, an address or an error about one, with the passwords of the addresses in it left out.

    >>> without_passwords("postgresql://ann:secret@db.example:5432/jobs?sslmode=require")
    'postgresql://ann:***@db.example:5432/jobs?sslmode=require'
    >>> without_passwords("cannot read redis://:a@b#c@db.example")
    'cannot read redis://:***@db.example'
    >>> without_passwords("postgresql://db.example/jobs?user=ann&password=secret")
    'postgresql://db.example/jobs?user=ann&password=***'
    """
    for pattern in _PASSWORDS:
        text = pattern.sub(r"\1***\2", text)
    return text


def given_address(setting: str, url: str, *, schemes: tuple[str, ...], refusal: Callable[[str], str | None]) -> str:
    """The address that a setting gives, when a server answers there; else MigratorError, for a setting is never passed over.

    `refusal` tells why the server at an address does not answer, or None.
    """
    remedy = f"Start that server or mend the address; unset {setting} to have a server of its own started."
    if not url.startswith(schemes):
        # The value itself may be a password that was pasted into the wrong place.
        raise MigratorError(f"not an address that starts with {' or '.join(schemes)}", place=setting, remedy=remedy)
    if reason := refusal(url):
        raise MigratorError(f"{without_passwords(url)} does not answer: {without_passwords(reason)}", place=setting, remedy=remedy)
    return url
