"""QStash through its own client, and the parts of its HTTP interface that the client gets wrong."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
from qstash.errors import DailyMessageLimitExceededError, QStashError, RateLimitExceededError
from qstash.http import HttpClient
from qstash.message import MessageApi

from migrator.errors import MigratorError
from migrator.regex import regex
from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.http_clock import Answer

PAGE = 1000  #: entries of the log that are asked for at once: the most there are
DEAD_PAGE = 100  #: the same for dead letters
_STATUS = regex(r"status: (\d{3})")


class Service(HttpClient):
    """One account. Every request is made once. Errors are the client's own; `plain_errors` makes ours of them."""

    def __init__(self, token: str, url: str, timeout: float) -> None:
        super().__init__(token, retry=False, base_url=url or None)
        self._client = httpx.Client(timeout=timeout)  # the client's own would wait ten minutes
        self._messages = MessageApi(self)

    def send(self, **message: Any) -> str:
        """Hand a message over, to a `queue` or for delivery at once; its id. The options are those of the client."""
        answer: Any = self._messages.enqueue(**message) if "queue" in message else self._messages.publish(**message)
        return str(answer.message_id)

    def log(self, **query: str) -> list[Any]:
        """Entries of the log, newest first. Not by the client's `log.list`: version 3.4 prints all of them, and fails at `CANCELLED`."""
        return self._all("/v2/events", ("events", "logs"), {**query, "count": str(PAGE)})

    def dead(self, **query: str) -> list[Any]:
        """Dead letters."""
        return self._all("/v2/dlq", ("messages",), {**query, "count": str(DEAD_PAGE)})

    def waits(self, message_id: str) -> bool:
        """The service has the message, and will deliver it."""
        try:
            self.request(path=f"/v2/messages/{message_id}", method="GET")
        except QStashError as error:
            if status_of(error) == 404:
                return False
            raise
        return True

    def lag(self, queue: str) -> int:
        """Messages of a queue that are not delivered yet."""
        try:
            return int(self.request(path=f"/v2/queues/{queue}", method="GET")["lag"])
        except QStashError as error:
            if status_of(error) == 404:  # it comes to be with its first message
                return 0
            raise

    def probe(self) -> Answer:
        """The service's clock."""
        begin = time.time_ns()
        answer = self._client.get(f"{self._base_url}/v2/dlq", params={"count": "1"}, headers={"Authorization": self._token})
        after = time.time_ns()
        if answer.status_code >= 400:
            raise QStashError(f"Request failed with status: {answer.status_code}, body: {answer.text}")
        return Answer(begin, answer.headers.get("date", ""), after)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _all(self, path: str, names: tuple[str, ...], query: dict[str, str]) -> list[Any]:
        found: list[Any] = []
        cursor = ""
        while True:
            answer: Any = self.request(path=path, method="GET", params={**query, **({"cursor": cursor} if cursor else {})})
            found += next((answer[name] for name in names if answer.get(name)), [])
            cursor = answer.get("cursor", "")
            if not cursor:
                return found


def status_of(error: QStashError) -> int:
    """The status of an answer; 0 where there is none."""
    match = _STATUS.search(str(error))
    return int(match[1]) if match else 0


@contextmanager
def plain_errors(name: str, refusal: type[Exception] = StoreDown, *, teach: bool = False) -> Generator[None]:
    """Errors of the client as StoreDown, those that are an answer as `refusal`; with `teach`, what is to be set right as MigratorError."""
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise MigratorError(
            f"this is no address of QStash: {error}", place="QSTASH_URL", remedy="It looks like https://qstash-eu-central-1.upstash.io."
        ) from error
    except httpx.TransportError as error:
        raise StoreDown(str(error) or f"no answer in time ({type(error).__name__})") from error
    except (RateLimitExceededError, DailyMessageLimitExceededError) as error:
        raise refusal(str(error)) from error
    except QStashError as error:
        status = status_of(error)
        if teach and status in (401, 403):
            raise MigratorError(
                f"QStash does not take the token: {error}",
                place=name,
                remedy="A token belongs to one region: set QSTASH_URL to the address that the console shows beside it.",
            ) from error
        raise (StoreDown if status >= 500 else refusal)(str(error)) from error
    except (ValueError, KeyError, AttributeError) as error:  # a page of something in between
        raise StoreDown(f"it answered with something that is not QStash's: {error}") from error
