"""A function that answers a request, in either language."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.candidates import python_routes, typescript_routes
from migrator.scanners.reading import View


class RequestHandler(msgspec.Struct, frozen=True):
    """`function` answers `route` (`POST /orders`, as far as it is told); `at` is where that is said; `writes`: it may change something."""

    function: Node
    at: Node
    name: str
    route: str
    writes: bool


def request_handlers(view: View) -> Iterator[RequestHandler]:
    """The request handlers of a file, each function once."""
    seen: set[int] = set()
    routes = python_routes if view.source.is_python else typescript_routes
    for function, at, name, method, path in routes.handlers(view):
        if function.id not in seen:
            seen.add(function.id)
            yield RequestHandler(
                function, at, name, " ".join(part for part in (method, path) if part), method not in ("GET", "HEAD", "OPTIONS")
            )
