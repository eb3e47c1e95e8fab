"""Which rules are looked at: by id, by the beginning of an id, or by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from migrator.errors import MigratorError
from migrator.rules.registry import Listed, listed

ALL = "ALL"


def selected(select: Sequence[str] = (), ignore: Sequence[str] = (), *, preview: bool = False) -> tuple[Listed, ...]:
    """The stable rules (with `preview`, all), or those that `select` names (`JOB1`, `JOB101`, `cron-collision`, `ALL`), without those that
    `ignore` names.

    Raises:
        MigratorError: something is named that means no rule.
    """
    known((*select, *ignore))
    chosen = [r for r in listed() if (any(_means(word, r) for word in select) if select else preview or not r.is_preview)]
    return tuple(r for r in chosen if not any(_means(word, r) for word in ignore))


def known(words: Iterable[str], place: str = "") -> None:
    """See that every word means a rule; `place` is where they stand, if not on the command line.

    Raises:
        MigratorError: one means none.
    """
    for word in words:
        if not any(_means(word, rule) for rule in listed()):
            names = [name for rule in listed() for name in (rule.id, rule.name)]
            close = difflib.get_close_matches(word, names, 1)
            remedy = f"Did you mean {close[0]}?" if close else "`migrate explain` lists the rules."
            raise MigratorError(f"{word} is no rule" if place else "is no rule", place=place or word, remedy=remedy)


def _means(word: str, rule: Listed) -> bool:
    return word in (rule.name, ALL) or (word.startswith("JOB") and rule.id.startswith(word))
