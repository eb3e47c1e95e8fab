"""SQL files in the order in which a database sees them: migrations as a history, every other file by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator.regex import regex

#: a folder whose files are run one after the other, once each
_HISTORY = regex(r"^(?P<folder>(?:.*/)?(?:migrations?|migrate|drizzle|changelogs?|versions|deploy))/(?P<rest>.+)$", re.IGNORECASE)
#: files, and parts of files, that take back what others do
_BACK = regex(
    r"([._-](down|rollback|revert|undo)\.\w+$)|(^|/)(down|rollbacks?|revert|undo)/|(^|/)(down|rollback|revert)\.sql$", re.IGNORECASE
)
_BACK_FROM = regex(
    r"^\s*--\s*(?:migrate:down|\+goose\s+down|\+migrate\s+down|down\s+migration|//\s*@undo)\b.*$", re.IGNORECASE | re.MULTILINE
)
_NUMBER = regex(r"(\d+)")


def history_of(path: str) -> str:
    """The folder of migrations to which a file belongs; empty for a file that is none."""
    match = _HISTORY.match(path)
    return match["folder"] if match is not None else ""


def goes_back(path: str) -> bool:
    """True for a file that undoes a migration."""
    return _BACK.search(path) is not None


def forward(text: str) -> str:
    """What of a migration is run on the way forward."""
    match = _BACK_FROM.search(text)
    return text[: match.start()] if match is not None else text


def in_order(paths: Iterable[str]) -> list[str]:
    """Migrations as they are numbered, then all other files."""
    return sorted(paths, key=lambda path: (not history_of(path), history_of(path), _natural(path)))


def _natural(path: str) -> tuple[tuple[int, str | int], ...]:
    """`V2` before `V10`."""
    return tuple((0, int(part)) if part.isdigit() else (1, part.lower()) for part in _NUMBER.split(path) if part)
