"""Every driver has all that the interface asks for."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from migrator.shadow import drivers
from migrator.shadow.drivers.interface import Driver


@pytest.mark.parametrize("system", drivers.systems())
def test_a_driver_has_every_member_of_the_interface(system: str) -> None:
    module: Any = inspect.getmodule(drivers.options_of(system))
    kinds = [
        kind for _, kind in inspect.getmembers(module, inspect.isclass) if hasattr(kind, "observe") and kind.__module__ == module.__name__
    ]
    wanted = {name for name in (*vars(Driver), *Driver.__annotations__) if not name.startswith("_")}
    assert kinds
    for found in kinds:
        assert {name for name in wanted if not hasattr(found, name)} == set()
        assert isinstance(found.sees_every_queue, bool)
        assert isinstance(found.transactional, bool)
