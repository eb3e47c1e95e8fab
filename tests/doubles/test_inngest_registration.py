"""What the double makes of a registration, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doubles.inngest import UnsupportedFunctionError
from tests.doubles.inngest.crons import firings
from tests.doubles.inngest.registration import parse_registration


def _body(**options: Any) -> dict[str, Any]:
    step = {"id": "step", "name": "step", "runtime": {"type": "http", "url": "http://127.0.0.1:1/api/inngest?fnId=app-f&stepId=step"}}
    function = {"id": "app-f", "name": "F", "triggers": [{"event": "a/*"}, {"cron": "0 9 * * *"}], "steps": {"step": step}}
    return {"appName": "app", "functions": [function | options]}


def test_a_registration_is_read() -> None:
    body = _body(cancel=[{"event": "stop", "if": "event.data.id == async.data.id"}])
    body["functions"][0]["steps"]["step"]["retries"] = {"attempts": 0}

    (function,) = parse_registration(body)

    assert (function.id, function.app, function.max_attempts) == ("app-f", "app", 1)
    assert [(t.event, t.cron) for t in function.triggers] == [("a/*", ""), ("", "0 9 * * *")]
    assert function.cancellations[0].event == "stop"
    assert function.call_url("abc") == "http://127.0.0.1:1/api/inngest?fnId=app-f&stepId=abc"


def test_retries_that_are_not_given_are_four() -> None:
    assert parse_registration(_body())[0].max_attempts == 5


@pytest.mark.parametrize("option", ["debounce", "batchEvents", "rateLimit", "singleton", "idempotency", "timeouts"])
def test_what_would_change_which_runs_there_are_is_refused(option: str) -> None:
    with pytest.raises(UnsupportedFunctionError, match=f"app-f: the double does not do {option}"):
        parse_registration(_body(**{option: {"key": "event.data.id"}}))


def test_a_cron_keeps_its_local_hour_over_the_change_to_summer_time() -> None:
    moments = firings("TZ=Europe/Berlin 30 4 * * *", datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert [moment.hour for moment in moments] == [3, 2]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 */6 * * *", ["01 00", "01 06", "01 12", "01 18", "02 00"]),
        ("30 9,17 1 * *", ["01 09", "01 17"]),
        ("0 8 * * mon-wed", ["05 08", "06 08", "07 08"]),
        ("0 8 2 * 0", ["02 08", "04 08"]),
        ("0 20/2 3 jan ?", ["03 20", "03 22"]),
    ],
)
def test_cron_fields(cron: str, expected: list[str]) -> None:
    until = datetime(2026, 1, 2, tzinfo=UTC) if cron.startswith("0 */6") else datetime(2026, 1, 9, tzinfo=UTC)
    moments = firings(cron, datetime(2025, 12, 31, 23, 59, 30, tzinfo=UTC), until)
    assert [moment.strftime("%d %H") for moment in moments] == expected


@pytest.mark.parametrize("cron", ["@daily", "0 0 9 * * *"])
def test_a_cron_has_five_fields(cron: str) -> None:
    with pytest.raises(ValueError, match="five fields"):
        list(firings(cron, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)))
