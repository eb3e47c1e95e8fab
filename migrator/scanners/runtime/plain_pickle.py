"""Plain data out of a pickle, and nothing else: whatever would call or import anything is refused before it does."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import zlib
from typing import Any


class _Plain(pickle.Unpickler):
    """Makes numbers, texts, lists and dictionaries; every class and function is a stranger."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Refuse.

        Raises:
            UnpicklingError: always.
        """
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is no plain data")


def plain(data: bytes) -> Any:
    """The value of a pickle or of JSON, compressed or not; None for what is neither, or holds more than plain data."""
    with contextlib.suppress(zlib.error):
        data = zlib.decompress(data)
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(data)
    try:
        return _Plain(io.BytesIO(data)).load()
    # A pickle that was not made by pickling can fail in any way.
    except Exception:  # noqa: BLE001
        return None
