"""What the command of a schedule runs: a function of the database, an edge function, or a route of the application over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.regex import regex
from migrator.scanners.sql.tokens import Token, tokens

_EDGE = regex(r"(?:/functions/v1/|\.functions\.supabase\.co/)(?P<name>[\w-]+)")
_PATH = regex(r"^(?:https?://[^/]*)?(?P<path>/[\w./-]*)")
_REQUESTS = frozenset(("http_post", "http_get", "http_delete", "http_put"))
#: what comes before the name of a function that a command does nothing but call
_RUNS = frozenset(("select", "call", "perform"))


class Target(msgspec.Struct, frozen=True):
    """`function`: of the database, without its schema. `edge`: of Supabase. `path`: of a URL, or of what is added to one."""

    function: str = ""
    edge: str = ""
    path: str = ""

    @property
    def name(self) -> str:
        """What to call it, empty for plain SQL."""
        return self.edge or self.path or self.function


def target_of(command: str) -> Target:
    """What a command runs.

    >>> target_of("select net.http_post(url := (select base()) || '/functions/v1/sync')").edge, target_of("CALL public.tidy(30);").function
    ('sync', 'tidy')
    >>> target_of("select count(*) from public.tidy()").function, target_of("select a from b where c() > 1").function
    ('tidy', '')
    """
    listed = list(tokens(command))
    if any(t.value in _REQUESTS for t in listed):
        return requested(listed)
    words = [t for t in listed if t.value != ";"]
    if not words or words[0].value not in _RUNS:
        return Target()
    rest = words[1:]
    sources = [i for i, t in enumerate(rest) if t.value == "from"]
    if len(sources) == 1:
        # `select * from f()`, `select count(*) from f()`.
        rest = rest[sources[0] + 1 :]
    if len(rest) > 3 and rest[1].value == ".":
        rest = rest[2:]
    if len(rest) < 3 or rest[0].kind != "word" or rest[1].value != "(" or rest[0].value in ("count", "now", "set_config"):
        return Target()
    return Target(function=rest[0].value) if _closes(rest[1:]) else Target()


def requested(listed: list[Token]) -> Target:
    """Where a request goes, from the texts that its URL is put together from."""
    texts = list(_url(listed)) or [t.value for t in listed if t.kind == "text"]
    for text in texts:
        edge = _EDGE.search(text)
        if edge is not None:
            return Target(edge=edge["name"])
    for text in texts:
        path = _PATH.match(text)
        if path is not None and len(path["path"]) > 1:
            return Target(path=path["path"].rstrip("/"))
    return Target()


def _url(listed: list[Token]) -> Iterator[str]:
    """The texts of the argument `url`, or of the first one."""
    begin = next((i for i, t in enumerate(listed) if t.value in _REQUESTS), 0) + 1
    named = next((i for i in range(begin, len(listed) - 1) if listed[i].value == "url" and listed[i + 1].value in (":=", "=>")), None)
    depth = 0
    for token in listed[(named + 2) if named is not None else begin + 1 :]:
        if token.kind == "symbol" and token.value in "([":
            depth += 1
        elif token.kind == "symbol" and token.value in ")]":
            depth -= 1
        if depth < 0 or (depth == 0 and token.value == ","):
            return
        # The name of a secret, of `current_setting('app.url')`, is no part of the URL.
        if token.kind == "text" and "/" in token.value:
            yield token.value


def _closes(listed: list[Token]) -> bool:
    """True if the parenthesis that opens a list closes at its end, but for a name that the result is given."""
    depth = 0
    for index, token in enumerate(listed):
        if token.kind == "symbol" and token.value in "()":
            depth += 1 if token.value == "(" else -1
            if depth == 0:
                return len(listed) - index - 1 <= 2
    return False
