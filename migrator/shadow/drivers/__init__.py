"""One driver per system, one file per driver: a module of this folder named after its system is a driver, with nothing else to edit.

`pg-boss` is `pg_boss.py`. The module has `Options` (the arm's `options` table) and `open_driver`.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import Driver, Target

_NOT_DRIVERS = ("interface",)
#: systems that have an underscore in their own name
_UNDERSCORED = ("pg_cron",)
#: systems whose client is an extra of its own, with the system's name
_EXTRAS = ("inngest", "qstash", "sqs")


def systems() -> tuple[str, ...]:
    """Systems that there is a driver for."""
    names = (m.name for m in pkgutil.iter_modules(__path__) if m.name not in _NOT_DRIVERS)
    return tuple(sorted(name if name in _UNDERSCORED else name.replace("_", "-") for name in names))


def options_of(system: str) -> type[msgspec.Struct]:
    """What an arm of the system may say under `options`."""
    return _module(system).Options


def open_driver(system: str, target: Target, options: msgspec.Struct) -> Driver:
    """A driver, not connected yet. Raises MigratorError when `target` makes no sense for the system."""
    return _module(system).open_driver(target, options)


def _module(system: str) -> ModuleType:
    try:
        return importlib.import_module(f"{__name__}.{system.replace('-', '_')}")
    except ImportError as error:
        if error.name and error.name.startswith("migrator"):
            raise
        extra = f"shadow,{system}" if system in _EXTRAS else "shadow"
        raise MigratorError(
            f"the driver for {system} needs the Python package {error.name}", remedy=f"Install it with `pip install 'migrator[{extra}]'`."
        ) from error
