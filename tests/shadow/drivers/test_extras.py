"""A client that is not installed is asked for by the extra that brings it."""

from __future__ import annotations

import sys

import pytest

from migrator.errors import MigratorError
from migrator.shadow import drivers


@pytest.mark.parametrize(
    ("system", "package", "extra"),
    [("sqs", "boto3", "shadow,sqs"), ("qstash", "qstash", "shadow,qstash"), ("inngest", "httpx", "shadow,inngest"), ("rq", "rq", "shadow")],
)
def test_what_to_install(system: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ("migrator.shadow.drivers.", "migrator.shadow.hosted.", "migrator.shadow.aws.", "migrator.shadow.looks.")
    for name in [name for name in sys.modules if name.startswith((*ours, f"{package}.")) and name != "migrator.shadow.drivers.interface"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MigratorError) as caught:
        drivers.options_of(system)
    assert str(caught.value).startswith(f"the driver for {system} needs the Python package {package}")
    assert f"pip install 'migrator[{extra}]'" in str(caught.value)
