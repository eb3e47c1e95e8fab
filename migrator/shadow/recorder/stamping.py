"""An event as it is written: with the number of its process, and made of nothing but text and numbers."""

from __future__ import annotations

import socket
from typing import Any

import msgspec

from migrator.shadow.transport.line import Line, encoded

#: characters of a text that are kept: a stack of megabytes is no name of an error
TEXT = 1_000
_host = socket.gethostname()


def stamped(line: Line, boot_id: str, number: int, pid: int) -> bytes:
    """The line of an event. Raises ValueError or TypeError where not even its texts can be written."""
    values: dict[str, Any] = {"boot_id": boot_id, "seq": number, "host": _host, "pid": pid}
    if not line.event_id:
        values["event_id"] = f"{boot_id}-{number}"
    whole = msgspec.structs.replace(line, **values)
    try:
        return encoded(whole)
    except (ValueError, TypeError):
        return encoded(msgspec.structs.replace(whole, **{n: _plain(v) for n, v in msgspec.structs.asdict(whole).items()}))


def cut(line: Line) -> Line:
    """The event without what would fill the memory."""
    if line.err_message is not None and len(line.err_message) > TEXT:
        return msgspec.structs.replace(line, err_message=line.err_message[:TEXT] + "...")
    return line


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value if value is None or isinstance(value, int) else str(value).encode("utf-8", "replace").decode()
