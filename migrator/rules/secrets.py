"""Credentials that stand in files as they are. What is found is a kind and a place; the text itself never leaves this file."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import re
from collections.abc import Iterator

import msgspec

from migrator.regex import regex

#: what must be in a file for it to be worth a look
MARKERS = (
    *(
        b"redis://",
        b"rediss://",
        b"amqp://",
        b"amqps://",
        b"postgres://",
        b"postgresql://",
        b"postgresql+",
        b"mongodb://",
        b"mongodb+srv://",
    ),
    *(b"signkey-", b"AKIA", b"eyJVc2VySUQi", b"Bearer "),
)
_URL = regex(
    r"\b(?P<scheme>rediss?|amqps?|postgres(?:ql)?(?:\+\w+)?|mongodb(?:\+srv)?)://(?P<user>[^\s:@/'\"`]*):(?P<password>[^\s@/'\"`]+)@(?P<host>[\w.-]+)"
)
_SERVERS = {"redis": "Redis", "rediss": "Redis", "amqp": "RabbitMQ", "amqps": "RabbitMQ", "mongodb": "MongoDB", "mongodb+srv": "MongoDB"}
_SIGNING_KEY = regex(r"\bsignkey-(?!test)[a-z]+-[0-9a-f]{32,}\b")
_AWS = regex(r"\bAKIA(?!IOSFODNN7)[0-9A-Z]{16}\b")
#: the secret that goes with the name of a key, which alone opens nothing
_AWS_SECRET = regex(r"(?<![\w/+=])(?=[^\s'\"]*\d)(?=[^\s'\"]*[A-Z])(?=[^\s'\"]*[a-z])[A-Za-z0-9/+]{40}(?![\w/+=])")
_NEAR = 400
#: a token of QStash is JSON in base 64 that begins with the user's id; that of the development server has `defaultUser`
_QSTASH = regex(r"\beyJVc2VySUQi(?!OiJkZWZhdWx0VXNlciI)[\w+/=-]{40,}")
_BEARER = regex(r"\bBearer\s+(?P<token>[\w-]{16,}(?:\.[\w-]+)*)")
#: what calls over HTTP from inside a database
_CALLS = regex(r"\bnet\.http_(?:post|get)\b|\bcron\.schedule\b|\bhttp_post\b")
#: words that stand where a password will be
_NONE = regex(
    r"(?i:x+|\*+|\.+|your.*|my.*|some.*|.*pass(?:word|wd)?\d*|.*secret\d*|change.?me.*|example.*|test.*|admin\d*|root|guest|postgres|redis|user\w*|"
    r"dev\w*|local\w*|foo|bar|token|key|placeholder|dummy|fake|default|rabbit(?:mq)?|mongo\w*|12345\w*|db\w*|pw|pwd|pass)|[\[(<]?[A-Z][A-Z_-]+[\])>]?"
)
_HOSTS = regex(
    r"(?i)(?:^|\.)(?:localhost|local|internal|test|invalid|example|example\.(?:com|org|net)|docker|svc|lan|domain\.com|yourdomain\.com)$|^(?:host|your|my|some)\b"
)


class Secret(msgspec.Struct, frozen=True):
    """A credential: what it is for, the line it stands on, and a mark that is the same for the same text."""

    what: str
    line: int
    mark: str


def secrets(text: str) -> Iterator[Secret]:
    """The credentials of a file that are none of a machine of one's own, and no place for one.

    >>> [s.what for s in secrets("url = 'rediss://default:Zk3vQ9w2LmP0@eu1-cat.upstash.io:6379'")]
    ['the password of a Redis server']
    >>> list(secrets("redis://:password@cache.shop.com redis://:Zk3vQ9w2LmP0@localhost amqp://u:${PASS}@mq.shop.com"))
    []
    """
    for match in _URL.finditer(text):
        if _is_password(match["user"], match["password"]) and _is_remote(match["host"]):
            server = _SERVERS.get(match["scheme"], "Postgres")
            yield _secret(text, match, f"the password of a {server} server")
    for pattern, what in ((_SIGNING_KEY, "a signing key of Inngest"), (_QSTASH, "a token of QStash")):
        for match in pattern.finditer(text):
            yield _secret(text, match, what)
    for match in _AWS.finditer(text):
        if _AWS_SECRET.search(text, max(match.start() - _NEAR, 0), match.end() + _NEAR):
            yield _secret(text, match, "an access key of AWS with its secret")
    for match in _BEARER.finditer(text) if _CALLS.search(text) else ():
        role = _role(match["token"])
        # The key of the role `anon` is made to be known to everybody.
        if role != "anon" and not _NONE.fullmatch(match["token"]) and any(c.isdigit() for c in match["token"]):
            yield _secret(text, match, "the key of the role `service_role`" if role == "service_role" else "a token of a request")


def _secret(text: str, match: re.Match[str], what: str) -> Secret:
    return Secret(what, text.count("\n", 0, match.start()) + 1, hashlib.sha256(match[0].encode()).hexdigest())


def _is_password(user: str, password: str) -> bool:
    open_part = any(mark in password for mark in ("$", "{", "<", "%(", "[", "…", "..."))
    return len(password) >= 6 and password != user and not open_part and not _NONE.fullmatch(password)


def _is_remote(host: str) -> bool:
    """True for a machine that others can reach: a name with a dot, or a public address."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not _HOSTS.search(host)


def _role(token: str) -> str:
    """The role that a JSON web token is for; empty for any other text."""
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))) if len(parts) == 3 else {}
    except (ValueError, UnicodeDecodeError):
        return ""
    role = claims.get("role", "") if isinstance(claims, dict) else ""
    return role if isinstance(role, str) else ""
