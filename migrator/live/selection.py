"""Which of the words of `--select` and `--ignore` mean live checks, and which checks they leave."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.live.check import LiveCheck, checks
from migrator.rules.selection import ALL

_ID = "LIV"


def means_live(word: str) -> bool:
    """True for an id, the beginning of one, or a name of a live check.

    >>> means_live("LIV01"), means_live("queue-depth"), means_live("JOB1"), means_live("LIV99")
    (True, True, False, False)
    """
    return any(_means(word, check) for check in checks())


def chosen(select: Sequence[str], ignore: Sequence[str]) -> tuple[LiveCheck, ...]:
    """The checks that are named, or all where nothing is, without those that are ignored."""
    wanted = [check for check in checks() if not select or any(word == ALL or _means(word, check) for word in select)]
    return tuple(check for check in wanted if not any(word == ALL or _means(word, check) for word in ignore))


def _means(word: str, check: LiveCheck) -> bool:
    return word == check.name or (word.startswith(_ID) and check.id.startswith(word))
