"""The HTTP side: what applications call."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Request:
    """One request. `target` is the path with its query; names of headers are in small letters."""

    method: str
    path: str
    target: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


#: request -> (status, answer)
Handle = Callable[[Request], tuple[int, Any]]
Route = tuple[re.Pattern[str], Handle]


class Gateway:
    """Serves routes (`POST /path`) on a free port of the loopback interface, each request in a thread of its own."""

    def __init__(self, routes: dict[str, Handle]) -> None:
        compiled: list[Route] = [(re.compile(pattern), handle) for pattern, handle in routes.items()]
        self._port = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are written one after the other

            def _any(self) -> None:
                content = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._answer(*_route(compiled, self.command, self.path, headers, content))

            do_GET = do_POST = _any  # noqa: N815 - as its base class calls them

            def _answer(self, status: int, body: Any) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet: what matters is in the runs."""

        self._handler = Handler
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Serve; after a `close`, on the same port again."""
        self._server = _Server(("127.0.0.1", self._port), self._handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Serve no more, on connections that are open neither."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *arguments: Any) -> None:
        self._connections = weakref.WeakSet[socket.socket]()
        super().__init__(*arguments)

    def get_request(self) -> Any:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def hang_up(self) -> None:
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An application that ends in the middle of a connection is no error; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _route(routes: list[Route], method: str, target: str, headers: dict[str, str], content: bytes) -> tuple[int, Any]:
    path, _, query = target.partition("?")
    for pattern, handle in routes:
        if pattern.fullmatch(f"{method} {path}"):
            try:
                return handle(Request(method, path, target, dict(parse_qsl(query)), headers, json.loads(content or b"null")))
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                return 400, {"error": f"{type(error).__name__}: {error}"}
    return (200, {}) if method == "GET" else (404, {"error": f"the double does not serve {path}"})
