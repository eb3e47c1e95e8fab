"""Text of others on a terminal: shown, never obeyed."""

from __future__ import annotations

#: control characters -> their pictures; a tab and a newline stay what they are
_CONTROLS = (
    {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"} | {127: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
)
#: characters that turn the direction of what follows, and so can make code look like other code
_TURNS = dict.fromkeys((0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069), 0xFFFD)
_PICTURES = _CONTROLS | _TURNS


def visible(text: str) -> str:
    """`text` with every character that could steer a terminal replaced by one that only shows.

    >>> visible("red: \\x1b[31m")
    'red: ␛[31m'
    """
    return text.translate(_PICTURES)
