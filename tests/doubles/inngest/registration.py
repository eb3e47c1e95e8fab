"""Functions as the SDK registers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from tests.doubles.inngest.events import Event
from tests.doubles.inngest.expressions import holds

#: The server's default where a function says nothing. Total executions of a step = retries + 1.
DEFAULT_RETRIES = 4
#: What decides whether, or with which events, a function runs. To leave it out would give wrong results, so it is refused.
REFUSED = ("batchEvents", "debounce", "idempotency", "rateLimit", "singleton", "timeouts")


class UnsupportedFunctionError(ValueError):
    """A function asks for something that this double does not do."""


@dataclass(frozen=True)
class Trigger:
    """Either an event, by name or by a prefix and `*`, or a cron line."""

    event: str = ""
    expression: str = ""
    cron: str = ""

    def starts_on(self, event: Event) -> bool:
        named = event.name.startswith(self.event[:-1]) if self.event.endswith("*") else event.name == self.event
        return bool(self.event) and named and holds(self.expression, {"event": event.to_json()})


@dataclass(frozen=True)
class Cancellation:
    event: str
    expression: str


@dataclass(frozen=True)
class Function:
    id: str
    name: str
    app: str
    url: str
    triggers: tuple[Trigger, ...]
    max_attempts: int
    cancellations: tuple[Cancellation, ...]

    def call_url(self, step: str) -> str:
        """Where to call for one step (`step` for whatever comes next)."""
        parts = urlsplit(self.url)
        query = {**{key: values[0] for key, values in parse_qs(parts.query).items()}, "fnId": self.id, "stepId": step}
        return urlunsplit(parts._replace(query=urlencode(query)))


def parse_registration(body: Mapping[str, Any]) -> tuple[Function, ...]:
    """The functions of one app. Raises UnsupportedFunctionError."""
    return tuple(_function(str(body.get("appName") or body.get("appname") or ""), function) for function in body["functions"])


def _function(app: str, config: Mapping[str, Any]) -> Function:
    for option in REFUSED:
        if config.get(option) is not None:
            raise UnsupportedFunctionError(f"{config['id']}: the double does not do {option}")
    (step,) = config["steps"].values()
    attempts = (step.get("retries") or {}).get("attempts")
    return Function(
        id=config["id"],
        name=config.get("name") or config["id"],
        app=app,
        url=step["runtime"]["url"],
        triggers=tuple(Trigger(t.get("event", ""), t.get("expression") or "", t.get("cron", "")) for t in config["triggers"]),
        max_attempts=(DEFAULT_RETRIES if attempts is None else int(attempts)) + 1,
        cancellations=tuple(Cancellation(c["event"], c.get("if") or "") for c in config.get("cancel") or ()),
    )
