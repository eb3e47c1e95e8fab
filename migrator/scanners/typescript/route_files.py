"""Frameworks that route by file: the URL path that a file answers, and the file that answers a path."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

import msgspec

from migrator.regex import regex
from migrator.scanners.files import Tree

_SUFFIX = r"\.(?:m?[tj]sx?|c[tj]s)"
#: names under which a file exports the function for one HTTP method
METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE", "ALL")
_GROUP = regex(r"^\(.*\)$|^@")
_PARAMETER = regex(r"^\[\[?(\.\.\.)?[^\]]+\]\]?$|^[:$]\w+|^\{[^}]+\}$|^<[^>]+>$")


class Layout(msgspec.Struct, frozen=True):
    """A framework's way to put routes into files: `pattern` on the path below the package finds what the URL is made of."""

    pattern: re.Pattern[str]
    exports: tuple[str, ...]  #: names of the exports that answer; the first that is there is the one that a POST reaches
    prefix: str = ""
    dots: bool = False  #: dots in the file's name stand for slashes


_LAYOUTS = (
    Layout(regex(rf"^(?:src/)?app/(?P<url>.*?)/?route{_SUFFIX}$"), METHODS),
    Layout(regex(rf"^(?:src/)?pages/(?P<url>api/.+?|api){_SUFFIX}$"), ("default", *METHODS)),
    Layout(regex(rf"^supabase/functions/(?P<url>[^/_][^/]*)/index{_SUFFIX}$"), (), prefix="/functions/v1"),
    Layout(regex(rf"^(?:src/)?routes/(?P<url>.*?)/?\+server{_SUFFIX}$"), METHODS),
    Layout(regex(rf"^(?:src/)?pages/(?P<url>.+?){_SUFFIX}$"), METHODS),
    Layout(regex(rf"^(?:src/)?server/(?P<url>api/.+?)(?:\.(?:post|get|put|patch|delete))?{_SUFFIX}$"), ("default",)),
    Layout(regex(rf"^(?:src/)?server/routes/(?P<url>.+?)(?:\.(?:post|get|put|patch|delete))?{_SUFFIX}$"), ("default",)),
    Layout(regex(rf"^app/routes/(?P<url>.+?)(?:/route)?{_SUFFIX}$"), ("action", "loader"), dots=True),
    Layout(regex(rf"^(?:src/)?routes/(?P<url>api/.+?){_SUFFIX}$"), METHODS),
    Layout(regex(rf"^(?P<url>api/.+?){_SUFFIX}$"), ("default", *METHODS)),
)


def file_route(tree: Tree, path: str) -> tuple[str, tuple[str, ...]] | None:
    """(URL path, exports that may answer) of a file in a framework that routes by file; None for any other file."""
    for folder in _packages(tree, path):
        below = path[len(folder) + 1 :] if folder else path
        for layout in _LAYOUTS:
            match = layout.pattern.match(below)
            if match is not None:
                return _url(match["url"], layout), layout.exports
    return None


def _packages(tree: Tree, path: str) -> Iterator[str]:
    """The folders around a file that may be the root of an application: those with a manifest, and the tree's own."""
    folder = posixpath.dirname(path)
    while folder:
        if f"{folder}/package.json" in tree:
            yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _url(text: str, layout: Layout) -> str:
    parts = text.replace(".", "/").split("/") if layout.dots else text.split("/")
    kept = [p for p in parts if p and not _GROUP.match(p) and not (layout.dots and p == "_index")]
    if kept and kept[-1] == "index":
        kept.pop()
    return f"{layout.prefix}/{'/'.join(kept)}"


def matches(pattern: str, path: str) -> bool:
    """True if a request for `path` reaches the route `pattern`; what is computed (`${id}`) stands for any one segment.

    >>> matches("/api/jobs/[name]", "/api/jobs/${job.name}"), matches("/api/jobs/[name]", "/api/jobs"), matches("/api/[...all]", "/api/a/b")
    (True, False, True)
    """
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    for index, part in enumerate(wanted):
        parameter = _PARAMETER.match(part)
        if part in ("*", "**") or (parameter is not None and parameter[1]):
            return len(given) > index or part.startswith("[[")
        if index >= len(given) or not given[index]:
            return part == ""
        if parameter is None and part != given[index] and "${" not in given[index]:
            return False
    return len(given) == len(wanted)


#: finds the route of a file by the path of a request
Finder = Callable[[str], tuple[str, str, tuple[str, ...]] | None]


def finder(tree: Tree) -> Finder:
    """Looks up (file, URL pattern, exports) by the path of a request; exact paths before patterns."""
    exact: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    patterns: list[tuple[str, str, tuple[str, ...]]] = []
    for path in sorted(tree.sizes):
        if not path.endswith((".ts", ".tsx", ".js", ".jsx", ".mjs", ".mts")) or path.endswith(".d.ts"):
            continue
        found = file_route(tree, path)
        if found is not None:
            row = (path, *found)
            exact.setdefault(found[0], row)
            if "[" in found[0] or "$" in found[0]:
                patterns.append(row)

    def find(request: str) -> tuple[str, str, tuple[str, ...]] | None:
        plain = request.rstrip("/") or "/"
        hit = exact.get(plain) or next((row for row in patterns if matches(row[1], plain)), None)
        if hit is None and "${" in plain:
            hit = next((row for url, row in exact.items() if matches(url, plain)), None)
        return hit

    return find
