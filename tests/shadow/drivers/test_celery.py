"""Celery's driver without workers. With them it is in tests/behaviour."""

from __future__ import annotations

import pytest

from migrator.errors import MigratorError
from migrator.servers import redis
from migrator.shadow.drivers import celery, open_driver
from migrator.shadow.drivers.celery import Options
from migrator.shadow.drivers.interface import Target


def test_an_address_that_is_none_is_not_quoted() -> None:
    target = Target(
        arm="new", ledger_id="l", address="amqp://ann:s3cr#t@127.0.0.1:1//", name="BROKER_URL", queue="q", job_name="j", timeout=1
    )
    with pytest.raises(MigratorError, match="BROKER_URL: this is not an address of a broker") as caught:
        open_driver("celery", target, Options())
    assert "s3cr" not in str(caught.value)


def test_time_in_which_there_was_nothing_to_hear_was_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with redis() as url:
        target = Target(arm="new", ledger_id="l", address=url, name="BROKER_URL", queue="q", job_name="j", timeout=30)
        first, second = (open_driver("celery", target, Options(results=False)) for _ in range(2))
        begun = first.watch("")
        monkeypatch.setattr(celery, "QUIET", 0.0)
        heard = first.observe(begun)
        assert (heard.sightings, heard.gap) == ((), "")
        assert heard.cursor > begun
        monkeypatch.setattr(celery, "QUIET", 3600.0)
        assert first.observe(heard.cursor).cursor == heard.cursor
        second.watch(heard.cursor)
        assert second.observe(heard.cursor).gap.startswith(f"nobody listened to events between {heard.cursor} and ")
        for driver in (first, second):
            driver.close()
