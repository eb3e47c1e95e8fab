"""One call to the SDK, and what it answered."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.doubles.inngest.run import UNDECIDED, Run

#: Real seconds that one call may take.
PATIENCE = 60
VERSION = "x-inngest-req-version"


class SdkError(RuntimeError):
    """The application could not be reached, or answered what the protocol does not know."""


@dataclass(frozen=True)
class Reply:
    """`retry` is False when the SDK forbids another try; `retry_after` is the wait that it asked for, as written.

    `version` is the way of executing that the SDK chose for this run; it wants to be told the same the next time.
    """

    status: int
    body: Any
    retry: bool
    retry_after: str
    version: int


def call(run: Run, step: str, attempt: int, *, checkpointing: bool) -> Reply:
    """Ask the application to go on with a run. `attempt` counts from 0, as the protocol does.

    With checkpointing, an SDK that can (v4) hands in finished steps while it still works on the next one.
    """
    event = run.event.to_json()
    context: dict[str, Any] = {
        "run_id": run.id,
        "attempt": attempt,
        "max_attempts": run.function.max_attempts,
        "disable_immediate_execution": run.parallel,
        "use_api": False,
        "stack": {"stack": list(run.steps), "current": len(run.steps)},
    }
    if checkpointing:
        context |= {"fn_id": run.function.id, "qi_id": f"{run.id}-{run.calls}"}
    body = {"version": run.version, "event": event, "events": [event], "steps": run.steps, "ctx": context, "use_api": False}
    reply = exchange(run.function.call_url(step), "POST", body, version=run.version)
    run.version = reply.version
    return reply


def exchange(url: str, method: str, body: Any = None, *, version: int = UNDECIDED) -> Reply:
    """One request as the dev server makes it. Raises SdkError when nobody answers or the answer is not JSON."""
    headers = {"content-type": "application/json", "x-inngest-server-kind": "dev", VERSION: str(version)}
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(), headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
            return _reply(url, response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return _reply(url, error.code, error.headers, error.read())
    except OSError as error:
        raise SdkError(f"{method} {url} failed: {error}") from error


def _reply(url: str, status: int, headers: Any, content: bytes) -> Reply:
    try:
        body = json.loads(content or b"null")
    except ValueError:
        raise SdkError(f"{url} answered {status} with something that is not JSON: {content[:300]!r}") from None
    return Reply(
        status,
        body,
        retry=headers.get("x-inngest-no-retry") != "true",
        retry_after=headers.get("retry-after") or "",
        version=int(headers.get(VERSION) or UNDECIDED),
    )
