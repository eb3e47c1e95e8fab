"""What the reader says of the articles application, against what the real SDKs register for it."""

from __future__ import annotations

import pytest

from migrator.jobs import Inventory, Job, Trigger, literal_of
from migrator.scanners import scan
from migrator.servers import servers
from tests.doubles.inngest import Function, InngestDouble
from tests.fixtures.articles import SOURCE, application, installed, shared_environment

pytestmark = pytest.mark.behaviour


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Function]:
    """The functions of both apps as their SDKs register them, by id: `marginalia` on version 4, `mailer` on version 3."""
    folder = tmp_path_factory.mktemp("registration")
    installed()
    with InngestDouble() as double, servers(redis=False) as running:
        environment = shared_environment(running.postgres, folder / "effects", double.environment())
        with application(environment, log=folder / "log") as app:
            for endpoint in app.endpoints:
                double.register(endpoint)
        return {function.id: function for function in double.functions}


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return scan(SOURCE)


def app_of(job: Job) -> str:
    return "mailer" if job.location.path.startswith("packages/legacy-mailer/") else "marginalia"


def test_the_same_functions_are_live(registered: dict[str, Function], inventory: Inventory) -> None:
    jobs = inventory.of(Job, "inngest")
    live = {f"{app_of(j)}-{j.name}" for j in jobs if j.live}
    handlers = {f"{app_of(j)}-{j.name}-failure" for j in jobs if j.failure_handler}
    assert live | handlers == registered.keys()
    assert [j.name for j in jobs if j.live is False] == ["rebuild-search"]


def test_the_same_triggers_and_attempts(registered: dict[str, Function], inventory: Inventory) -> None:
    jobs = [j for j in inventory.of(Job, "inngest") if j.live]
    assert len(jobs) == 14
    for job in jobs:
        function = registered[f"{app_of(job)}-{job.name}"]
        assert job.retry is not None
        assert literal_of(job.retry.max_attempts) == function.max_attempts, job.name
        # What is only ever invoked has no trigger on the server.
        read = {_as_registered(t) for t in job.triggers if t.kind != "direct"}
        assert read == {(t.event, t.expression, t.cron) for t in function.triggers}, job.name


def _as_registered(trigger: Trigger) -> tuple[str, str, str]:
    value = literal_of(trigger.value)
    cron = f"TZ={trigger.timezone} {value}" if trigger.timezone else value
    return (value, trigger.condition, "") if trigger.kind == "event" else ("", "", cron)
