# ruff: noqa: E501 - code under test reads better on one line
"""SQS in TypeScript and JavaScript: what sends, what takes, and what only looks like it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Inventory, Job, Schedule, Worker, literal_of
from tests.scanners.conftest import Scan

V3 = 'import { SQSClient, SQS, SendMessageCommand, SendMessageBatchCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs"\n'
URL = "https://sqs.eu-west-1.amazonaws.com/1/mail"

#: form -> (code, (name, line) of every enqueue)
SENDS: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "command": (f'{V3}new SQSClient({{}}).send(new SendMessageCommand({{ QueueUrl: "{URL}", MessageBody: "x" }}))', [("mail", 2)]),
    "command in a variable": (
        (
            f"{V3}const client = new SQSClient({{}})\nexport async function f() {{\n"
            f'  const command = new SendMessageCommand({{ QueueUrl: "{URL}", '
            'MessageBody: "x" })\n  log()\n  await client.send(command)\n}'
        ),
        [("mail", 6)],
    ),
    "batch": (
        f'{V3}await sqs.send(\n  new SendMessageBatchCommand({{ QueueUrl: "{URL}", Entries: [{{ Id: "1", MessageBody: "x" }}] }}))',
        [("mail", 2)],
    ),
    "method of version 3": (f'{V3}const sqs = new SQS({{}})\nsqs.sendMessage({{ QueueUrl: "{URL}", MessageBody: "x" }})', [("mail", 3)]),
    "version 2": (
        f'import AWS from "aws-sdk"\nconst sqs = new AWS.SQS()\nawait sqs.sendMessage({{ QueueUrl: "{URL}", MessageBody: "x" }}).promise()',
        [("mail", 3)],
    ),
    "version 2, required": (
        (
            'const AWS = require("aws-sdk")\nconst sqs = new AWS.SQS()\n'
            f'const params = {{ QueueUrl: "{URL}", MessageBody: "x" }}\nsqs.sendMessage(params, done)'
        ),
        [("mail", 4)],
    ),
    "version 2, one service": (
        f'import SQS from "aws-sdk/clients/sqs"\nnew SQS().sendMessageBatch({{ QueueUrl: "{URL}", Entries: [] }})',
        [("mail", 2)],
    ),
    "wrapped by another library": (
        (
            'const AWS = require("aws-xray-sdk").captureAWS(require("aws-sdk"))\n'
            f'new AWS.SQS().sendMessage({{ QueueUrl: "{URL}", MessageBody: "x" }})'
        ),
        [("mail", 2)],
    ),
    "queue in a variable of the environment": (
        f'{V3}export const f = () => sqs.send(new SendMessageCommand({{ QueueUrl: process.env.MAIL_QUEUE_URL!, MessageBody: "x" }}))',
        [("MAIL_QUEUE_URL", 2)],
    ),
    "environment with a default": (
        f'{V3}const url = process.env.MAIL_QUEUE_URL || ""\nsqs.send(new SendMessageCommand({{ QueueUrl: url, MessageBody: "x" }}))',
        [("MAIL_QUEUE_URL", 3)],
    ),
    "settings of a framework": (
        f'{V3}sqs.send(new SendMessageCommand({{ QueueUrl: this.config.get("MAIL_QUEUE"), MessageBody: "x" }}))',
        [("MAIL_QUEUE", 2)],
    ),
    "an entry of the settings": (
        f"{V3}sqs.send(new SendMessageCommand({{ QueueUrl: settings['mail_queue'], MessageBody: 'x' }}))",
        [("mail_queue", 2)],
    ),
    "a text made of another": (
        f"{V3}const push = (name) => sqs.send(new SendMessageCommand({{ QueueUrl: this.base.replace('QUEUE', name), MessageBody: 'x' }}))",
        [("", 2)],
    ),
    "settings of the project": (
        f'{V3}sqs.send(new SendMessageCommand({{ QueueUrl: config.aws.mailUrl, MessageBody: "x" }}))',
        [("mailUrl", 2)],
    ),
    "address that is asked for": (
        (
            f"{V3}export async function push(body) {{\n"
            '  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: "mail" }))\n'
            "  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }))\n}"
        ),
        [("mail", 4)],
    ),
    "address put together": (
        (
            f"{V3}const url = await this.urlOf('mail')\nclient.send(new SendMessageCommand({{ QueueUrl: url, MessageBody: 'x' }}))\n"
            "client.send(new SendMessageCommand({ QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/sms`, MessageBody: 'x' }))"
        ),
        [("mail", 3), ("sms", 4)],
    ),
    "wrapped in house by a name with a hole": (
        (
            f"{V3}const push = (name, body) =>\n"
            f"  client.send(new SendMessageCommand({{ QueueUrl: `${{BASE}}/${{name}}`, MessageBody: body }}))\n"
            "export const mail = (stage, body) => push(`mails-${stage}`, body)\nmail('prod', 1)"
        ),
        [("mails-${stage}", 4)],
    ),
    "wrapped in house by an object": (
        (
            f"{V3}class Provider {{\n  send(given) {{\n    const url = this.urlOf(given)\n"
            f"    return this.sqs.sendMessage({{ QueueUrl: url, MessageBody: given.body }})"
            "\n  }\n}\nnew Provider().send({ body: 'x', queue: 'mail' })"
        ),
        [("mail", 8)],
    ),
    "wrapped in house by a name": (
        (
            f"{V3}const push = async (queue, body) => {{\n  const url = await urlOf(queue)\n"
            "  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }))\n}\npush('mail', 'x')"
        ),
        [("mail", 6)],
    ),
    "wrapped in house": (
        (
            f"{V3}const client = new SQSClient({{}})\nexport const push = (url, body) =>\n"
            f"  client.send(new SendMessageCommand({{ QueueUrl: url, MessageBody: body }}))\n"
            f'push("{URL}", "a")\npush(process.env.SMS_URL, "b")'
        ),
        [("mail", 5), ("SMS_URL", 6)],
    ),
    "wrapped in a class": (
        (
            f"{V3}class Sender {{\n  constructor(private url: string) {{}}\n  async push(body) {{\n"
            "    await client.send(new SendMessageCommand({ QueueUrl: this.url, MessageBody: body }))\n  }\n}\n"
            f'const mails = new Sender("{URL}")\nmails.push("x")'
        ),
        [("mail", 9)],
    ),
    "started without waiting": (
        (
            'import { InvokeCommand } from "@aws-sdk/client-lambda"\n'
            'client.send(new InvokeCommand({ FunctionName: "resize", InvocationType: "Event" }))'
        ),
        [("resize", 2)],
    ),
    "started without waiting, by the SDK's word": (
        (
            'import { InvokeCommand, InvocationType } from "@aws-sdk/client-lambda"\n'
            "client.send(new InvokeCommand({ FunctionName: process.env.RESIZE, InvocationType: InvocationType.Event }))"
        ),
        [("RESIZE", 2)],
    ),
    "started by version 2 of the SDK, in a class": (
        (
            "import { Lambda } from 'aws-sdk'\nclass Starter {\n  lambda: Lambda\n  constructor() { this.lambda = new Lambda() }\n"
            "  async run({ name }: { name: string }) {\n"
            "    return this.lambda.invoke({ FunctionName: name, InvocationType: 'Event' }).promise()\n  }\n}\n"
            "const starter = new Starter()\nstarter.run({ name: 'resize' })\nstarter.run({ name: `${process.env.STAGE}-mailer` })"
        ),
        [("resize", 10), ("${process.env.STAGE}-mailer", 11)],
    ),
    "a setting that is but a part of the address": (
        f"{V3}client.send(new SendMessageCommand({{ QueueUrl: `https://sqs.eu-west-1.amazonaws.com/${{process.env.ACCOUNT}}/mail`, MessageBody: '' }}))",
        [("mail", 2)],
    ),
    "a setting that is all of the address": (
        f"{V3}client.send(new SendMessageCommand({{ QueueUrl: `${{process.env.MAIL_URL}}`, MessageBody: '' }}))",
        [("MAIL_URL", 2)],
    ),
    "started once at a time": (
        (
            'import { CreateScheduleCommand } from "@aws-sdk/client-scheduler"\n'
            'client.send(new CreateScheduleCommand({ Name: "late", ScheduleExpression: '
            "`at(${time})`, Target: { Arn: process.env.LATE_ARN } }))"
        ),
        [("LATE_ARN", 2)],
    ),
    "started once at a time, wrapped in house": (
        (
            'import { CreateScheduleCommand } from "@aws-sdk/client-scheduler"\n'
            "const plan = (input) => client.send(new CreateScheduleCommand(input))\n"
            'plan({ Name: "late", ScheduleExpression: `at(${time})`, Target: { Arn: process.env.LATE_ARN } })'
        ),
        [("LATE_ARN", 3)],
    ),
    "producer": (
        f'import {{ Producer }} from "sqs-producer"\nconst mails = Producer.create({{ queueUrl: "{URL}" }})\nmails.send(["x"])',
        [("mail", 3)],
    ),
    "NestJS": (
        (
            'import { SqsService } from "@ssut/nestjs-sqs"\nclass A {\n  constructor(private readonly sqs: SqsService) {}\n'
            '  f() { return this.sqs.send("mail", { id: "1", body: {} }) }\n}'
        ),
        [("mail", 4)],
    ),
}

#: look-alikes: none of these puts anything into a queue
NONE = {
    "a bot": 'import TelegramBot from "x"\nnew TelegramBot("t").sendMessage(chatId, "hello")',
    "a browser": 'chrome.runtime.sendMessage({ type: "QueueUrl" })',
    "an answer is awaited": (
        'import { InvokeCommand } from "@aws-sdk/client-lambda"\nclient.send(new InvokeCommand({ FunctionName: "resize" }))\n'
        'client.send(new InvokeCommand({ FunctionName: "resize", InvocationType: "RequestResponse" }))'
    ),
    "an answer of version 2 is awaited": "import { Lambda } from 'aws-sdk'\nnew Lambda().invoke({ FunctionName: 'x', InvocationType: 'RequestResponse' }).promise()",
    "another client": "import { Api } from './api'\nnew Api().invoke({ FunctionName: 'x', InvocationType: 'Event' })",
    "another command": (
        'import { DeleteMessageCommand } from "@aws-sdk/client-sqs"\nclient.send(new DeleteMessageCommand({ QueueUrl: "x" }))'
    ),
    "a command of the project": "class SendMessageCommand {}\nclient.send(new SendMessageCommand({ text: 'x' }))",
    "an event that nobody in the tree waits for": (
        'import { PutEventsCommand } from "@aws-sdk/client-eventbridge"\n'
        'client.send(new PutEventsCommand({ Entries: [{ Source: "a", DetailType: "b", Detail: "{}" }] }))'
    ),
}


def sends(inventory: Inventory) -> list[tuple[str, int]]:
    return [(e.name, e.location.line) for e in inventory.of(Enqueue, "sqs") if not e.wrapper]


@pytest.mark.parametrize("form", SENDS)
def test_sends(scan_tree: Scan, form: str) -> None:
    code, expected = SENDS[form]
    assert sends(scan_tree({"src/a.ts": code + "\n"})) == expected


#: what a function keeps in a variable, and the name by which the queue is known for that
KEPT = {
    "a text": (f'const url = "{URL}"', "url", "mail"),
    "a setting": ("const url = process.env.MAIL_URL", "url", "MAIL_URL"),
    "a setting with a name of its own": ("const url = config.mailQueueUrl", "url", "mailQueueUrl"),
    "of a module": ("const url = config.queueUrl", "url", "queueUrl"),
    "of the module itself": ("", "moduleUrl", "moduleUrl"),
    "what was asked for": ("const url = await ask()", "url", ""),
    "what was asked for, under a telling name": ("const mailQueueUrl = await ask()", "mailQueueUrl", ""),
    "a column of a row": ("const row = await ask()", "row.queueUrl", ""),
    "a column of an answer": ("", "(await ask()).url", ""),
    "a telling column of a row": ("const row = await ask()", "row.mailQueueUrl", "mailQueueUrl"),
    "a part of an answer": ("const { url } = await ask()", "url", ""),
}


@pytest.mark.parametrize("form", KEPT)
def test_what_a_function_keeps_in_a_variable(scan_tree: Scan, form: str) -> None:
    kept, used, name = KEPT[form]
    top = f"{V3}import {{ config }} from './config'\nimport {{ ask }} from './rows'\n"
    top += "const sqs = new SQSClient({})\nconst moduleUrl = ask()\n"
    code = f"{top}export async function push() {{\n  {kept}\n  await sqs.send(new SendMessageCommand({{ QueueUrl: {used} }}))\n}}\n"
    assert [e.name for e in scan_tree({"app/a.ts": code}).of(Enqueue, "sqs")] == [name]


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"src/a.ts": NONE[form] + "\n"})
    assert not inventory.of(Enqueue)
    assert not inventory.of(Worker)


def test_what_a_message_says(scan_tree: Scan) -> None:
    code = (
        f"{V3}for (const mail of mails) {{\n"
        f'  await sqs.send(new SendMessageCommand({{ QueueUrl: "{URL}", MessageBody: JSON.stringify(mail), '
        'DelaySeconds: 30, MessageGroupId: "a", MessageDeduplicationId: "b" }))\n}\n'
    )
    [enqueue] = scan_tree({"src/a.ts": code}).of(Enqueue)
    assert (literal_of(enqueue.queue), literal_of(enqueue.delay), literal_of(enqueue.dedupe)) == (URL, 30, "b")
    assert (enqueue.in_loop, enqueue.awaited, enqueue.form) == (True, True, "sendMessage")
    assert {k: literal_of(v) for k, v in enqueue.options.items()} == {"MessageGroupId": "a"}


def test_clients(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "a.ts": f"{V3}export const sqs = new SQSClient({{}})\n",
            "b.js": 'const AWS = require("aws-sdk")\nconst old = new AWS.SQS()\nconst bucket = new AWS.S3()\n',
        }
    )
    assert [(c.symbol, c.location.path, c.location.line) for c in inventory.of(Client)] == [("sqs", "a.ts", 2), ("old", "b.js", 2)]


#: form -> (code, lines of workers, (name, line) of jobs)
TAKES: dict[str, tuple[str, list[int], list[tuple[str, int]]]] = {
    "loop of one's own": (
        (
            f"{V3}async function handle(m) {{}}\nexport async function poll() {{\n"
            f'  const got = await client.send(new ReceiveMessageCommand({{ QueueUrl: "{URL}" }}))\n'
            "  for (const message of got.Messages ?? []) await handle(message)\n}"
        ),
        [4],
        [("mail", 2)],
    ),
    "a queue of the caller's": (
        (
            f"{V3}export async function poll(subscription: Subscription) {{\n"
            "  const got = await client.send(new ReceiveMessageCommand({ QueueUrl: subscription.queueUrl }))\n"
            "  got.Messages.length\n}"
        ),
        [3],
        [("poll", 2)],
    ),
    "a queue of the caller's settings": (
        (
            f"{V3}export async function poll(config: Config) {{\n"
            "  const got = await client.send(new ReceiveMessageCommand({ QueueUrl: config.mailQueueUrl }))\n"
            "  got.Messages.length\n}"
        ),
        [3],
        [("mailQueueUrl", 2)],
    ),
    "all in one function": (
        (
            f'{V3}export async function poll() {{\n  const got = await sqs.receiveMessage({{ QueueUrl: "{URL}" }}).promise()\n'
            "  got.Messages.length\n}}"
        ),
        [3],
        [("mail", 2)],
    ),
    "consumer": (
        f'import {{ Consumer }} from "sqs-consumer"\nConsumer.create({{ queueUrl: "{URL}", handleMessage: async (m) => {{}} }}).start()',
        [2],
        [("mail", 2)],
    ),
    "consumer, required": (
        f'const {{ Consumer }} = require("sqs-consumer")\nconst app = Consumer.create({{\n  queueUrl: "{URL}", handleMessageBatch: f }})',
        [2],
        [("mail", 2)],
    ),
    "NestJS": (
        (
            'import { SqsMessageHandler } from "@ssut/nestjs-sqs"\nexport class Mails {\n'
            '  @SqsMessageHandler("mail", false)\n  async handle(message) {}\n}'
        ),
        [],
        [("mail", 3)],
    ),
    "NestJS, registered by a function": (
        (
            'import { SqsModule } from "@ssut/nestjs-sqs"\nSqsModule.registerAsync({ useFactory: () => {\n'
            '  return { consumers: [{ name: "mail", queueUrl: "x" }] } } })'
        ),
        [3],
        [],
    ),
    "NestJS, registered": (
        (
            'import { SqsModule } from "@ssut/nestjs-sqs"\nSqsModule.register({\n'
            '  consumers: [{ name: "mail", queueUrl: "x" }], producers: [] })'
        ),
        [3],
        [],
    ),
}


@pytest.mark.parametrize("form", TAKES)
def test_takes(scan_tree: Scan, form: str) -> None:
    code, workers, jobs = TAKES[form]
    inventory = scan_tree({"src/a.ts": code + "\n"})
    assert [w.location.line for w in inventory.of(Worker)] == workers
    assert [(j.name, j.location.line) for j in inventory.of(Job)] == jobs


TYPES = 'import type { SQSEvent, SQSHandler, SQSBatchResponse, ScheduledEvent, S3Event, Handler } from "aws-lambda"\n'

#: form -> (code, line of the handler)
HANDLERS = {
    "typed constant": (f"{TYPES}export const handler: SQSHandler = async (event) => {{}}", 2),
    "typed event": (f"{TYPES}export const handler = async (event: SQSEvent) => {{}}", 2),
    "typed function": (f"{TYPES}export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {{}}", 2),
    "general type": (f"{TYPES}export const handler: Handler<SQSEvent, void> = async (event) => {{}}", 2),
    "through a library": (f"{TYPES}export const handler = middy(async (event: SQSEvent) => {{}}).use(json())", 2),
    "through a library, by its name": (
        (f"{TYPES}const run = async (event: SQSEvent) => {{}}\nexport const handler = middy(run).use(json()).use(logs())"),
        3,
    ),
    "through a library that knows queues": (
        "const run = async (event) => {}\nexport const handler = middy(run).use(sqsPartialBatchFailure())",
        2,
    ),
    "Powertools": (
        (
            "import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'\n"
            "const processor = new BatchProcessor(EventType.SQS)\n"
            "export const handler = async (event, context) => processPartialResponse(event, one, processor, { context })"
        ),
        3,
    ),
    "by the clock, as an event of the bus": (
        (
            'import type { EventBridgeEvent } from "aws-lambda"\n'
            'export const handler = async (event: EventBridgeEvent<"Scheduled Event", {}>) => {}'
        ),
        2,
    ),
    "wrapped in house": (f"{TYPES}export const handler = withLogs(async (event: SQSEvent) => {{}})", 2),
    "by the clock": (f"{TYPES}export const handler = async (event: ScheduledEvent) => {{}}", 2),
    "by a namespace": ('import * as lambda from "aws-lambda"\nexport const handler: lambda.SQSHandler = async (event) => {}', 2),
    "exported apart": (f"{TYPES}const run = async (event: SQSEvent) => {{}}\n\nexport {{ run as handler }}", 2),
    "without types": ("exports.handler = async (event) => {\n  for (const record of event.Records) work(JSON.parse(record.body))\n}", 1),
    "without types, asynchronous": (
        "module.exports.handler = async (event) => {\n  await Promise.all(event.Records.map((r) => work(r.body)))\n}",
        1,
    ),
}

NO_HANDLERS = {
    "a type of the project": "interface SQSEvent {}\nexport const handler = async (event: SQSEvent) => {}",
    "another event": f"{TYPES}export const handler = async (event: S3Event) => event.Records.map((r) => r.s3.object.key)",
    "an address": "export const handler = async (event) => JSON.parse(event.body)",
    "Powertools for a stream": (
        "import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'\n"
        "const processor = new BatchProcessor(EventType.KinesisDataStreams)\n"
        "export const handler = async (event, context) => processPartialResponse(event, one, processor, { context })"
    ),
    "an event of the bus": (
        'import type { EventBridgeEvent } from "aws-lambda"\nexport const handler = async (event: EventBridgeEvent<"made", {}>) => {}'
    ),
    "another event, with an answer": (
        "exports.handler = async (event) => {\n  save(event.Records[0].eventID)\n  return { statusCode: 200, body: 'OK' }\n}"
    ),
    "another type of event": (
        "export const handler = async (event: DynamoDBStreamEvent) => {\n  for (const r of event.Records) save(r.dynamo.body)\n}"
    ),
    "a helper that takes one": f"{TYPES}export const bodies = (prefix: string, event: SQSEvent) => event.Records",
    "messages of a topic": "exports.handler = async (event) => event.Records.map((r) => JSON.parse(r.Sns.Message).body)",
}


@pytest.mark.parametrize("form", HANDLERS)
def test_handlers(scan_tree: Scan, form: str) -> None:
    code, line = HANDLERS[form]
    inventory = scan_tree({"src/mail.ts": code + "\n"})
    assert [(j.name, j.location.line) for j in inventory.of(Job, "sqs")] == [("mail", line)]


@pytest.mark.parametrize("form", NO_HANDLERS)
def test_no_handlers(scan_tree: Scan, form: str) -> None:
    assert not scan_tree({"src/mail.ts": NO_HANDLERS[form] + "\n"}).of(Job)


def test_a_handler_that_a_manifest_names_too_is_one_job(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "serverless.yml": "service: s\nprovider: { name: aws }\nfunctions:\n  mails:\n    handler: src/mail.handler\n"
            "    events: [{ sqs: 'arn:aws:sqs:eu:1:mail' }]\n",
            "src/mail.ts": f"{TYPES}export const handler: SQSHandler = async (event) => {{}}\n",
        }
    )
    [job] = inventory.of(Job)
    assert (job.name, job.live, job.location.line) == ("mails", True, 2)


RECEIVER = {
    "src/queue.ts": f"""{V3}
        export class Queue {{
          async receive(url: string, most = 10): Promise<Message[]> {{
            const got = await client.send(new ReceiveMessageCommand({{ QueueUrl: url, MaxNumberOfMessages: most }}))
            return got.Messages ?? []
          }}
          async remove(handle: string) {{}}
        }}
    """
}
LOOPS = {
    "in the function itself": (
        "for (const message of messages) { await mail(JSON.parse(message.Body)); await queue.remove(message.ReceiptHandle) }",
        ("poll", 5),
    ),
    "handed on": ("await Promise.all(messages.map((m) => one(m)))", ("one", 3)),
    "handed on, after it was put off": ("for (const m of messages) { await queue.remove(m.ReceiptHandle); await one(m) }", ("one", 3)),
}


@pytest.mark.parametrize("form", LOOPS)
def test_messages_that_a_function_gives_to_who_calls_it(scan_tree: Scan, form: str) -> None:
    body, expected = LOOPS[form]
    worker = (
        'import { Queue } from "./queue"\nconst queue = new Queue()\nasync function one(message) {}\n'
        f'const URL_OF_IT = "{URL}"\nexport async function poll() {{ const messages = await queue.receive(URL_OF_IT); {body} }}\n'
    )
    inventory = scan_tree({**RECEIVER, "src/worker.ts": worker})
    [job] = inventory.of(Job)
    assert (job.symbol, job.location.line, job.location.path) == (*expected, "src/worker.ts")
    assert (job.name, job.confidence) == ("mail", "likely")


def test_who_only_counts_the_messages_works_none_off(scan_tree: Scan) -> None:
    counts = 'import { Queue } from "./queue"\nexport const count = async () => {\n  const got = await new Queue().receive("x")\n'
    counts += "  return got.length\n}\n"
    [job] = scan_tree({**RECEIVER, "src/count.ts": counts}).of(Job)
    assert job.location.path == "src/queue.ts"


def test_an_event_that_starts_a_function_of_the_tree(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "serverless.yml": "service: s\nprovider: { name: aws }\nfunctions:\n  welcome:\n    handler: src/welcome.handler\n"
            "    events: [{ eventBridge: { pattern: { detail-type: [user.created] } } }]\n  other:\n    handler: src/other.handler\n"
            "    events: [{ eventBridge: { pattern: { detail-type: [user.gone] } } }]\n",
            "src/welcome.ts": "export const handler = async () => {}\n",
            "src/other.ts": "export const handler = async () => {}\n",
            "src/send.ts": 'import { PutEventsCommand } from "@aws-sdk/client-eventbridge"\n'
            'bus.send(new PutEventsCommand({ Entries: [{ Source: "app", DetailType: "user.created", Detail: "{}" }] }))\n',
        }
    )
    assert [(e.name, e.location.path) for e in inventory.of(Enqueue)] == [("user.created", "src/send.ts")]
    assert [j.name for j in inventory.of(Job)] == ["welcome"]


def test_schedules_made_by_code(scan_tree: Scan) -> None:
    code = (
        'import { CreateScheduleCommand } from "@aws-sdk/client-scheduler"\n'
        'client.send(new CreateScheduleCommand({ Name: "nightly", ScheduleExpression: "cron(0 1 * * ? *)", '
        'ScheduleExpressionTimezone: "Europe/Rome", Target: { Arn: "arn:aws:lambda:eu:1:function:sweep" } }))\n'
    )
    [schedule] = scan_tree({"src/a.ts": code}).of(Schedule)
    assert (schedule.name, literal_of(schedule.cron), schedule.timezone, schedule.defined_in) == (
        "nightly",
        "0 1 * * *",
        "Europe/Rome",
        "code",
    )


MAKER = (
    'import type {{ SQSEvent, SQSRecord }} from "aws-lambda"\n'
    "export const {name} = (one: (record: SQSRecord) => Promise<void>) => wrapped(each(one))\n"
    "const each = (one) => async (event: SQSEvent) => {{ for (const record of event.Records) await one(record) }}\n"
)


@pytest.mark.parametrize("name", ["SQSHandler", "forEachMessage"])
def test_a_handler_that_a_function_of_the_project_makes(scan_tree: Scan, name: str) -> None:
    inventory = scan_tree(
        {
            "lib/maker.ts": MAKER.format(name=name),
            "src/mail.ts": f'import {{ {name} }} from "../lib/maker"\n\nexport const handler = {name}(async (record) => {{}})\n',
        }
    )
    assert [(j.name, j.location.path, j.location.line) for j in inventory.of(Job)] == [("mail", "src/mail.ts", 3)]
