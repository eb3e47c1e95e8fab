"""SST of every version: functions by the clock and behind queues."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

HANDLER = {"src/sweep.ts": "export const run = async () => {}\n"}
V1 = 'import * as sst from "@serverless-stack/resources"\n'
V2 = 'import { Cron, Queue, Function } from "sst/constructs"\n'

CLOCKS = {
    "version 3": 'new sst.aws.Cron("Nightly", { schedule: "rate(1 hour)", function: "src/sweep.run" })',
    "version 3, with options": (
        'new sst.aws.Cron("Nightly", { schedule: "rate(1 hour)", job: { handler: "src/sweep.run", timeout: "60 seconds" } })'
    ),
    "version 2": f'{V2}new Cron(stack, "Nightly", {{ schedule: "rate(1 hour)", job: "src/sweep.run" }})',
    "version 2, a function made before": (
        f'{V2}const fn = new Function(stack, "Nightly", {{ handler: "src/sweep.run" }})\n'
        'new Cron(stack, "Nightly", { schedule: "rate(1 hour)", job: { function: fn } })'
    ),
    "version 1": f'{V1}new sst.Cron(this, "Nightly", {{ schedule: "rate(1 hour)", job: "src/sweep.run" }})',
}

QUEUES = {
    "version 3": 'const queue = new sst.aws.Queue("Mails")\nqueue.subscribe("src/sweep.run")',
    "version 3, with options": 'const queue = new sst.aws.Queue("Mails")\nqueue.subscribe({ handler: "src/sweep.run" })',
    "version 2": f'{V2}new Queue(stack, "Mails", {{ consumer: "src/sweep.run" }})',
    "version 2, with options": f'{V2}new Queue(stack, "Mails", {{ consumer: {{ function: {{ handler: "src/sweep.run" }} }} }})',
    "version 2, added": f'{V2}const queue = new Queue(stack, "Mails")\nqueue.addConsumer(stack, "src/sweep.run")',
}

NONE = {
    "another thing to subscribe to": 'const topic = new sst.aws.SnsTopic("T")\ntopic.subscribe("src/sweep.run")',
    "a site": 'new sst.aws.Nextjs("Web", { path: "src" })',
    "a class of the project": 'class Cron {}\nnew Cron(1, "x", { schedule: "rate(1 hour)", job: "src/sweep.run" })',
}


@pytest.mark.parametrize("form", CLOCKS)
def test_by_the_clock(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"sst.config.ts": CLOCKS[form] + "\n", **HANDLER})
    [schedule] = inventory.of(Schedule)
    assert (schedule.name, literal_of(schedule.interval), schedule.job, schedule.defined_in) == (
        "Nightly",
        3600,
        "src/sweep.ts:run",
        "code",
    )
    assert [(j.location.path, j.location.line) for j in inventory.of(Job)] == [("src/sweep.ts", 1)]


@pytest.mark.parametrize("form", QUEUES)
def test_queues(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"stacks/main.ts": QUEUES[form] + "\n", **HANDLER})
    assert [(e.name, e.serves) for e in inventory.of(Endpoint)] == [("Mails", ("Mails",))]
    assert [(j.location.path, j.location.line) for j in inventory.of(Job)] == [("src/sweep.ts", 1)]


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    assert not scan_tree({"sst.config.ts": NONE[form] + "\n", **HANDLER}).items
