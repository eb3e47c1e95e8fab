"""Inngest's HTTP interface: the cloud's, a self-hosted server's, and the dev server's.

Where two endpoints tell the same, the one is asked that is right while a run goes on: `/v1/events/{id}/runs` rolls the status of a step up
to the run, so that a run has ended only when it has a time for it; and it is kept for 15 seconds under its address, which a number in the
query makes another one.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.http_clock import Answer

CLOUD = "https://api.inngest.com"
CLOUD_EVENTS = "https://inn.gs"
#: what an event goes to where the server asks for no key
ANY_KEY = "migrator"
PAGE = 100
_TRACE = """
query($id: String!) { run(runID: $id) {
  id status queuedAt startedAt endedAt function { slug }
  trace(preview: false) { childrenSpans {
    name status startedAt endedAt stepOp outputID childrenSpans { name status startedAt endedAt outputID } } } } }
"""
_COUNTS = """
query($since: Time!) {
  queued: runs(first: 1, orderBy: [{field: QUEUED_AT, direction: DESC}], filter: {from: $since, status: [QUEUED]}) { totalCount }
  running: runs(first: 1, orderBy: [{field: QUEUED_AT, direction: DESC}], filter: {from: $since, status: [RUNNING]}) { totalCount }
  completed: runs(first: 1, orderBy: [{field: QUEUED_AT, direction: DESC}], filter: {from: $since, status: [COMPLETED]}) { totalCount }
  failed: runs(first: 1, orderBy: [{field: QUEUED_AT, direction: DESC}], filter: {from: $since, status: [FAILED]}) { totalCount } }
"""


class Refused(Exception):  # noqa: N818 - an answer
    """An answer that is a no."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(f"HTTP {status}: {text[:300]}")


class Service:
    """One server, or the cloud. Every request is made once."""

    def __init__(self, address: str, *, event_key: str, signing_key: str, environment: str, timeout: float) -> None:
        api = address.rstrip("/")
        events = CLOUD_EVENTS if api == CLOUD else api
        self._events, self._api = f"{events}/e/{quote(event_key or ANY_KEY)}", api
        headers = {"authorization": f"Bearer {signing_key}"} if signing_key else {}
        self._branch = {"x-inngest-env": environment} if environment else {}
        self._client, self._headers = httpx.Client(timeout=timeout), {**headers, **self._branch}
        self._nonce = itertools.count(time.time_ns())

    def send(self, event: Mapping[str, Any]) -> str:
        """Send an event; the id under which the server has it."""
        return str(_json(self._client.post(self._events, json=event, headers=self._branch))["ids"][0])

    def events(self, name: str, after: str) -> list[Any]:
        """Events of a name that were received after a moment, newest first."""
        found: list[Any] = []
        query = {"name": name, "received_after": after, "limit": str(PAGE)}
        while True:
            page: list[Any] = self._get("/v1/events", query)
            found += page
            if len(page) < PAGE:
                return found
            query["cursor"] = str(page[-1]["internal_id"])

    def event(self, id_: str) -> Any:
        """One event; None where the server has none."""
        return self._get_or_none(f"/v1/events/{id_}")

    def runs(self, event: str) -> list[Any]:
        """What an event has started."""
        return self._get(f"/v1/events/{event}/runs", {"n": str(next(self._nonce))})

    def run(self, id_: str) -> Any:
        """One run; None where the server has none."""
        return self._get_or_none(f"/v1/runs/{id_}")

    def trace(self, run: str) -> Any:
        """A run with its steps and attempts; None where the server has none, or does not know it yet."""
        return self._ask(_TRACE, {"id": run})["run"]

    def errors(self, outputs: Sequence[str]) -> dict[str, Any]:
        """What went wrong, by the ids of outputs."""
        if not outputs:
            return {}
        parts = [f"o{i}: runTraceSpanOutputByID(outputID: $o{i}) {{ error {{ message name }} }}" for i in range(len(outputs))]
        parameters = ", ".join(f"$o{i}: String!" for i in range(len(outputs)))
        answer = self._ask(f"query({parameters}) {{ {' '.join(parts)} }}", {f"o{i}": output for i, output in enumerate(outputs)})
        return {output: (answer[f"o{i}"] or {}).get("error") or {} for i, output in enumerate(outputs)}

    def traces(self) -> bool:
        """Does this server have the traces? The cloud shows them to nobody but its own pages."""
        try:
            return "__typename" in self._ask("{ __typename }", {})
        except Refused:
            return False

    def counts(self, since: str) -> dict[str, int]:
        """Runs since a moment, by their status."""
        return {name: int(found["totalCount"]) for name, found in self._ask(_COUNTS, {"since": since}).items()}

    def probe(self) -> Answer:
        """The server's clock. Fails as every other request does when the signing key is not the right one."""
        begin = time.time_ns()
        answer = self._client.get(f"{self._api}/v1/events", params={"limit": "1"}, headers=self._headers)
        after = time.time_ns()
        _json(answer)
        return Answer(begin, answer.headers.get("date", ""), after)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        return _json(self._client.get(f"{self._api}{path}", params=dict(query), headers=self._headers))["data"] or []

    def _get_or_none(self, path: str) -> Any:
        try:
            return self._get(path, {"n": str(next(self._nonce))})
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def _ask(self, query: str, variables: Mapping[str, Any]) -> Any:
        answer = _json(self._client.post(f"{self._api}/v0/gql", json={"query": query, "variables": variables}, headers=self._headers))
        if answer.get("errors"):
            raise Refused(200, str(answer["errors"]))
        return answer["data"]


def address_problem(text: str) -> bool:
    """Whether a text is no server's address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    return parts.scheme not in ("http", "https") or not parts.hostname


def _json(answer: httpx.Response) -> Any:
    if answer.status_code >= 400:
        raise Refused(answer.status_code, answer.text)
    return answer.json()


@contextmanager
def plain_errors(name: str, refusal: type[Exception] = StoreDown, *, teach: bool = False) -> Generator[None]:
    """Errors of the client as StoreDown, those that are an answer as `refusal`; with `teach`, what is to be set right as MigratorError."""
    try:
        yield
    except httpx.TransportError as error:
        raise StoreDown(str(error) or f"no answer in time ({type(error).__name__})") from error
    except Refused as error:
        if teach and error.status in (401, 403):
            raise MigratorError(
                f"Inngest does not let us in: {error}",
                place=name,
                remedy="Set INNGEST_SIGNING_KEY to the signing key of the same environment as the event key.",
            ) from error
        raise (StoreDown if error.status >= 500 else refusal)(str(error)) from error
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:  # a page of something in between
        raise StoreDown(f"it answered with something that is not Inngest's: {error!r}") from error
