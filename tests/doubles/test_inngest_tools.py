"""The step tools and options that the articles application does not use, on both SDK versions."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.inngest import InngestDouble, Run
from tests.fixtures.articles import installed, process

pytestmark = pytest.mark.behaviour
PACKAGES = {"3": "packages/legacy-mailer/node_modules/inngest", "4": "node_modules/inngest"}


@pytest.fixture(scope="module", params=["3", "4"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InngestDouble]:
    """The double, with the probe's functions on one version of the SDK."""
    folder = tmp_path_factory.mktemp("probe")
    shutil.copy(Path(__file__).with_name("probe.mjs"), folder)
    (folder / "node_modules").mkdir()
    for name, package in (("inngest", PACKAGES[request.param]), ("tsx", "node_modules/tsx")):
        (folder / "node_modules" / name).symlink_to(installed() / package)
    with InngestDouble() as double, process(["probe.mjs", request.param], double.environment(), folder=folder, log=folder / "log") as line:
        ready = re.fullmatch(r"ready on (\d+)", line)
        assert ready, line
        double.register(f"http://127.0.0.1:{ready[1]}/api/inngest")
        yield double


def _start(server: InngestDouble, function: str, name: str, data: dict[str, Any] | None = None) -> Run:
    server.send({"name": f"probe/{name}", "data": data or {}})
    server.settle()
    return server.runs_of(function)[-1]


def test_sleep_until_a_moment(server: InngestDouble) -> None:
    run = _start(server, "until-moment", "until", {"moment": (server.now + timedelta(hours=5)).isoformat()})

    server.advance("4h59m")
    assert run.active
    server.advance("1m")
    assert run.output == "awake"


def test_an_event_cancels_the_run_that_it_matches(server: InngestDouble) -> None:
    mine, other = (_start(server, "cancellable", "start", {"id": name}) for name in ("mine", "other"))

    server.send({"name": "probe/stop", "data": {"id": "mine"}})
    server.run_until_idle()

    assert (mine.status, mine.output) == ("Cancelled", None)
    assert (other.status, other.output) == ("Completed", "to the end")


def test_a_trigger_can_end_in_a_star(server: InngestDouble) -> None:
    assert _start(server, "anything", "any.thing").output == "probe/any.thing"


def test_the_result_of_an_invoked_function_comes_back(server: InngestDouble) -> None:
    assert _start(server, "parent", "parent", {"n": 21}).output == {"twice": 42}


def test_the_error_of_an_invoked_function_comes_back(server: InngestDouble) -> None:
    assert _start(server, "parent", "parent", {"fail": True}).output == {"caught": "the child cannot"}


def test_an_invoked_function_that_takes_too_long_is_not_waited_for(server: InngestDouble) -> None:
    run = _start(server, "parent", "parent", {"slow": True, "n": 1})

    server.advance("61m")

    assert "Timed out" in run.output["caught"]
    assert server.runs_of("child")[-1].active
    server.run_until_idle()
    assert server.runs_of("child")[-1].output == {"twice": 2}


def test_a_failed_step_can_be_caught(server: InngestDouble) -> None:
    run = _start(server, "survivor", "survive")
    server.run_until_idle()

    assert run.output == "instead of always"
    assert run.attempts_at("doomed") == 2


@pytest.mark.parametrize("winner", ["fast", "slow"])
def test_the_first_of_several_waits_wins(server: InngestDouble, winner: str) -> None:
    run = _start(server, "racer", "race")
    if winner == "fast":
        server.send({"name": "probe/fast", "data": {}})
    server.run_until_idle()

    assert run.output == winner


def test_steps_with_the_same_name_are_different_steps(server: InngestDouble) -> None:
    assert _start(server, "repeated", "repeat").output == [1, 2, 3]


def test_a_body_is_retried_until_it_says_enough(server: InngestDouble) -> None:
    run = _start(server, "strict", "strict")
    server.run_until_idle()

    assert (run.status, (run.error or {})["message"]) == ("Failed", "enough")
    assert [(attempt.number, attempt.error) for attempt in run.attempts] == [(1, "attempt 0"), (2, "attempt 1"), (3, "enough")]


def test_a_moment_in_the_future_delays_an_event(server: InngestDouble) -> None:
    before = len(server.runs_of("anything"))
    later = server.now + timedelta(hours=1)
    server.send({"name": "probe/any.later", "data": {}, "ts": later.timestamp() * 1000})

    server.settle()
    assert len(server.runs_of("anything")) == before
    server.advance("1h1m")
    assert server.runs_of("anything")[-1].output == "probe/any.later"
