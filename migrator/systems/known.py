"""A job system by the name that somebody typed."""

from __future__ import annotations

import difflib

from migrator.errors import MigratorError
from migrator.systems import SYSTEMS


def known_system(name: str) -> str:
    """The system's name.

    Raises:
        MigratorError: there is none of that name.
    """
    if name in SYSTEMS:
        return name
    close = difflib.get_close_matches(name.lower(), SYSTEMS, 1)
    remedy = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(SYSTEMS))}."
    raise MigratorError("is no job system that we know", place=name, remedy=remedy)
