"""The double as tests use it, and its HTTP side."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.doubles.qstash.delays import seconds
from tests.doubles.qstash.delivery import Courier
from tests.doubles.qstash.messages import Log, Message

#: seconds for which a deduplication id is remembered
REMEMBERED = 600
FORWARD = "upstash-forward-"
Answer = tuple[int, Any]


class QStashDouble:
    """One account."""

    token = "token-of-the-double"
    current_key, next_key = "sig_the_current_key_of_the_double_", "sig_the_next_key_of_the_double____"

    def __init__(self) -> None:
        self.log = Log()
        self.courier = Courier(self.log, self.current_key)
        self._seen: dict[str, tuple[float, str]] = {}  # deduplication id -> when, and which message
        self._limits: list[dict[str, str]] = []
        self._lock = threading.Lock()
        self._port = 0
        self._server: _Server | None = None
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            ("POST", re.compile(r"/v2/publish/(?P<url>.+)"), self._publish),
            ("POST", re.compile(r"/v2/enqueue/(?P<queue>[^/]+)/(?P<url>.+)"), self._publish),
            ("GET", re.compile(r"/v2/(events|logs)"), lambda **request: (200, self.log.page(request["query"]))),
            ("GET", re.compile(r"/v2/messages/(?P<id_>[^/]+)"), self._message),
            ("DELETE", re.compile(r"/v2/messages/(?P<id_>[^/]+)"), self._cancel),
            ("GET", re.compile(r"/v2/dlq"), self._dead),
            ("GET", re.compile(r"/v2/queues/(?P<queue>[^/]+)"), self._queue),
            ("GET", re.compile(r"/v2/keys"), lambda **_: (200, {"current": self.current_key, "next": self.next_key})),
        ]

    def __enter__(self) -> QStashDouble:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.courier.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def environment(self) -> dict[str, str]:
        """What an application needs in its environment to use this double."""
        return {
            "QSTASH_URL": self.url,
            "QSTASH_TOKEN": self.token,
            "QSTASH_CURRENT_SIGNING_KEY": self.current_key,
            "QSTASH_NEXT_SIGNING_KEY": self.next_key,
        }

    def start(self) -> None:
        """Answer and deliver, on the same port as before."""
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.courier.paused = False

    def stop(self) -> None:
        """Do neither; what is there stays."""
        self.courier.paused = True
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def limit(self, *, daily: bool = False) -> None:
        """Answer the next request with 429."""
        names = ("RateLimit",) if daily else ("Burst-RateLimit",)
        self._limits.append({f"{name}-{part}": "0" for name in names for part in ("Limit", "Remaining", "Reset")})

    def drop(self, message_id: str) -> None:
        """Lose a message: it is nowhere, and nothing says so."""
        self.courier.pending.pop(message_id, None)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        """One request: status, headers and body of the answer."""
        if headers.get("authorization") != f"Bearer {self.token}":
            return 401, {}, {"error": "invalid token"}
        if self._limits:
            return 429, self._limits.pop(0), {"error": "rate limit exceeded"}
        place, _, query = path.partition("?")
        for known, pattern, handle in self._routes:
            match = pattern.fullmatch(path if "/publish/" in path or "/enqueue/" in path else place)
            if match and known == method:
                status, answer = handle(headers=headers, body=body, query=parse_qs(query), **match.groupdict())
                return status, {}, answer
        return 404, {}, {"error": f"the double does not serve {method} {path}"}

    def _publish(self, *, headers: dict[str, str], body: bytes, url: str, queue: str = "", **_: Any) -> Answer:
        if not url.startswith(("http://", "https://")):
            return 400, {"error": f"invalid destination url: {url}"}
        try:
            message = Message(
                url=url,
                body=body,
                headers=_forwarded(headers),
                retries=int(headers.get("upstash-retries", "3")),
                delay=seconds(headers["upstash-delay"]) if "upstash-delay" in headers else 0.0,
                retry_delay=headers.get("upstash-retry-delay", ""),
                method=headers.get("upstash-method", "POST"),
                label=headers.get("upstash-label", ""),
                timeout=seconds(headers["upstash-timeout"]) if "upstash-timeout" in headers else 30.0,
                queue=queue,
            )
        except ValueError as error:
            return 400, {"error": str(error)}
        key = headers.get("upstash-deduplication-id", "")
        with self._lock:
            at, known = self._seen.get(key, (0.0, ""))
            if key and known and time.monotonic() - at < REMEMBERED:
                return 202, {"messageId": known, "deduplicated": True}
            if key:
                self._seen[key] = time.monotonic(), message.id
        self.courier.take(message)
        return 201, {"messageId": message.id}

    def _message(self, *, id_: str, **_: Any) -> Answer:
        message = self.courier.pending.get(id_)
        return (200, message.to_json()) if message else (404, {"error": f"message {id_} not found"})

    def _cancel(self, *, id_: str, **_: Any) -> Answer:
        message = self.courier.pending.get(id_)
        if message is None:
            return 404, {"error": f"message {id_} not found"}
        self.log.write(message, "CANCEL_REQUESTED")
        message.cancelled = True
        return 202, {}

    def _dead(self, *, query: dict[str, list[str]], **_: Any) -> Answer:
        found = [
            {**message.to_json(), "dlqId": f"dlq-{id_}", "responseStatus": status, "responseBody": answer}
            for id_, (message, status, answer) in self.courier.dead.items()
        ]
        found = [entry for entry in found if all(entry.get(n) == query[n][0] for n in ("url", "messageId", "label") if n in query)]
        start, count = int(query.get("cursor", ["0"])[0]), min(100, int(query.get("count", ["100"])[0]))
        more = {"cursor": str(start + count)} if start + count < len(found) else {}
        return 200, {"messages": found[start : start + count], **more}

    def _queue(self, *, queue: str, **_: Any) -> Answer:
        lag = sum(message.queue == queue for message in self.courier.pending.values())
        return 200, {"name": queue, "parallelism": 1, "lag": lag, "paused": False, "createdAt": 0, "updatedAt": 0}


def _forwarded(headers: dict[str, str]) -> dict[str, str]:
    handed_on = {name.removeprefix(FORWARD): value for name, value in headers.items() if name.startswith(FORWARD)}
    return {"content-type": headers.get("content-type", ""), **handed_on}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def _handler(double: QStashDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, answer = double.answer(self.command, self.path, headers, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**more, "content-type": "application/json", "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - as its base class calls them

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet: the log that matters is the service's."""

    return Handler
