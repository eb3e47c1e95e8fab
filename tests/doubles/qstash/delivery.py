"""Hands messages to their destinations: when they are due, signed, and again when that fails."""

from __future__ import annotations

import base64
import hashlib
import heapq
import itertools
import threading
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import jwt

from tests.doubles.qstash.delays import wait_before_retry
from tests.doubles.qstash.messages import Log, Message

#: a destination that answers so does not want to be asked again
NOT_AGAIN = 489


def signature(key: str, url: str, body: bytes) -> str:
    """The token of the `Upstash-Signature` header: five minutes long, and for this body alone."""
    now = int(time.time())
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": "Upstash", "sub": url, "exp": now + 300, "nbf": now, "iat": now, "jti": f"jwt_{uuid.uuid4().hex}", "body": digest}
    return jwt.encode(claims, key, algorithm="HS256")


class Courier:
    """Delivers until it is closed; `paused` while the service is down."""

    def __init__(self, log: Log, key: str) -> None:
        self._log, self._key = log, key
        self._due: list[tuple[float, int, Message]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._busy: set[str] = set()  # queues with a message on its way
        self._pool = ThreadPoolExecutor(16)
        self.pending: dict[str, Message] = {}
        self.dead: dict[str, tuple[Message, int, str]] = {}  #: by id: status and body of the last answer
        self.paused = self._closed = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def take(self, message: Message) -> None:
        due = {"nextDeliveryTime": message.created + round(message.delay * 1000)} if message.delay else {}
        self._log.write(message, "CREATED", **due)
        self.pending[message.id] = message
        self._enter(message, message.delay)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        self._pool.shutdown()

    def _enter(self, message: Message, wait: float) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + wait, next(self._order), message))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                message = self._next()
                if message is None:
                    self._changed.wait(0.01)
                    continue
                if message.queue:
                    self._busy.add(message.queue)
            self._pool.submit(self._deliver, message)

    def _next(self) -> Message | None:
        """The first that is due and whose queue is free. A message of a queue that waits for its retry holds up those behind it."""
        if self.paused:
            return None
        held = set(self._busy)
        for entry in sorted(self._due):
            at, _, message = entry
            if not message.queue and at > time.monotonic():
                return None
            if message.queue in held and message.queue:
                continue
            if at > time.monotonic():
                held.add(message.queue)
                continue
            self._due.remove(entry)
            heapq.heapify(self._due)
            return message
        return None

    def _deliver(self, message: Message) -> None:
        try:
            if message.id not in self.pending:  # dropped
                return
            if message.cancelled:
                self._end(message, "CANCELLED")
                return
            self._log.write(message, "ACTIVE")
            status, answer, wants = self._call(message)
            if 200 <= status < 300:
                self._end(message, "DELIVERED", responseStatus=status)
                return
            wrong = {"error": answer or f"status {status}", "responseStatus": status, "responseBody": answer}
            self._log.write(message, "ERROR", **wrong)
            if status == NOT_AGAIN or message.retried >= message.retries:
                self.dead[message.id] = message, status, answer
                self._end(message, "FAILED", **wrong)
                return
            message.retried += 1
            wait = wants if wants is not None else wait_before_retry(message.retried, message.retry_delay)
            self._log.write(message, "RETRY", nextDeliveryTime=time.time_ns() // 1_000_000 + round(wait * 1000))
            self._enter(message, wait)
        finally:
            with self._changed:
                self._busy.discard(message.queue)
                self._changed.notify()

    def _end(self, message: Message, state: str, **more: object) -> None:
        self._log.write(message, state, **more)
        self.pending.pop(message.id, None)

    def _call(self, message: Message) -> tuple[int, str, float | None]:
        """Status, body, and seconds after which the destination wants to be asked again."""
        headers = {
            **message.headers,
            "User-Agent": "Upstash-QStash",
            "Upstash-Message-Id": message.id,
            "Upstash-Retried": str(message.retried),
            "Upstash-Signature": signature(self._key, message.url, message.body),
        }
        request = urllib.request.Request(message.url, data=message.body, headers=headers, method=message.method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=message.timeout) as response:  # noqa: S310
                return response.status, response.read().decode(), None
        except urllib.error.HTTPError as error:
            after = error.headers.get("Retry-After", "")
            return error.code, error.read().decode(), float(after) if after.isdigit() else None
        except OSError as error:
            return 0, f"could not be reached: {error}", None
