"""Which files of a tree answer a path of its web server, by the habits of the frameworks that route by folders.

Next.js (`app/**/route.ts`, `pages/api/x.ts`), SvelteKit (`+server.ts`), Nuxt and Nitro (`server/api/x.get.ts`), Astro and Remix, and
Vercel's own functions (`api/x.ts`, `api/x.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from migrator.regex import regex

_SUFFIX = regex(r"\.(ts|tsx|mts|js|jsx|mjs|cjs|py)$")
#: a folder of routes, and the rest of the path in it; the likeliest first
_APP = regex(r"(?:^|/)app/(?P<route>.*?)(?:^|/)?route$")
_KIT = regex(r"(?:^|/)src/routes/(?P<route>.*?)/?\+server$")
_PAGES = regex(r"(?:^|/)pages/(?P<route>.+)$")
_NITRO = regex(r"(?:^|/)server/(?P<kind>api|routes)/(?P<route>.+)$")
_REMIX = regex(r"(?:^|/)app/routes/(?P<route>[^/]+)(?:/route)?$")
_TANSTACK = regex(r"(?:^|/)src/(?:app/)?routes/(?P<route>.+)$")
_FUNCTIONS = regex(r"(?:^|/)(?P<route>api/.+)$")
_METHOD = regex(r"\.(get|post|put|patch|delete|head|options)$")
_GROUP = regex(r"^\(.*\)$|^@|^_\w+$")

Segments = tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def route_of(path: str) -> Segments | None:
    """The segments of the route that a file answers; a parameter is `*`, the rest of a path `**`. None for a file that answers none.

    >>> route_of("apps/web/app/(ee)/api/cron/mail/route.ts")
    ('api', 'cron', 'mail')
    >>> route_of("src/pages/api/[...all].js"), route_of("src/lib/mail.ts")
    (('api', '**'), None)
    """
    bare = _SUFFIX.sub("", path)
    if bare == path:
        return None
    for pattern in (_APP, _KIT):
        found = pattern.search(bare)
        if found is not None:
            return _segments(found["route"].split("/"))
    found = _REMIX.search(bare)
    if found is not None:
        return _segments(found["route"].split("."))
    found = _PAGES.search(bare)
    if found is not None:
        return _segments(found["route"].removesuffix("/index").split("/"))
    found = _NITRO.search(bare)
    if found is not None:
        inside = _METHOD.sub("", found["route"]).removesuffix("/index")
        return _segments([*(("api",) if found["kind"] == "api" else ()), *inside.split("/")])
    found = _TANSTACK.search(bare)
    if found is not None:
        return _segments(re.split(r"[./]", found["route"].removesuffix("/index").removesuffix(".index")))
    found = _FUNCTIONS.search(bare)
    return _segments(found["route"].removesuffix("/index").split("/")) if found is not None else None


def answering(paths: Iterable[str], route: str, folder: str = "") -> list[str]:
    """The files that answer the path `route`, those below `folder` first, and of these the ones that say it most exactly."""
    wanted = tuple(part for part in route.split("?")[0].split("#")[0].split("/") if part)
    ranked: list[tuple[bool, int, int, str]] = []
    for path in paths:
        offered = route_of(path)
        if offered is not None and _answers(offered, wanted):
            # A parameter answers less exactly than a name, the rest of a path least of all.
            vague = sum(10 if part == "**" else 1 for part in offered if part in ("*", "**"))
            ranked.append((not path.startswith(f"{folder}/" if folder else ""), vague, path.count("/"), path))
    return [path for _, _, _, path in sorted(ranked)]


def _segments(parts: Iterable[str]) -> Segments:
    return tuple(_segment(part) for part in parts if part and not _GROUP.match(part))


def _segment(part: str) -> str:
    if part.startswith(("[...", "[[...")) or part in ("$", "*"):
        return "**"
    return "*" if part.startswith(("[", "$", ":")) else part.rstrip("_")


def _answers(offered: Segments, wanted: Segments) -> bool:
    if offered and offered[-1] == "**":
        return len(wanted) >= len(offered) - 1 and _same(offered[:-1], wanted)
    return len(offered) == len(wanted) and _same(offered, wanted)


def _same(offered: Segments, wanted: Segments) -> bool:
    return all(one in ("*", other) for one, other in zip(offered, wanted, strict=False))


def exported_methods(path: str, method: str = "GET") -> Iterator[str]:
    """The names under which a file that answers requests offers what does so, the likeliest for `method` first."""
    yield method
    if path.endswith(".py"):
        yield from ("handler", "app", "main")
        return
    yield from ("default", "handler", "loader", "Route", "ServerRoute")
    yield from (m for m in ("GET", "POST", "PUT") if m != method)
