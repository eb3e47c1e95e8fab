"""An experiment as people may be shown it: nothing that others wrote steers a terminal, or is longer than anybody reads."""

from __future__ import annotations

from typing import cast

import msgspec

from migrator.reporting.plain import visible
from migrator.shadow.summary import ExperimentSummary

LONGEST = 1_000  #: characters of one text; the ledger has the whole


def shown(summary: ExperimentSummary) -> ExperimentSummary:
    """The same with every text cut and made visible. Names that would become the same stay apart by a number."""
    return msgspec.convert(_shown(msgspec.to_builtins(summary)), ExperimentSummary)


def _shown(value: object) -> object:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        found: dict[object, object] = {}
        for key, inner in cast(dict[object, object], value).items():
            name = plain = _text(key) if isinstance(key, str) else key
            number = 1
            while name in found:
                number += 1
                name = f"{plain} ({number})"
            found[name] = _shown(inner)
        return found
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in cast(list[object], value)]
    return value


def _text(text: str) -> str:
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
    return visible(cut)
