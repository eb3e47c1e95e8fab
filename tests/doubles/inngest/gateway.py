"""The HTTP side: what applications call."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: (path, body) -> (status, answer)
Handle = Callable[[str, Any], tuple[int, Any]]
Route = tuple[re.Pattern[str], Handle]


class Gateway:
    """Serves POST routes on a free port of the loopback interface, each request in a thread of its own."""

    def __init__(self, routes: dict[str, Handle]) -> None:
        compiled: list[Route] = [(re.compile(pattern), handle) for pattern, handle in routes.items()]

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("content-length") or 0))
                self._answer(*_route(compiled, self.path, content))

            def do_GET(self) -> None:
                self._answer(200, {})

            def _answer(self, status: int, body: Any) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet: what matters is in the runs."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An application that ends in the middle of a connection is no error; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _route(routes: list[Route], path: str, content: bytes) -> tuple[int, Any]:
    for pattern, handle in routes:
        if pattern.fullmatch(path.partition("?")[0]):
            try:
                return handle(path, json.loads(content or b"null"))
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                return 400, {"error": f"{type(error).__name__}: {error}"}
    return 404, {"error": f"the double does not serve {path}"}
