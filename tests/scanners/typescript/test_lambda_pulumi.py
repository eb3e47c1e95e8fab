# ruff: noqa: E501 - code under test reads better on one line
"""Pulumi's AWS package: Lambdas behind queues and by the clock, and what is neither."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Job, Schedule, Setting, literal_of
from tests.scanners.conftest import Scan

HEAD = """
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
const dead = new aws.sqs.Queue("dead");
const mails = new aws.sqs.Queue("mails", { visibilityTimeoutSeconds: 60, redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 }) });
const fn = new aws.lambda.Function("send", { handler: "mail.handler", code: new pulumi.asset.FileArchive("../src"), timeout: 30 });
"""
FILES = {"src/mail.ts": "export const handler = async (event) => { await deliver(event.Records); };\n"}
ON_THE_SPOT, ELSEWHERE = ("infra/index.ts", 7), ("src/mail.ts", 1)

#: form -> (code, where the job stands, its name)
FEEDS = {
    "a mapping": (
        'new aws.lambda.EventSourceMapping("m", { eventSourceArn: mails.arn, functionName: fn.name, batchSize: 5 });',
        ELSEWHERE,
        "send",
    ),
    "a mapping by the ARN": (
        'new aws.lambda.EventSourceMapping("m", { eventSourceArn: mails.arn, functionName: fn.arn, batchSize: 5 });',
        ELSEWHERE,
        "send",
    ),
    "an event": ('mails.onEvent("work", async (event) => { await deliver(event); }, { batchSize: 5 });', ON_THE_SPOT, "work"),
    "an event, a Lambda": ('mails.onEvent("work", fn, { batchSize: 5 });', ELSEWHERE, "send"),
    "an event, a function on the spot with settings": (
        'mails.onEvent("work", new aws.lambda.CallbackFunction("cb", { callback: async (event) => { await deliver(event); }, memorySize: 512 }), { batchSize: 5 });',
        ON_THE_SPOT,
        "work",
    ),
}

#: form -> (code, where the job stands, cron, interval, time zone)
CLOCKS = {
    "on a schedule": (
        'aws.cloudwatch.onSchedule("nightly", "cron(0 3 * * ? *)", async () => { await clean(); });',
        ON_THE_SPOT,
        "0 3 * * *",
        None,
        "UTC",
    ),
    "a rule with a target": (
        'const rule = new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 hour)" }); new aws.cloudwatch.EventTarget("t", { rule: rule.name, arn: fn.arn });',
        ELSEWHERE,
        None,
        3600,
        "UTC",
    ),
    "a rule with an event": (
        'new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 hour)" }).onEvent("t", async () => { await clean(); });',
        ON_THE_SPOT,
        None,
        3600,
        "UTC",
    ),
    "a scheduler": (
        'new aws.scheduler.Schedule("nightly", { scheduleExpression: "cron(0 3 * * ? *)", scheduleExpressionTimezone: "Europe/Oslo", flexibleTimeWindow: { mode: "OFF" }, target: { arn: fn.arn, roleArn: role.arn } });',
        ELSEWHERE,
        "0 3 * * *",
        None,
        "Europe/Oslo",
    ),
}

NONE = {
    "a stream": 'new aws.lambda.EventSourceMapping("m", { eventSourceArn: table.streamArn, functionName: fn.name, startingPosition: "LATEST" });',
    "a topic": 'const topic = new aws.sns.Topic("t"); topic.onEvent("work", async (event) => { await deliver(event); });',
    "a rule for events": 'const rule = new aws.cloudwatch.EventRule("r", { eventPattern: "{}" }); new aws.cloudwatch.EventTarget("t", { rule: rule.name, arn: fn.arn });',
    "a rule that is off": 'const rule = new aws.cloudwatch.EventRule("r", { scheduleExpression: "rate(1 hour)", isEnabled: false }); new aws.cloudwatch.EventTarget("t", { rule: rule.name, arn: fn.arn });',
    "a schedule that is off": 'new aws.scheduler.Schedule("s", { scheduleExpression: "rate(1 hour)", state: "DISABLED", target: { arn: fn.arn } });',
    "once": 'new aws.scheduler.Schedule("s", { scheduleExpression: "at(2030-01-01T00:00:00)", target: { arn: fn.arn } });',
    "another cloud": 'import * as gcp from "@pulumi/gcp"; gcp.cloudwatch.onSchedule("nightly", "rate(1 hour)", async () => {});',
}


@pytest.mark.parametrize("form", FEEDS)
def test_behind_a_queue(scan_tree: Scan, form: str) -> None:
    code, at, name = FEEDS[form]
    inventory = scan_tree({"infra/index.ts": HEAD + code, **FILES})
    assert [(e.name, e.serves, literal_of(e.options["queue"]), literal_of(e.options["batchSize"])) for e in inventory.of(Endpoint)] == [
        ("mails", (name,), "mails", 5)
    ]
    assert [(j.name, j.location.path, j.location.line, literal_of(j.queue), j.handler is not None) for j in inventory.of(Job)] == [
        (name, *at, "mails", True)
    ]
    assert inventory.unresolved == ()


@pytest.mark.parametrize("form", CLOCKS)
def test_by_the_clock(scan_tree: Scan, form: str) -> None:
    code, at, cron, interval, zone = CLOCKS[form]
    inventory = scan_tree({"infra/index.ts": HEAD + code, **FILES})
    [schedule] = inventory.of(Schedule)
    assert (schedule.name, literal_of(schedule.cron), literal_of(schedule.interval), schedule.timezone) == ("nightly", cron, interval, zone)
    assert [(j.location.path, j.location.line) for j in inventory.of(Job)] == [at]


def test_every_way_to_import_a_queue(scan_tree: Scan) -> None:
    code = 'import { sqs } from "@pulumi/aws";\nimport { Queue } from "@pulumi/aws/sqs";\nimport { Queue as Q } from "@pulumi/aws/sqs/queue";\n'
    code += 'new sqs.Queue("a");\nnew Queue("b", { name: "bees", delaySeconds: 5 });\nnew Q("c");\n'
    settings = scan_tree({"infra/index.ts": code}).of(Setting)
    assert [(s.name, {k: literal_of(v) for k, v in s.options.items()}) for s in settings] == [
        ("a", {}),
        ("bees", {"delaySeconds": 5}),
        ("c", {}),
    ]


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"infra/index.ts": HEAD + NONE[form], **FILES})
    assert [(i.kind, i.name) for i in inventory.items] == [("setting", "dead"), ("setting", "mails")]


def test_a_lambda_that_is_not_of_this_program_is_said(scan_tree: Scan) -> None:
    code = 'new aws.lambda.EventSourceMapping("m", { eventSourceArn: mails.arn, functionName: config.require("worker") });'
    inventory = scan_tree({"infra/index.ts": HEAD + code, **FILES})
    assert [(u.line, u.reason) for u in inventory.unresolved] == [(7, "the function that this source feeds could not be found")]
