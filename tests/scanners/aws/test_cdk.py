"""AWS CDK in both languages: functions with what feeds and starts them."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Enqueue, Job, Schedule, Setting, literal_of
from tests.scanners.conftest import Scan

TS = """
import { Duration, Stack, aws_lambda as lambda, aws_events as events, aws_events_targets as targets } from "aws-cdk-lib"
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs"
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources"
import * as sqs from "aws-cdk-lib/aws-sqs"
import * as scheduler from "aws-cdk-lib/aws-scheduler"
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets"
import * as path from "path"

export class MailStack extends Stack {
  constructor(scope, id) {
    super(scope, id)
    const fn = new NodejsFunction(this, "mail", { entry: path.join(__dirname, "../src/mail.ts"), timeout: Duration.minutes(1) })
    const dead = { queue: new sqs.Queue(this, "dead"), maxReceiveCount: 3 }
    const queue = new sqs.Queue(this, "mails", { visibilityTimeout: Duration.minutes(6), deadLetterQueue: dead })
"""
FILES = {"src/mail.ts": "export const handler = async () => {}\n", "lambda/app.py": "def run(event, context):\n    pass\n"}


def stack(code: str) -> dict[str, str]:
    return {"lib/stack.ts": f"{TS}    {code}\n  }}\n}}\n", **FILES}


#: form -> (code, cron, interval, time zone)
SCHEDULES: dict[str, tuple[str, str | None, int | None, str]] = {
    "rate": (
        'new events.Rule(this, "r", { schedule: events.Schedule.rate(Duration.hours(1)), targets: [new targets.LambdaFunction(fn)] })',
        None,
        3600,
        "UTC",
    ),
    "target that is added": (
        (
            'const rule = new events.Rule(this, "r", { schedule: events.Schedule.cron({ minute: "0", hour: "9", weekDay: "MON-FRI" }) })\n'
            "    rule.addTarget(new targets.LambdaFunction(fn))"
        ),
        "0 9 * * MON-FRI",
        None,
        "UTC",
    ),
    "text": (
        (
            'new events.Rule(this, "r", { schedule: events.Schedule.expression("cron(0 9 * * '
            '? *)"), targets: [new targets.LambdaFunction(fn)] })'
        ),
        "0 9 * * *",
        None,
        "UTC",
    ),
    "the template's own schedule": (
        'new scheduler.CfnSchedule(this, "r", { scheduleExpression: "rate(1 hour)", target: { arn: fn.functionArn, roleArn: "x" } })',
        None,
        3600,
        "UTC",
    ),
    "the template's own rule": (
        'new events.CfnRule(this, "r", { scheduleExpression: "cron(0 9 * * ? *)", targets: [{ arn: fn.functionArn, id: "a" }] })',
        "0 9 * * *",
        None,
        "UTC",
    ),
    "scheduler": (
        (
            'new scheduler.Schedule(this, "r", { schedule: scheduler.ScheduleExpression.cron({ minute: "0", hour: "1", '
            "timeZone: TimeZone.EUROPE_PARIS }), target: new LambdaInvoke(fn) })"
        ),
        "0 1 * * *",
        None,
        "Europe/Paris",
    ),
}


@pytest.mark.parametrize("form", SCHEDULES)
def test_schedules(scan_tree: Scan, form: str) -> None:
    code, cron, interval, zone = SCHEDULES[form]
    inventory = scan_tree(stack(code))
    [schedule] = inventory.of(Schedule)
    assert (literal_of(schedule.cron), literal_of(schedule.interval), schedule.timezone) == (cron, interval, zone)
    assert (schedule.name, schedule.job, schedule.job_name, schedule.location.line) == ("r", "src/mail.ts:handler", "mail", 16)
    [job] = inventory.of(Job)
    assert (job.name, job.location.path, literal_of(job.timeout)) == ("mail", "src/mail.ts", 60)


NONE = {
    "a rule for an event": (
        'new events.Rule(this, "r", { eventPattern: { source: ["aws.ec2"] }, targets: [new targets.LambdaFunction(fn)] })'
    ),
    "switched off": 'new events.Rule(this, "r", { enabled: false, schedule: events.Schedule.rate(Duration.hours(1)) })',
    "machines by the clock": 'group.scaleOnSchedule("x", { schedule: autoscaling.Schedule.cron({ hour: "20" }) })',
}


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree(stack(NONE[form]))
    assert not inventory.of(Schedule)
    assert not inventory.of(Job)


FEEDS = {
    "source": "fn.addEventSource(new SqsEventSource(queue, { batchSize: 5 }))",
    "source with a name": "const source = new SqsEventSource(queue, { batchSize: 5 }); fn.addEventSource(source)",
    "among the events": (
        'new lambda.Function(this, "mail", { handler: "mail.handler", code: lambda.Code.fromAsset("src"), '
        "events: [new SqsEventSource(queue, { batchSize: 5 })] })"
    ),
    "mapping that is added": 'fn.addEventSourceMapping("m", { eventSourceArn: queue.queueArn, batchSize: 5 })',
    "mapping": 'new lambda.EventSourceMapping(this, "m", { eventSourceArn: queue.queueArn, target: fn, batchSize: 5 })',
}


@pytest.mark.parametrize("form", FEEDS)
def test_queues(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree(stack(FEEDS[form]))
    [endpoint] = inventory.of(Endpoint)
    assert (endpoint.serves, endpoint.location.line, literal_of(endpoint.options["batchSize"])) == (("mail",), 16, 5)
    setting = next(s for s in inventory.of(Setting) if s.name == "mails")
    assert (setting.name, literal_of(setting.options["visibilityTimeout"]), literal_of(setting.options["maxReceiveCount"])) == (
        "mails",
        360,
        3,
    )
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("mail", "src/mail.ts")]


def test_the_file_named_after_the_stack(scan_tree: Scan) -> None:
    files = stack('new NodejsFunction(this, "sweep").addEventSource(new SqsEventSource(queue))')
    inventory = scan_tree({**files, "lib/stack.sweep.ts": "export const handler = async () => {}\n"})
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("sweep", "lib/stack.sweep.ts")]


def test_constructs_of_others(scan_tree: Scan) -> None:
    code = (
        'const gu = new GuLambdaFunction(this, "out", { fileName: "out.zip", handler: "index.outputHandler" })\n'
        "    gu.addEventSource(new SqsEventSource(queue))"
    )
    files = stack(code)
    files["packages/out/src/index.ts"] = "const run = async () => {}\nexport { run as outputHandler }\n"
    files["packages/api/src/index.ts"] = "export const handler = async () => {}\n"
    assert [(j.name, j.location.path) for j in scan_tree(files).of(Job)] == [("out", "packages/out/src/index.ts")]


def test_python(scan_tree: Scan) -> None:
    code = (
        "from aws_cdk import Duration, Stack, aws_events as events, aws_events_targets as targets, aws_lambda as _lambda, aws_sqs as sqs\n"
        "from aws_cdk import aws_scheduler as scheduler\nfrom aws_cdk.aws_lambda_event_sources import SqsEventSource\n"
        "\n\nclass Mails(Stack):\n    def __init__(self, scope, id):\n"
        '        fn = _lambda.Function(self, "mail", handler="app.run", '
        'code=_lambda.Code.from_asset(path="lambda"), timeout=Duration.seconds(30))\n'
        '        queue = sqs.Queue(self, "mails", visibility_timeout=Duration.minutes(3))\n'
        "        fn.add_event_source(SqsEventSource(queue, batch_size=5))\n"
        '        rule = events.Rule(self, "r", schedule=events.Schedule.cron(minute="0", hour="9", week_day="MON"))\n'
        "        rule.add_target(targets.LambdaFunction(fn))\n"
        '        scheduler.CfnSchedule(self, "s", schedule_expression="rate(1 day)", '
        "target=scheduler.CfnSchedule.TargetProperty(arn=fn.function_arn, role_arn=role))\n"
    )
    inventory = scan_tree({"infra/stack.py": code, **FILES})
    [endpoint] = inventory.of(Endpoint)
    assert (endpoint.name, endpoint.serves, endpoint.location.line, literal_of(endpoint.options["batchSize"])) == (
        "mails",
        ("mail",),
        10,
        5,
    )
    [schedule, plain] = inventory.of(Schedule)
    assert (literal_of(schedule.cron), schedule.location.line, schedule.job) == ("0 9 * * MON", 11, "lambda.app:run")
    assert (plain.name, literal_of(plain.interval), plain.job) == ("s", 86400, "lambda.app:run")
    assert [(s.name, literal_of(s.options["visibilityTimeout"])) for s in inventory.of(Setting)] == [("mails", 180)]
    [job] = inventory.of(Job)
    assert (job.name, job.location.path, literal_of(job.timeout), len(job.triggers)) == ("mail", "lambda/app.py", 30, 3)


def test_messages_find_their_function(scan_tree: Scan) -> None:
    files = stack('fn.addEventSource(new SqsEventSource(queue))\n    fn.addEnvironment("MAILS_URL", queue.queueUrl)')
    files["src/api.ts"] = (
        'import { SendMessageCommand } from "@aws-sdk/client-sqs"\n'
        'export const f = () => client.send(new SendMessageCommand({ QueueUrl: process.env.MAILS_URL, MessageBody: "x" }))\n'
    )
    assert [(e.name, e.job) for e in scan_tree(files).of(Enqueue)] == [("mails", "src/mail.ts:handler")]


def test_events_find_their_function(scan_tree: Scan) -> None:
    files = stack('new events.Rule(this, "r", { eventPattern: { detailType: ["made"] }, targets: [new targets.LambdaFunction(fn)] })')
    files["src/api.ts"] = (
        'import { PutEventsCommand } from "@aws-sdk/client-eventbridge"\n'
        'bus.send(new PutEventsCommand({ Entries: [{ Source: "app", DetailType: "made", Detail: "{}" }] }))\n'
    )
    inventory = scan_tree(files)
    assert [(e.name, e.form) for e in inventory.of(Enqueue)] == [("made", "putEvents")]
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("mail", "src/mail.ts")]


@pytest.mark.parametrize(
    ("targets", "kept"), [("targets: [new targets.SqsQueue(queue)]", True), ("", False)], ids=["into a queue", "into nothing"]
)
def test_events_that_a_rule_puts_into_a_queue(scan_tree: Scan, targets: str, kept: bool) -> None:
    files = stack(
        "fn.addEventSource(new SqsEventSource(queue))\n"
        f'    new events.Rule(this, "r", {{ eventPattern: {{ detailType: ["made"] }}, {targets} }})'
    )
    files["src/api.ts"] = (
        'import { PutEventsCommand } from "@aws-sdk/client-eventbridge"\n'
        'bus.send(new PutEventsCommand({ Entries: [{ Source: "app", DetailType: "made", Detail: "{}" }] }))\n'
    )
    assert [(e.name, e.form) for e in scan_tree(files).of(Enqueue)] == ([("made", "putEvents")] if kept else [])


def test_a_template_that_is_made_of_the_code_is_not_read_again(scan_tree: Scan) -> None:
    template = (
        "Resources:\n  Rule:\n    Type: AWS::Events::Rule\n    Properties: { ScheduleExpression: rate(1 hour) }\n"
        "    Metadata: { 'aws:cdk:path': x }\n"
    )
    made = scan_tree({"template.yaml": template, "cdk.json": '{"app": "npx ts-node bin/app.ts"}'})
    assert not made.items


def test_a_template_that_is_made_of_code_in_another_language_is_read(scan_tree: Scan) -> None:
    template = (
        "Resources:\n  Rule:\n    Type: AWS::Events::Rule\n    Properties: { ScheduleExpression: rate(1 hour) }\n"
        "    Metadata: { 'aws:cdk:path': x }\n"
    )
    read = scan_tree({"template.yaml": template, "cdk.json": '{"app": "mvn -e -q compile exec:java"}'})
    assert [s.name for s in read.of(Schedule)] == ["Rule"]


WRAPPER = """
import { Construct } from "constructs"
import { Rule, Schedule } from "aws-cdk-lib/aws-events"
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets"
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources"
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs"
import { Queue } from "aws-cdk-lib/aws-sqs"

export class Scheduled extends Construct {
  constructor(scope, id, props) {
    super(scope, id)
    const fn = new NodejsFunction(this, id, { entry: props.entry })
    const rule = new Rule(this, `${id}-rule`, { schedule: props.schedule })
    rule.addTarget(new LambdaFunction(fn))
  }
}

export const worker = (scope, id, entry) => {
  const fn = new NodejsFunction(scope, id, { entry })
  fn.addEventSource(new SqsEventSource(new Queue(scope, "mails")))
}
"""


def test_constructs_of_the_project_stand_where_they_are_made(scan_tree: Scan) -> None:
    stack_of_own = (
        'import { Schedule } from "aws-cdk-lib/aws-events"\nimport { Scheduled, worker } from "./scheduled"\n'
        'new Scheduled(stack, "nightly", { entry: "src/mail.ts", schedule: Schedule.expression("rate(1 day)") })\n'
        'new Scheduled(stack, "hourly", { entry: "src/sweep.ts", schedule: Schedule.expression("rate(1 hour)") })\n'
        'worker(stack, "send", "src/send.ts")\n'
    )
    handler = "export const handler = async () => {}\n"
    files = {
        "lib/scheduled.ts": WRAPPER,
        "lib/stack.ts": stack_of_own,
        "src/mail.ts": handler,
        "src/sweep.ts": handler,
        "src/send.ts": handler,
    }
    inventory = scan_tree(files)
    found = [(s.job_name, literal_of(s.interval), s.location.path, s.location.line) for s in inventory.of(Schedule)]
    assert found == [("nightly", 86400, "lib/stack.ts", 3), ("hourly", 3600, "lib/stack.ts", 4)]
    assert [(e.name, e.serves, e.location.line) for e in inventory.of(Endpoint)] == [("mails", ("send",), 5)]
    assert {(j.name, j.location.path) for j in inventory.of(Job)} == {
        ("nightly", "src/mail.ts"),
        ("hourly", "src/sweep.ts"),
        ("send", "src/send.ts"),
    }


def test_rules_in_a_loop(scan_tree: Scan) -> None:
    code = (
        "for (const { id, every } of [{ id: 'a', every: 1 }, { id: 'b', every: 2 }]) {\n"
        "      const schedule = events.Schedule.rate(Duration.hours(every))\n"
        "      new events.Rule(this, id, { schedule, targets: [new targets.LambdaFunction(fn)] })\n    }"
    )
    assert [(s.name, literal_of(s.interval)) for s in scan_tree(stack(code)).of(Schedule)] == [("a", 3600), ("b", 7200)]


def test_a_function_of_a_class_of_the_project(scan_tree: Scan) -> None:
    files = stack('const own = new Own(this, "own", { file: "src/mail.ts" })\n    own.addEventSource(new SqsEventSource(queue))')
    files["lib/stack.ts"] += (
        "class Own extends NodejsFunction {\n  constructor(scope, id, props) {\n    super(scope, id, { entry: props.file })\n  }\n}\n"
    )
    inventory = scan_tree(files)
    assert [(e.serves, e.location.line) for e in inventory.of(Endpoint)] == [(("own",), 17)]
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("own", "src/mail.ts")]


def test_an_image(scan_tree: Scan) -> None:
    files = stack(
        'const image = new lambda.DockerImageFunction(this, "image", { code: lambda.DockerImageCode.fromImageAsset("mail") })\n'
        "    image.addEventSource(new SqsEventSource(queue))"
    )
    files["mail/Dockerfile"] = 'FROM public.ecr.aws/lambda/nodejs:22\nCMD ["app.handler"]\n'
    files["mail/app.ts"] = FILES["src/mail.ts"]
    assert [(j.name, j.location.path) for j in scan_tree(files).of(Job)] == [("image", "mail/app.ts")]


def test_a_stream_behind_a_function_is_no_queue(scan_tree: Scan) -> None:
    code = 'fn.addEventSourceMapping("m", { eventSourceArn: table.tableStreamArn, startingPosition: lambda.StartingPosition.LATEST })'
    assert not scan_tree(stack(code)).of(Endpoint)
