"""SST of every version: functions by the clock and behind queues."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Enqueue, Inventory, Job, Schedule, literal_of
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

CLOCKS["version 3, the address of a function made elsewhere"] = (
    'import { sweep } from "./functions"\nnew sst.aws.Cron("Nightly", { schedule: "rate(1 hour)", function: sweep.arn })'
)
FUNCTIONS = {"functions.ts": 'export const sweep = new sst.aws.Function("Sweep", { handler: "src/sweep.run" })\n'}

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
    inventory = scan_tree({"sst.config.ts": CLOCKS[form] + "\n", **FUNCTIONS, **HANDLER})
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


V2_BUS = 'import { EventBus, Queue } from "sst/constructs"\n'
RULE = '{ pattern: { detailType: ["made"] }, targets: { one: "src/sweep.run" } }'
BUSES = {
    "version 2": f'{V2_BUS}new EventBus(stack, "Bus", {{ rules: {{ r: {RULE} }} }})',
    "version 2, added": f'{V2_BUS}const bus = new EventBus(stack, "Bus")\nbus.addRules(stack, {{ r: {RULE} }})',
    "version 3": 'const bus = new sst.aws.Bus("Bus")\nbus.subscribe("r", "src/sweep.run", { pattern: { detailType: ["made"] } })',
    "version 3, a queue": 'const bus = new sst.aws.Bus("Bus")\nbus.subscribeQueue("r", queue, { pattern: { detailType: ["made"] } })',
}
UNTOLD = {
    "version 2, rules that code makes": (
        f"{V2_BUS}const bus = new EventBus(stack, 'B')\nbus.addRules(stack, Object.fromEntries(kinds.map(rule)))"
    ),
    "version 3, every event": 'const bus = new sst.aws.Bus("Bus")\nbus.subscribe("r", "src/sweep.run")',
}
PUT = {
    "src/put.ts": 'import { PutEventsCommand } from "@aws-sdk/client-eventbridge"\n'
    "export const put = (kind, detail) =>\n"
    '  client.send(new PutEventsCommand({ Entries: [{ Source: "app", DetailType: kind, Detail: JSON.stringify(detail) }] }))\n',
    "src/use.ts": 'import { put } from "./put"\nexport const f = () => put("made", {})\nexport const g = () => put("gone", {})\n',
}


def put(inventory: Inventory) -> list[tuple[str, str, int, str]]:
    return [(e.name, e.location.path, e.location.line, e.confidence) for e in inventory.of(Enqueue) if not e.wrapper]


@pytest.mark.parametrize("form", BUSES)
def test_an_event_that_a_rule_waits_for(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"stacks/main.ts": BUSES[form] + "\n", **HANDLER, **PUT})
    assert put(inventory) == [("made", "src/use.ts", 2, "certain")]
    # The other one is not passed over in silence.
    assert [(u.path, u.line) for u in inventory.unresolved if "bus" in u.reason] == [("src/use.ts", 3)]


@pytest.mark.parametrize("form", UNTOLD)
def test_rules_whose_events_are_not_told_may_wait_for_any(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"stacks/main.ts": UNTOLD[form] + "\n", **HANDLER, **PUT})
    assert put(inventory) == [("made", "src/use.ts", 2, "likely"), ("gone", "src/use.ts", 3, "likely")]


def test_events_that_no_rule_of_the_tree_waits_for_are_loose_ends(scan_tree: Scan) -> None:
    inventory = scan_tree({"stacks/main.ts": f'{V2}new Queue(stack, "Mails")\n', **PUT})
    assert put(inventory) == []
    assert sorted((u.path, u.line) for u in inventory.unresolved) == [("src/use.ts", 2), ("src/use.ts", 3)]
