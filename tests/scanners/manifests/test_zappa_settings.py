"""What Zappa starts by the clock or from a queue, as its settings say it; and the background functions that are only said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from migrator.jobs import Endpoint, Inventory, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

CODE = {"shop/__init__.py": "", "shop/jobs.py": "def sweep(event, context): ...\ndef mail(event, context): ...\n"}


def stage(*events: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {"production": {"app_function": "shop.app.app", **settings, "events": list(events)}}


def schedules(inventory: Inventory) -> list[tuple[str, str, Any, Any]]:
    return [(s.name, s.job_name, literal_of(s.cron), literal_of(s.interval)) for s in inventory.of(Schedule)]


@pytest.mark.parametrize("path", ["zappa_settings.json", "deploy/zappa_settings.json"])
def test_events_by_the_clock(scan_tree: Scan, path: str) -> None:
    settings = stage(
        {"function": "shop.jobs.sweep", "expression": "cron(0 3 * * ? *)", "name": "nightly"},
        {"function": "shop.jobs.mail", "expressions": ["rate(5 minutes)", "rate(1 hour)"], "kwargs": {"deep": True}},
        timeout_seconds=60,
    )
    inventory = scan_tree({**CODE, path: json.dumps(settings, indent=2)})
    assert schedules(inventory) == [
        ("nightly", "shop.jobs.sweep", "0 3 * * *", None),
        ("shop.jobs.mail", "shop.jobs.mail", None, 300),
        ("shop.jobs.mail", "shop.jobs.mail", None, 3600),
    ]
    assert [(j.name, j.location.path, j.location.line, literal_of(j.timeout)) for j in inventory.of(Job)] == [
        ("shop.jobs.sweep", "shop/jobs.py", 1, 60),
        ("shop.jobs.mail", "shop/jobs.py", 2, 60),
    ]
    assert inventory.unresolved == ()


def test_settings_in_yaml_and_a_queue(scan_tree: Scan) -> None:
    text = """
    dev:
      events:
        - function: shop.jobs.mail
          event_source:
            arn: arn:aws:sqs:eu-west-1:1:mails
            batch_size: 10
            enabled: true
        - function: shop.jobs.sweep
          expression: rate(1 day)
    """
    inventory = scan_tree({**CODE, "zappa_settings.yml": text})
    assert [(e.name, e.serves, literal_of(e.options["batch_size"])) for e in inventory.of(Endpoint)] == [("mails", ("shop.jobs.mail",), 10)]
    assert [(s.job_name, s.location.line) for s in inventory.of(Schedule)] == [("shop.jobs.sweep", 10)]
    assert sorted(j.name for j in inventory.of(Job)) == ["shop.jobs.mail", "shop.jobs.sweep"]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"function": "shop.jobs.sweep", "expression": "rate(1 day)", "enabled": False}, id="off"),
        pytest.param(
            {"function": "shop.jobs.sweep", "event_source": {"arn": "arn:aws:sqs:eu-west-1:1:q", "enabled": False}}, id="queue off"
        ),
        pytest.param({"function": "shop.jobs.sweep", "event_source": {"arn": "arn:aws:s3:::photos"}}, id="another source"),
        pytest.param({"expression": "rate(1 day)"}, id="no function"),
    ],
)
def test_events_that_start_no_job(scan_tree: Scan, event: dict[str, Any]) -> None:
    inventory = scan_tree({**CODE, "zappa_settings.json": json.dumps(stage(event))})
    assert (inventory.of(Schedule), inventory.of(Endpoint), inventory.of(Job)) == ((), (), ())


def test_other_files_are_none_of_zappas(scan_tree: Scan) -> None:
    settings = json.dumps(stage({"function": "shop.jobs.sweep", "expression": "rate(1 day)"}))
    assert scan_tree({**CODE, "settings.json": settings, "zappa_settings.json.bak": settings}).of(Schedule) == ()


def test_what_is_not_read_is_said(scan_tree: Scan) -> None:
    toml = '[dev]\n[[dev.events]]\nfunction = "shop.jobs.sweep"\nexpression = "rate(1 day)"\n'
    inventory = scan_tree({**CODE, "zappa_settings.toml": toml, "a/zappa_settings.json": '{"dev": {"events": ['})
    assert [(u.path, u.line) for u in inventory.unresolved] == [("a/zappa_settings.json", 1), ("zappa_settings.toml", 2)]


def test_background_functions_are_said(scan_tree: Scan) -> None:
    code = """
    from invoke import task as other
    from zappa.asynchronous import run, task

    @task
    def mail(to): ...

    @task(capture_response=True)
    def sweep(): ...

    @other
    def build(c): ...

    def view():
        run(mail, ["a@example.com"])
    """
    inventory = scan_tree({"shop/jobs.py": code})
    assert [u.line for u in inventory.unresolved] == [5, 8, 15]
