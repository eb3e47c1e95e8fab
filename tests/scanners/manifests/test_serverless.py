"""The Serverless Framework: what a queue, the clock or an event starts, wherever the configuration says it."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Inventory, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

HEAD = "service: mails\nprovider: { name: aws, runtime: nodejs20.x, timeout: 20 }\n"
HANDLER = {"src/mail.ts": "export const handler = async () => {}\n"}
RATE, CRON = ("", 300), ("0 9 * * 1-5", None)

#: form -> (events of the function `mail`, the rest of the file, cron and interval of every schedule)
SCHEDULES: dict[str, tuple[str, str, list[tuple[str, int | None]]]] = {
    "text": ("- schedule: rate(5 minutes)", "", [RATE]),
    "cron with six fields": ("- schedule: cron(0 9 ? * 2-6 *)", "", [CRON]),
    "mapping": ("- schedule: { rate: rate(5 minutes), enabled: true, input: { a: 1 } }", "", [RATE]),
    "list of rates": ("- schedule: { rate: ['rate(5 minutes)', 'cron(0 9 ? * MON-FRI *)'] }", "", [RATE, ("0 9 * * MON-FRI", None)]),
    "event bus": ("- eventBridge: { schedule: rate(5 minutes) }", "", [RATE]),
    "variable": ("- schedule: ${self:custom.every}", "custom: { every: rate(5 minutes) }", [RATE]),
    "variable by stage": (
        "- schedule: ${self:custom.every.${opt:stage, 'dev'}}",
        "custom: { every: { dev: rate(5 minutes), prod: rate(1 hour) } }",
        [RATE],
    ),
    "variable within": ("- schedule: rate(${self:custom.minutes} minutes)", "custom: { minutes: 5 }", [RATE]),
    "two events": ("- schedule: rate(5 minutes)\n      - schedule: cron(0 9 ? * 2-6 *)", "", [RATE, CRON]),
}

#: what is no schedule that runs
NONE = {
    "switched off": "- schedule: { rate: rate(5 minutes), enabled: false }",
    "only once": "- schedule: { rate: at(2030-01-01T00:00:00), method: scheduler }",
    "an address": "- http: { path: mail, method: get }",
    "a bucket": "- s3: photos",
}


def service(events: str, rest: str = "") -> dict[str, str]:
    return {"serverless.yml": f"{HEAD}functions:\n  mail:\n    handler: src/mail.handler\n    events:\n      {events}\n{rest}\n", **HANDLER}


def times(inventory: Inventory) -> list[tuple[str, int | None]]:
    return [(literal_of(s.cron) or "", literal_of(s.interval)) for s in inventory.of(Schedule, "sqs")]


@pytest.mark.parametrize("form", SCHEDULES)
def test_schedules(scan_tree: Scan, form: str) -> None:
    events, rest, expected = SCHEDULES[form]
    inventory = scan_tree(service(events, rest))
    assert times(inventory) == expected
    assert {(s.job, s.job_name, s.defined_in) for s in inventory.of(Schedule)} == {("src/mail.ts:handler", "mail", "config")}
    [job] = inventory.of(Job)
    assert (job.name, job.location.path, job.location.line, literal_of(job.timeout)) == ("mail", "src/mail.ts", 1, 20)
    assert len(job.triggers) == len(expected)


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree(service(NONE[form]))
    assert [*inventory.items] == []


def test_a_time_zone_and_what_is_only_known_when_deployed(scan_tree: Scan) -> None:
    inventory = scan_tree(service("- schedule: { rate: '${ssm:/mail/rate}', method: scheduler, timezone: Europe/Paris }"))
    [schedule] = inventory.of(Schedule)
    assert schedule.timezone == "Europe/Paris"
    assert literal_of(schedule.cron) is None


#: form -> (event, name of the queue)
QUEUES = {
    "reference": ("- sqs: { arn: { Fn::GetAtt: [MailQueue, Arn] }, batchSize: 5 }", "MailQueue"),
    "short reference": ("- sqs: { arn: !GetAtt MailQueue.Arn, batchSize: 5 }", "MailQueue"),
    "ARN": ("- sqs: { arn: 'arn:aws:sqs:eu-west-1:1:mail', batchSize: 5 }", "mail"),
    "text alone": ("- sqs: arn:aws:sqs:eu-west-1:1:mail", "mail"),
    "joined": ("- sqs: { arn: { Fn::Join: [':', [arn, aws, sqs, 'x', '1', mail]] } }", "mail"),
}


@pytest.mark.parametrize("form", QUEUES)
def test_queues(scan_tree: Scan, form: str) -> None:
    event, queue = QUEUES[form]
    inventory = scan_tree(service(event))
    [endpoint] = inventory.of(Endpoint)
    assert (endpoint.name, endpoint.serves, endpoint.location.path, endpoint.location.line) == (queue, ("mail",), "serverless.yml", 7)
    [job] = inventory.of(Job)
    assert job.location.path == "src/mail.ts"


def test_functions_in_other_files(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "services/mail/serverless.yml": HEAD + "functions:\n  - ${file(functions/a.yml)}\n  - ${file(functions/b.yml):only}\n",
            "services/mail/functions/a.yml": "send:\n  handler: src/send.run\n  events:\n    - schedule: rate(1 hour)\n",
            "services/mail/functions/b.yml": "only:\n  sweep:\n    handler: src/sweep.default\n    events: [{ schedule: rate(1 day) }]\n",
            "services/mail/src/send.js": "const run = async () => {}\n\nmodule.exports = { run }\n",
            "services/mail/src/sweep.ts": "\nexport default async function () {}\n",
        }
    )
    assert [(s.name, s.location.path, s.location.line) for s in inventory.of(Schedule)] == [
        ("send", "services/mail/functions/a.yml", 4),
        ("sweep", "services/mail/functions/b.yml", 4),
    ]
    assert [(j.name, j.location.path, j.location.line) for j in inventory.of(Job)] == [
        ("send", "services/mail/src/send.js", 1),
        ("sweep", "services/mail/src/sweep.ts", 2),
    ]


def test_python_behind_a_decorator_of_no_consequence(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "serverless.yml": HEAD + "functions:\n  sweep:\n    handler: app.sweep.run\n    events: [{ schedule: rate(1 day) }]\n",
            "app/sweep.py": "import logging\n\n@logging.wrap\ndef run(event, context):\n    pass\n",
        }
    )
    [job] = inventory.of(Job)
    assert (job.name, job.language, job.location.path, job.location.line) == ("sweep", "python", "app/sweep.py", 4)


def test_code_that_is_not_there_is_said(scan_tree: Scan) -> None:
    inventory = scan_tree({"serverless.yml": service("- schedule: rate(1 day)")["serverless.yml"]})
    assert [s.name for s in inventory.of(Schedule)] == ["mail"]
    assert not inventory.of(Job)
    [loose] = inventory.unresolved
    assert (loose.path, loose.line) == ("serverless.yml", 4)
    assert "src/mail.handler" in loose.reason


def test_another_tool_with_functions(scan_tree: Scan) -> None:
    inventory = scan_tree({"serverless.yml": "functions:\n  mail:\n    events: [{ schedule: rate(1 day) }]\n"})
    assert not inventory.items


def test_a_state_machine_by_the_clock(scan_tree: Scan) -> None:
    machines = "stepFunctions:\n  stateMachines:\n    flow:\n      events: [{ schedule: rate(1 hour) }]\n"
    inventory = scan_tree(service("- s3: photos", machines))
    assert [(s.name, s.job) for s in inventory.of(Schedule)] == [("flow", "")]
