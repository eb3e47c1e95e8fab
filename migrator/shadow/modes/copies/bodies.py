"""Bodies that may be run for a copy: only those that say so.

@app.task
@mirrored("import_article", dry_run=True)
def import_article(article: int, *, shadow: bool = False) -> None:
    row = read(article)
    if not shadow:
        store(row)
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from migrator.shadow.config.mirror import Level

B = TypeVar("B", bound=Callable[..., Any])


class Body(msgspec.Struct, frozen=True):
    """A body, and what it says of itself."""

    run: Callable[..., Any]
    dry_run: bool
    idempotent: bool

    def bears(self, level: Level) -> bool:
        """May it be run at this level?"""
        return self.dry_run if level == "dry_run" else self.idempotent if level == "full" else False


_bodies: dict[str, Body] = {}


def mirrored(job: str, *, dry_run: bool = False, idempotent: bool = False) -> Callable[[B], B]:
    """Say of a body that copies of the job `job` (its name in the experiment) may run it.

    `dry_run`: with `shadow=True` it does all its work but its effects. `idempotent`: it may be run twice, once by each system. The body is
    called with the job's payload and nothing else: a system's own first argument (Celery's `bind=True`) is not there.
    """

    def register(body: B) -> B:
        _bodies[job] = Body(body, dry_run, idempotent)
        return body

    return register


def body_of(job: str, path: str) -> Body | None:
    """The body of a job; None where none was registered. `path`: where it stands, if its system knows jobs by import paths."""
    if job not in _bodies and "." in path:
        try:
            importlib.import_module(path.rpartition(".")[0])
        except ImportError:
            return None
    return _bodies.get(job)
