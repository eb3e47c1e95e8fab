"""The names of settings, held against Celery's own tables."""

from __future__ import annotations

import pytest
from celery.app.defaults import _TO_NEW_KEY, DEFAULTS

from migrator.systems.celery_settings import bearing, known_keys, setting_key

#: settings of versions before or after the one installed
OTHER_VERSIONS = {"redis_backend_health_check_interval", "broker_transport_options"}


def test_every_key_is_one_of_celerys() -> None:
    assert known_keys() - OTHER_VERSIONS <= DEFAULTS.keys()


@pytest.mark.parametrize("old", sorted(_TO_NEW_KEY))
def test_old_names_mean_what_celery_says(old: str) -> None:
    found = setting_key(old)
    # Not every setting has to be known; one that is must be the right one.
    assert found in ("", _TO_NEW_KEY[old])


def test_namespaces() -> None:
    assert setting_key("CELERY_TASK_ROUTES", "CELERY") == "task_routes"
    assert setting_key("SHOP_TASK_ROUTES", "SHOP") == "task_routes"
    assert setting_key("TASK_ROUTES", "CELERY") == ""
    assert setting_key("timezone") == "timezone"
    assert setting_key("TIMEZONE") == ""


def test_what_is_not_known_is_grave() -> None:
    assert bearing("task_annotations") == "grave"
    assert bearing("beat_scheduler") == "grave"
    assert bearing("something_new") == "grave"
    assert bearing("result_expires") == "moot"
