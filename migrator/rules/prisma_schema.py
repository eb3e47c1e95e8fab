"""What a Prisma schema says of the rows of a model: whether many of them can lead to one row of another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.regex import regex
from migrator.rules.evidence import Evidence

_MODEL = regex(r"^model\s+(\w+)\s*\{(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELDS = regex(r"@relation\([^)]*fields:\s*\[\s*(\w+)\s*\]")

_UNIQUE = regex(r"@@(?:id|unique)\(\s*(?:fields:\s*)?\[([\w\s,]+)\]")


def many_have(evidence: Evidence, model: str, field: str) -> bool | None:
    """True if many rows of `model` can have the same value of `field`, a key or a row of another model; None where no schema tells."""
    for body in _models(evidence, model):
        lines = {words[0]: line for line in body.splitlines() if (words := line.split())}
        key = lines.get(field)
        relation = _FIELDS.search(key) if key is not None else None
        if relation is not None:
            key, field = lines.get(relation[1]), relation[1]
        elif key is not None and not any((r := _FIELDS.search(line)) is not None and r[1] == field for line in lines.values()):
            # A column of its own, or a list of rows that point back.
            return None
        if key is None:
            continue
        keys = {relation[1] for line in lines.values() if (relation := _FIELDS.search(line)) is not None}
        # A row of a table that joins two others is the only one for its pair.
        unique = [{name.strip() for name in names.split(",")} for names in _UNIQUE.findall(body)]
        return re.search(r"@(?:id|unique)\b", key) is None and not any(field in names and names <= keys for names in unique)
    return None


def _models(evidence: Evidence, name: str) -> Iterator[str]:
    for path in evidence.tree.sizes:
        if path.endswith(".prisma"):
            text = evidence.tree.read(path).decode("utf-8", "replace")
            yield from (body for model, body in _MODEL.findall(text) if model.lower() == name.lower())
