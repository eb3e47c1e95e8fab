"""Celery's driver before it has a broker. Against real ones it is in tests/behaviour."""

from __future__ import annotations

import pytest

from migrator.errors import MigratorError
from migrator.shadow.drivers import open_driver
from migrator.shadow.drivers.celery import Options
from migrator.shadow.drivers.interface import Target


def test_an_address_that_is_none_is_not_quoted() -> None:
    target = Target(
        arm="new", ledger_id="l", address="amqp://ann:s3cr#t@127.0.0.1:1//", name="BROKER_URL", queue="q", job_name="j", timeout=1
    )
    with pytest.raises(MigratorError, match="BROKER_URL: this is not an address of a broker") as caught:
        open_driver("celery", target, Options())
    assert "s3cr" not in str(caught.value)
