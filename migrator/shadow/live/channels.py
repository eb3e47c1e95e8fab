"""Which drivers an arm needs for its jobs: one for each queue and name, and one observer for all that can be seen from one place."""

from __future__ import annotations

import msgspec

from migrator.shadow.config.reading import Loaded
from migrator.shadow.drivers import open_driver
from migrator.shadow.drivers.interface import Driver
from migrator.shadow.run.arm import target


class Channel(msgspec.Struct, frozen=True):
    """What one observer sees. `name` is that of its cursor; `inspectors`: job name -> the driver to ask about it."""

    name: str
    observing: Driver
    inspectors: dict[str, Driver]
    by_queue: bool

    def drivers(self) -> list[Driver]:
        """Each once."""
        return list({id(driver): driver for driver in (self.observing, *self.inspectors.values())}.values())


def open_channels(loaded: Loaded, arm: str, ledger_id: str) -> list[Channel]:
    """The channels of an arm; nothing is connected yet.

    Raises:
        MigratorError: an address is not set, or a job makes no sense for the arm's system.
    """
    experiment = loaded.experiment
    opened: dict[tuple[str, str], Driver] = {}
    found: dict[str, Channel] = {}
    for job in experiment.jobs:
        queue = experiment.queue(arm, job)
        where = (queue, experiment.job_name(arm, job))
        if where not in opened:
            opened[where] = open_driver(experiment.arms[arm].system, target(loaded, arm, job, ledger_id), loaded.options[arm])
        driver = opened[where]
        # An arm's name has no slash in it.
        name = arm if driver.sees_every_queue else f"{arm}/{queue}"
        channel = found.setdefault(name, Channel(name, driver, {}, not driver.sees_every_queue))
        channel.inspectors[job.name] = driver
    return list(found.values())
