"""A progress bar on standard error for work that takes over a second; nothing when that is not a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

#: seconds of work before a bar appears
PATIENCE = 1.0


@contextmanager
def progress() -> Generator[Callable[[str, int, int], None]]:
    """Yields a function to call with (what, done, total)."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True)
    began = time.monotonic()
    task = bar.add_task("", total=None)

    def report(what: str, done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - began > PATIENCE:
            bar.start()
        bar.update(task, description=what, completed=done, total=total)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()
