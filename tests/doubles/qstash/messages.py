"""Messages, and what the service's log says of them."""

from __future__ import annotations

import base64
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

_numbers = itertools.count(1)


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Message:
    """One message on its way to a destination."""

    url: str
    body: bytes
    headers: dict[str, str]  #: that are handed on
    retries: int = 3
    delay: float = 0.0
    retry_delay: str = ""
    method: str = "POST"
    label: str = ""
    queue: str = ""
    timeout: float = 30.0
    created: int = field(default_factory=milliseconds)
    id: str = field(default_factory=lambda: f"msg_{next(_numbers):026d}")
    retried: int = 0
    cancelled: bool = False

    def to_json(self) -> dict[str, Any]:
        """As `GET /v2/messages/{id}` has it; optional fields are left out where there is nothing in them."""
        optional = {"queueName": self.queue, "label": self.label, "retryDelayExpression": self.retry_delay}
        return {
            "messageId": self.id,
            "url": self.url,
            "method": self.method,
            "header": {name: [value] for name, value in self.headers.items()},
            "body": self.body.decode(),
            "createdAt": self.created,
            "notBefore": self.created + round(self.delay * 1000),
            "maxRetries": self.retries,
            "retried": self.retried,
            **{name: value for name, value in optional.items() if value},
        }


class Log:
    """Entries in the order in which they were written."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def write(self, message: Message, state: str, **more: Any) -> None:
        optional = {"queueName": message.queue, "label": message.label, **more}
        self.entries.append(
            {
                "time": milliseconds(),
                "messageId": message.id,
                "state": state,
                "url": message.url,
                "body": base64.b64encode(message.body).decode(),
                "maxRetries": message.retries,
                **{name: value for name, value in optional.items() if value},
            }
        )

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """A page, newest first, of what a query asks for."""
        found = [entry for entry in reversed(self.entries) if _matches(entry, query)]
        start, count = int(query.get("cursor", ["0"])[0]), min(1000, int(query.get("count", ["1000"])[0]))
        more = {"cursor": str(start + count)} if start + count < len(found) else {}
        return {"events": found[start : start + count], **more}


def _matches(entry: dict[str, Any], query: dict[str, list[str]]) -> bool:
    named = all(str(entry.get(name, "")) in query[name] for name in ("messageId", "state", "url", "queueName", "label") if name in query)
    return named and int(query.get("fromDate", ["0"])[0]) <= entry["time"] <= int(query.get("toDate", [str(2**62)])[0])
