"""Secrets that stand in code never leave the machine: they are masked in every output."""

from __future__ import annotations

import re
from typing import Any

from migrator.regex import regex

MASK = "•••"
_NAMES = r"pass(?:word|wd)|secret|token|api_?key|signing_?key|event_?key|access_?key|private_?key|credential|dsn"

_URL_PASSWORD = regex(r"(?<=://)([^/\s:@'\"]*):([^@/\s'\"]+)@")
_SECRET_NAME = regex(rf"(?:{_NAMES}|pass$)", re.IGNORECASE)
_QUOTED_SECRET = regex(rf"""((?:{_NAMES})\w*["']?\]?\s*(?::|=>?)\s*)(["'`])(?!\2)[^"'`\n$]+\2""", re.IGNORECASE)
_BARE_SECRET = regex(rf"""((?:{_NAMES})[\w.-]*["']?\s*[:=]\s*)[^\s"'$•{{}}#][^\s#]*""", re.IGNORECASE)
#: by how they begin: Stripe, Inngest, GitHub, Slack, a name of AWS, a JSON web token, a token of QStash
_TOKEN = regex(r"\b(sk_(live|test)_|signkey-|ghp_|xox[abp]-|AKIA|eyJhbGci|eyJVc2VySUQi)[\w.+/=-]{6,}")
_BEARER = regex(r"(?<=\bBearer )\s*[\w-]{16,}(?:\.[\w-]+)*")
#: the secret of a key of AWS has no beginning of its own: it is known by its length beside the key's name
_AWS_SECRET = regex(r"(?<![\w/+=])(?=[^\s'\"]*\d)(?=[^\s'\"]*[A-Z])(?=[^\s'\"]*[a-z])[A-Za-z0-9/+]{40}(?![\w/+=])")


def redact_text(text: str) -> str:
    """Mask passwords in URLs and tokens of well-known shapes.

    >>> redact_text("redis://:hunter2@cache:6379/0")
    'redis://:•••@cache:6379/0'
    >>> redact_text("amqp://app:{password}@rabbit")
    'amqp://app:{password}@rabbit'
    """
    text = _URL_PASSWORD.sub(lambda m: m.group(0) if m.group(2).startswith(("{", "${", "%(")) else f"{m.group(1)}:{MASK}@", text)
    if "AKIA" in text:
        text = _AWS_SECRET.sub(MASK, text)
    return _TOKEN.sub(MASK, _BEARER.sub(MASK, text))


def redact_lines(text: str, *, code: bool) -> str:
    """Mask secrets in lines of a file: also what stands quoted, or in a file that is not `code` stands at all, behind a secret's name.

    >>> redact_lines('connect(password="hunter2", token=settings.TOKEN)', code=True)
    'connect(password="•••", token=settings.TOKEN)'
    >>> redact_lines("  DB_PASSWORD: hunter2", code=False), redact_lines("  DB_PASSWORD: ${SECRET}", code=False)
    ('  DB_PASSWORD: •••', '  DB_PASSWORD: ${SECRET}')
    """
    assigned = _QUOTED_SECRET.sub(lambda m: f"{m[1]}{m[2]}{MASK}{m[2]}", text)
    return redact_text(assigned if code else _BARE_SECRET.sub(lambda m: f"{m[1]}{MASK}", assigned))


def redact(value: Any, name: str = "") -> Any:
    """`value` (plain data, as in JSON) with secrets masked; `name` is the key under which it stands.

    A `{"type": "literal", "value": …}` under a secret's name is masked, an expression such as `env.TOKEN` is kept: it tells no secret.

    >>> redact({"password": {"type": "literal", "value": "hunter2"}, "token": {"type": "expression", "source": "env.TOKEN"}})
    {'password': {'type': 'literal', 'value': '•••'}, 'token': {'type': 'expression', 'source': 'env.TOKEN'}}
    """
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list | tuple):
        return [redact(v, name) for v in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "literal" and _SECRET_NAME.search(name) and isinstance(value.get("value"), str) and value["value"]:
        return {**value, "value": MASK}
    if value.get("type") == "literal" and isinstance(value.get("value"), dict):
        inner = {
            k: MASK if isinstance(v, str) and v and _SECRET_NAME.search(str(k)) else redact(v, str(k)) for k, v in value["value"].items()
        }
        return {**value, "value": inner}
    return {k: redact(v, str(k) if k not in ("type", "value", "source") else name) for k, v in value.items()}
