"""For workers of Dramatiq: exact times of every attempt. Where the broker is made, after all other middleware:

from migrator.shadow.hooks.dramatiq import Attempting
broker.add_middleware(Attempting("experiment.toml"))
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dramatiq import Middleware

from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.hooks.attempts import Attempts, Running, mark_among
from migrator.shadow.ledger.event import Kind


class Attempting(Middleware):
    """`file`: the experiment; without it the one that SHADOW_EXPERIMENT names. `arm`: where several are Dramatiq with the same queue."""

    def __init__(self, file: str | Path | None = None, *, arm: str = "") -> None:
        self.attempts = Attempts.open("dramatiq", file, arm=arm)
        self._running: dict[int, Running] = {}  # by the message, which is one object for as long as it is worked on
        self._failed: dict[int, BaseException] = {}

    def before_process_message(self, broker: Any, message: Any) -> None:  # noqa: ARG002 - Dramatiq's signature
        """The body is about to run."""
        if self.attempts is None or message.failed:
            return
        options = message.options
        running = self.attempts.began(
            message.message_id,
            message.actor_name,
            queue=message.queue_name,
            attempt=options.get("retries", 0) + 1,
            mark=options.get(MARKER) or mark_among(*message.args, message.kwargs),
        )
        if running is not None:
            self._running[id(message)] = running

    def after_process_message(self, broker: Any, message: Any, *, result: Any = None, exception: BaseException | None = None) -> None:  # noqa: ARG002 - as above
        """The body came to its end. Whether a failed one is tried again, middleware that comes after this one decides."""
        running = self._running.get(id(message))
        if running is None:
            return
        if exception is None:
            del self._running[id(message)]
            running.ended("completed")
        else:
            running.is_over()
            self._failed[id(message)] = exception

    def after_skip_message(self, broker: Any, message: Any) -> None:  # noqa: ARG002 - as above
        """Another middleware kept the body from running."""
        if (running := self._running.pop(id(message), None)) is not None:
            running.abandoned()

    def before_ack(self, broker: Any, message: Any) -> None:  # noqa: ARG002 - as above
        """It is done with: tried again as another message, if it failed."""
        self._over(message, "attempt_failed")

    def before_nack(self, broker: Any, message: Any) -> None:  # noqa: ARG002 - as above
        """It is given up."""
        self._over(message, "discarded")

    def after_worker_shutdown(self, broker: Any, worker: Any) -> None:  # noqa: ARG002 - as above
        """The worker is about to end."""
        if self.attempts is not None:
            self.attempts.recorder.flush()

    def _over(self, message: Any, kind: Kind) -> None:
        error = self._failed.pop(id(message), None)
        running = self._running.pop(id(message), None)
        if running is not None:
            running.ended(kind, error)
