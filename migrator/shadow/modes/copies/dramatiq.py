"""Copies in Dramatiq: an actor for the candidate's broker.

from migrator.shadow.modes.copies.dramatiq import register
register(queue="mail")
"""

from __future__ import annotations

from typing import Any

import dramatiq
from dramatiq.middleware import CurrentMessage

from migrator.shadow.modes.copies.copy import NAME, decoded
from migrator.shadow.modes.copies.running import run_copy


def register(*, queue: str, broker: dramatiq.Broker | None = None) -> None:
    """Let the workers of a queue run copies. The broker must have the middleware `CurrentMessage`, by which a copy knows its attempt."""

    def run(payload: dict[str, Any] | None = None, **fields: Any) -> None:
        message = CurrentMessage.get_current_message()
        run_copy(decoded(payload or fields), 1 if message is None else message.options.get("retries", 0) + 1)

    dramatiq.actor(actor_name=NAME, queue_name=queue, broker=broker or dramatiq.get_broker())(run)
