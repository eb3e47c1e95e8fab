"""Names with `*` (any text) and `?` (any character): so little that Python, TypeScript and SQL read it alike."""

from __future__ import annotations

import re
from functools import lru_cache


def is_pattern(text: str) -> bool:
    """True if it can mean more than one name."""
    return "*" in text or "?" in text


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def matches(name: str, pattern: str) -> bool:
    """True if `pattern` means the name.

    >>> matches("mail.send", "mail.*"), matches("mail", "mail.*"), matches("a[1]", "a[1]"), matches("ab", "a?")
    (True, False, True, True)
    """
    return name == pattern or (is_pattern(pattern) and _compiled(pattern).fullmatch(name) is not None)
