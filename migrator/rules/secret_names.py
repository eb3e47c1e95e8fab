"""Names of values that nobody but their owner should read: passwords, keys, tokens, card numbers."""

from __future__ import annotations

import re
from typing import Literal as OneOf

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: last words of a name that are enough
_ALONE = frozenset(
    (
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "authorization",
        "credential",
        "credentials",
        "ssn",
        "iban",
        "cvv",
        "cvc",
        "pin",
    )
)
#: last two words of a name
_PAIRS = frozenset(
    (
        *(("api", "key"), ("private", "key"), ("secret", "key"), ("access", "key"), ("encryption", "key"), ("signing", "key")),
        *(("card", "number"), ("credit", "card"), ("account", "number"), ("security", "number"), ("password", "hash")),
    )
)
#: what stands before `token`, `secret` or `pin` in names of things that are none, or that may be known
_HARMLESS = frozenset(
    (
        *("page", "next", "continuation", "sync", "cursor", "csrf", "push", "device", "fcm", "apns", "expo", "registration", "cancel"),
        *(
            "cancellation",
            "prev",
            "previous",
            "start",
            "lock",
            "fencing",
            "stop",
            "special",
            "public",
            "client",
            "has",
            "is",
            "no",
            "encrypted",
        ),
        *(
            "hashed",
            "max",
            "min",
            "input",
            "output",
            "prompt",
            "completion",
            "total",
            "map",
            "drop",
            "unsubscribe",
            "without",
            "show",
            "needs",
        ),
    )
)
#: what stands before `token` in names of tokens that are made to be sent to somebody
_SENT = frozenset(
    ("reset", "verification", "verify", "confirmation", "confirm", "invite", "invitation", "activation", "login", "magic", "email", "otp")
)


def secrecy(name: str) -> OneOf["secret", "sent", ""]:
    """What a name says of its value: a secret, a token that is made to be sent to its owner, or nothing.

    >>> [secrecy(name) for name in ("password", "apiKey", "accessToken", "reset_token", "cardNumber", "SMTP_PASSWORD")]
    ['secret', 'secret', 'secret', 'sent', 'secret', 'secret']
    >>> [secrecy(name) for name in ("tokens", "tokenCount", "nextPageToken", "hasPassword", "secretId", "key", "publicKey", "encryptedToken")]
    ['', '', '', '', '', '', '', '']
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return ""
    before = set(words[:-1])
    if (len(words) > 1 and (words[-2], words[-1]) in _PAIRS) or words[-1] in _ALONE:
        if before & _HARMLESS:
            return ""
        return "sent" if words[-1] == "token" and before & _SENT else "secret"
    return ""
