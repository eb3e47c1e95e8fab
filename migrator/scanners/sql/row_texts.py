"""What SQL writes into a column of a row, as text."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.scanners.sql.statements import text_of
from migrator.scanners.sql.texts import COMPUTED, Text
from migrator.scanners.sql.tokens import Token

#: why a row of a file of SQL may not be in the table
SCRIPT = "in a script that is no migration: whether it was run cannot be told"


def written(tokens: Sequence[Token], text: Text) -> str | None:
    """What is written for a column, or handed to the cursor for it; None for what the run makes of it."""
    if len(tokens) == 2 and tokens[0].value == "%" and tokens[1].value == "s":
        at = text.text[: tokens[0].start - text.offset].count("%s")
        return text.given[at] if at < len(text.given) else None
    if len(tokens) == 1 and tokens[0].kind in ("number", "word"):
        value = tokens[0].value
    else:
        value = text_of(tokens, {})
    return value if value is not None and COMPUTED not in value and value != "null" else None
