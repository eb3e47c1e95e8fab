"""Names of values that nobody but their owner should read: passwords, keys, tokens, card numbers."""

from __future__ import annotations

from typing import Literal as OneOf

from migrator.regex import regex

_WORDS = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: last words of a name that are enough
_ALONE = frozenset(
    (
        *("password", "passwd", "passphrase", "secret", "token", "apikey", "authorization", "credential", "credentials"),
        *("ssn", "iban", "cvv", "cvc", "pin"),
    )
)
#: those of them that may open much, little or nothing
_VAGUE = frozenset(("token", "credential", "credentials"))
#: last two words of a name
_PAIRS = frozenset(
    (
        *(("api", "key"), ("private", "key"), ("secret", "key"), ("access", "key"), ("encryption", "key"), ("signing", "key")),
        *(("card", "number"), ("credit", "card"), ("account", "number"), ("security", "number"), ("password", "hash")),
    )
)
#: what stands before `token` and the like in names of things that are none
_HARMLESS = frozenset(
    (
        *("page", "next", "continuation", "sync", "cursor", "csrf", "push", "device", "fcm", "apns", "expo", "registration", "cancel"),
        *("cancellation", "prev", "previous", "start", "lock", "fencing", "stop", "special", "public", "client", "has", "is", "no"),
        *("encrypted", "hashed", "max", "min", "input", "output", "prompt", "completion", "total", "map", "drop", "unsubscribe"),
        *("without", "show", "needs", "execution", "checkout", "cart", "idempotency", "dedupe"),
    )
)
#: what stands before `token` in names of tokens that open an account or an API
_OPENS = frozenset(
    ("access", "refresh", "auth", "bearer", "api", "session", "jwt", "oauth", "personal", "github", "gitlab", "slack", "bot")
)


def secrecy(name: str) -> OneOf["secret", "token", ""]:
    """What a name says of its value: a secret, a token of which it does not say how far it opens anything, or nothing.

    >>> [secrecy(name) for name in ("password", "apiKey", "accessToken", "reset_token", "cardNumber", "SMTP_PASSWORD")]
    ['secret', 'secret', 'secret', 'token', 'secret', 'secret']
    >>> [secrecy(name) for name in ("tokens", "tokenCount", "nextPageToken", "hasPassword", "secretId", "publicKey", "executionToken")]
    ['', '', '', '', '', '', '']
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return ""
    before = set(words[:-1])
    if (len(words) > 1 and (words[-2], words[-1]) in _PAIRS) or words[-1] in _ALONE:
        if before & _HARMLESS:
            return ""
        return "token" if words[-1] in _VAGUE and not before & _OPENS else "secret"
    return ""
