"""The experiment file while a run goes on: looked at, and read anew when it has changed."""

from __future__ import annotations

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.policy.router import stamp_of


class Follower:
    """Gives what a changed file says, once. A file that is wrong is complained of once, and looked at again when it has changed."""

    def __init__(self, loaded: Loaded) -> None:
        self._last_good = loaded
        self._stamp = stamp_of(loaded.file)

    def look(self) -> Loaded | None:
        """What the file says now; None where that is nothing new.

        Raises:
            MigratorError: it has changed, and cannot be followed; the message says why.
        """
        file = self._last_good.file
        stamp = stamp_of(file)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        found = read_experiment(file)
        if found.digest == self._last_good.digest:
            return None
        _check(self._last_good, found)
        self._last_good = found
        return found


def _check(before: Loaded, after: Loaded) -> None:
    """What makes it another experiment cannot change while it runs."""
    old, new = before.experiment, after.experiment
    if new.workload is not None:
        raise MigratorError(
            "an experiment on the application's own traffic sends nothing",
            place=after.place("workload"),
            remedy="Take [workload] out again, or end this run first.",
        )
    for field in ("name", "current", "salt", "mode"):
        if getattr(old.experiment, field) != getattr(new.experiment, field):
            raise MigratorError(
                f"`{field}` cannot change while an experiment goes on",
                place=after.place("experiment", field),
                remedy=f'Put back {field} = "{getattr(old.experiment, field)}", or end this run and begin another experiment.',
            )
