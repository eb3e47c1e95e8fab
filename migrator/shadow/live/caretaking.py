"""What a run does for processes that are no more: jobs that they left half-way to another arm are brought to an end."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from migrator.shadow.config.reading import Loaded


@contextmanager
def caretaker(loaded: Loaded) -> Generator[None]:
    """In mode `fallback` somebody has to wait for what a killed process had sent; in the others nothing is left behind.

    Raises:
        MigratorError: the store of the claims has no address.
    """
    if loaded.experiment.fallback is None:
        yield
        return
    from migrator.shadow.dispatch import Dispatcher
    from migrator.shadow.modes.fallback import FallbackWay

    with Dispatcher.open(loaded.file) as dispatcher:
        if isinstance(dispatcher.way, FallbackWay):
            dispatcher.way.start()
        yield
