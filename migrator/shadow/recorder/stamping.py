"""An event as it is written: with the number of its process, and made of nothing but text and numbers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import msgspec

from migrator.shadow.transport.line import Line, encoded

#: characters of a text that are kept: a stack of megabytes is no name of an error
TEXT = 1_000
_host = socket.gethostname()


#: what makes an event when its turn to be written has come, of its details and its stamps: `(*details, boot_id=, seq=, host=, pid=)`
Making = Callable[..., Line]


def stamped(event: Line | Making, details: tuple[Any, ...], boot_id: str, number: int, pid: int) -> bytes:
    """The line of an event. Raises ValueError or TypeError where not even its texts can be written, and whatever making it raises."""
    if isinstance(event, Line):
        values: dict[str, Any] = {"boot_id": boot_id, "seq": number, "host": _host, "pid": pid}
        if not event.event_id:
            values["event_id"] = f"{boot_id}-{number}"
        event = msgspec.structs.replace(event, **values)
    else:
        event = event(*details, boot_id=boot_id, seq=number, host=_host, pid=pid)
    try:
        return encoded(event)
    except (ValueError, TypeError):
        return encoded(msgspec.structs.replace(event, **{n: _plain(v) for n, v in msgspec.structs.asdict(event).items()}))


def cut(event: Line) -> Line:
    """The event without what would fill the memory."""
    if event.err_message is not None and len(event.err_message) > TEXT:
        return msgspec.structs.replace(event, err_message=event.err_message[:TEXT] + "...")
    return event


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value if value is None or isinstance(value, int) else str(value).encode("utf-8", "replace").decode()
