"""An application or a server that is asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPDefaultErrorHandler, HTTPErrorProcessor, HTTPHandler, HTTPSHandler, OpenerDirector, Request

import msgspec

from migrator.errors import MigratorError
from migrator.scanners.runtime.addresses import hidden, label

_SECONDS = 10
#: longer answers are not read
_MOST = 16_000_000


class Answer(msgspec.Struct, frozen=True):
    """What was said: `body` is the value of the JSON, None for anything else."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Site:
    """One address."""

    def __init__(self, url: str) -> None:
        self.url, self.address = url, label(url)

    def ask(self, method: str = "GET", body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request.

        Raises:
            MigratorError: nothing answers there.
        """
        data = json.dumps(body).encode() if body is not None else None
        given = {"Accept": "application/json", "Content-Type": "application/json"} | dict(headers or {})
        request = Request(self.url, data=data, headers=given, method=method)  # noqa: S310 - the scheme was checked
        try:
            with _opener().open(request, timeout=_SECONDS) as answer:
                return Answer(answer.status, _lower(answer.headers), _decoded(answer.read(_MOST)))
        except HTTPError as error:
            return Answer(error.code, _lower(error.headers), _decoded(error.read(_MOST)))
        except (URLError, HTTPException, OSError, ValueError) as error:
            cause = getattr(error, "reason", None) or error
            raise MigratorError(
                f"does not answer: {hidden(str(cause), self.url)}", place=self.address, remedy="Is the application running?"
            ) from None


def _opener() -> OpenerDirector:
    """Follows nowhere: a question is for one address, and no other is asked instead."""
    opener = OpenerDirector()
    for handler in (HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _decoded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


@contextmanager
def connected(url: str) -> Generator[Site]:
    """Yields the address; it is asked when there is a question."""
    yield Site(url)
