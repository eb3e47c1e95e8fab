"""CloudFormation and SAM: events of functions, mappings, rules, schedules and queues."""

from __future__ import annotations

import json

import pytest

from migrator.jobs import Endpoint, Job, Schedule, Setting, literal_of
from tests.scanners.conftest import Scan

FUNCTION = """
Resources:
  Mail:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: mail/
      Handler: app.run
      Timeout: 60
"""
CODE = {"mail/app.py": "def run(event, context):\n    pass\n"}

#: form -> (what follows, cron, interval, time zone)
SCHEDULES: dict[str, tuple[str, str | None, int | None, str]] = {
    "event": ("      Events: { E: { Type: Schedule, Properties: { Schedule: rate(1 hour) } } }", None, 3600, "UTC"),
    "event of the scheduler": (
        (
            "      Events:\n        E:\n          Type: ScheduleV2\n          Properties:\n"
            "            ScheduleExpression: cron(0 9 * * ? *)\n"
            "            ScheduleExpressionTimezone: Europe/Rome"
        ),
        "0 9 * * *",
        None,
        "Europe/Rome",
    ),
    "rule": (
        (
            "  Rule:\n    Type: AWS::Events::Rule\n    Properties:\n      ScheduleExpression: rate(1 hour)\n"
            "      Targets: [{ Arn: !GetAtt Mail.Arn, Id: a }]"
        ),
        None,
        3600,
        "UTC",
    ),
    "schedule": (
        (
            "  Nightly:\n    Type: AWS::Scheduler::Schedule\n    Properties:\n      ScheduleExpression: cron(0 1 * * ? *)\n"
            "      ScheduleExpressionTimezone: Asia/Tokyo\n      Target: { Arn: !GetAtt Mail.Arn, RoleArn: x }"
        ),
        "0 1 * * *",
        None,
        "Asia/Tokyo",
    ),
}

NONE = {
    "event switched off": "      Events: { E: { Type: Schedule, Properties: { Schedule: rate(1 hour), Enabled: false } } }",
    "rule switched off": (
        "  R:\n    Type: AWS::Events::Rule\n"
        "    Properties: { ScheduleExpression: rate(1 hour), State: DISABLED, Targets: [{ Arn: !GetAtt Mail.Arn }] }"
    ),
    "a call from outside": "      Events: { E: { Type: Api, Properties: { Path: /mail, Method: get } } }",
    "a stream": (
        "  M:\n    Type: AWS::Lambda::EventSourceMapping\n"
        "    Properties: { EventSourceArn: !GetAtt T.StreamArn, FunctionName: !Ref Mail, StartingPosition: LATEST }"
    ),
}


@pytest.mark.parametrize("form", SCHEDULES)
def test_schedules(scan_tree: Scan, form: str) -> None:
    rest, cron, interval, zone = SCHEDULES[form]
    inventory = scan_tree({"template.yaml": f"{FUNCTION}{rest}\n", **CODE})
    [schedule] = inventory.of(Schedule)
    assert (literal_of(schedule.cron), literal_of(schedule.interval), schedule.timezone) == (cron, interval, zone)
    assert (schedule.job, schedule.job_name) == ("mail.app:run", "Mail")
    [job] = inventory.of(Job)
    assert (job.name, job.location.path, job.location.line, literal_of(job.timeout)) == ("Mail", "mail/app.py", 1, 60)


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    assert not scan_tree({"template.yaml": f"{FUNCTION}{NONE[form]}\n", **CODE}).items


#: how a queue and a function are brought together
FEEDS = {
    "event": "      Events: { Q: { Type: SQS, Properties: { Queue: !GetAtt Mails.Arn, BatchSize: 5 } } }",
    "mapping": (
        "  M:\n    Type: AWS::Lambda::EventSourceMapping\n"
        "    Properties: { EventSourceArn: !GetAtt Mails.Arn, FunctionName: !GetAtt Mail.Arn, BatchSize: 5 }"
    ),
    "mapping by name": (
        "  M:\n    Type: AWS::Lambda::EventSourceMapping\n"
        "    Properties: { EventSourceArn: {'Fn::GetAtt': [Mails, Arn]}, FunctionName: {Ref: Mail}, BatchSize: 5 }"
    ),
}


@pytest.mark.parametrize("form", FEEDS)
def test_queues(scan_tree: Scan, form: str) -> None:
    queue = "  Mails:\n    Type: AWS::SQS::Queue\n    Properties: { VisibilityTimeout: 360, RedrivePolicy: { maxReceiveCount: 3 } }\n"
    inventory = scan_tree({"template.yaml": f"{FUNCTION}{FEEDS[form]}\n{queue}", **CODE})
    [endpoint] = inventory.of(Endpoint)
    assert (endpoint.name, endpoint.serves, literal_of(endpoint.options["BatchSize"])) == ("Mails", ("Mail",), 5)
    [setting] = inventory.of(Setting)
    assert (setting.name, {k: literal_of(v) for k, v in setting.options.items()}) == (
        "Mails",
        {"VisibilityTimeout": 360, "RedrivePolicy.maxReceiveCount": 3},
    )
    [job] = inventory.of(Job)
    assert literal_of(job.queue) == "Mails"


def test_json_and_bundles(scan_tree: Scan) -> None:
    template = {
        "Resources": {
            "Mail": {
                "Type": "AWS::Serverless::Function",
                "Metadata": {"BuildMethod": "esbuild", "BuildProperties": {"EntryPoints": ["handlers/mail.ts"]}},
                "Properties": {
                    "CodeUri": "src/",
                    "Handler": "mail.run",
                    "Events": {"E": {"Type": "Schedule", "Properties": {"Schedule": {"Ref": "Rate"}}}},
                },
            }
        }
    }
    inventory = scan_tree({"infra/t.json": json.dumps(template, indent="\t"), "infra/src/handlers/mail.ts": "export const run = 1\n"})
    [schedule] = inventory.of(Schedule)
    assert literal_of(schedule.cron) is None
    [job] = inventory.of(Job)
    assert job.location.path == "infra/src/handlers/mail.ts"


#: handler -> files -> where it is found
FOUND = {
    "a name of its own": ("sendMail.handler", ["src/deep/sendMail.ts", "src/other.ts"], "src/deep/sendMail.ts"),
    "a common name": ("index.handler", ["src/deep/index.ts", "src/other/index.ts"], ""),
    "what is built": ("dist/mail.handler", ["mail/src/mail.ts"], "mail/src/mail.ts"),
    "a package": ("jobs.mail.handler", ["mail/jobs/mail.py"], "mail/jobs/mail.py"),
    "the folder's index": ("mail.handler", ["mail/mail/index.ts"], "mail/mail/index.ts"),
    "two of one name": ("sendMail.handler", ["a/sendMail.ts", "b/sendMail.ts"], ""),
}


@pytest.mark.parametrize("form", FOUND)
def test_where_a_handler_is(scan_tree: Scan, form: str) -> None:
    handler, paths, expected = FOUND[form]
    event = "      Events: { E: { Type: Schedule, Properties: { Schedule: rate(1 hour) } } }"
    code = {path: "def handler(e, c):\n    pass\n" if path.endswith(".py") else "export const handler = 1\n" for path in paths}
    inventory = scan_tree({"template.yaml": f"{FUNCTION.replace('app.run', handler)}{event}\n", **code})
    assert "".join(j.location.path for j in inventory.of(Job)) == expected
    assert bool(inventory.unresolved) == (not expected)


BUILT = FUNCTION.replace("CodeUri: mail/", "CodeUri: dist/sendMail/").replace("app.run", "handler.handler") + (
    "      Events: { Q: { Type: SQS, Properties: { Queue: !GetAtt Mails.Arn } } }\n"
)
HANDLER = "export const handler = async (event) => {};\n"


def test_what_a_build_put_into_a_folder_of_the_same_name(scan_tree: Scan) -> None:
    files = {"template.yaml": BUILT, "src/lambdas/sendMail/handler.ts": HANDLER, "src/lambdas/other/handler.ts": HANDLER}
    inventory = scan_tree(files)
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("Mail", "src/lambdas/sendMail/handler.ts")]
    assert inventory.unresolved == ()


@pytest.mark.parametrize("other", ["legacy/sendMail/handler.ts", ""])
def test_a_built_folder_that_several_or_none_could_be_is_said(scan_tree: Scan, other: str) -> None:
    sources = {"src/lambdas/sendMail/handler.ts": HANDLER, other: HANDLER} if other else {"src/lambdas/receive/handler.ts": HANDLER}
    inventory = scan_tree({"template.yaml": BUILT, **sources})
    assert inventory.of(Job) == ()
    assert [u.reason for u in inventory.unresolved] == ["the code of Mail (handler.handler) was not found"]


def test_an_image(scan_tree: Scan) -> None:
    template = (
        "Resources:\n  Mail:\n    Type: AWS::Serverless::Function\n    Metadata: { Dockerfile: Dockerfile, DockerContext: ./mail }\n"
        "    Properties:\n      PackageType: Image\n      Events: { E: { Type: Schedule, Properties: { Schedule: rate(1 hour) } } }\n"
    )
    docker = 'FROM public.ecr.aws/lambda/python:3.12\nCMD [ "app.run" ]\n'
    inventory = scan_tree({"template.yaml": template, "mail/Dockerfile": docker, "mail/src/app.py": CODE["mail/app.py"]})
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("Mail", "mail/src/app.py")]


def test_a_state_machine_by_the_clock(scan_tree: Scan) -> None:
    template = (
        "Resources:\n  Flow:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n"
        "      Events: { E: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour) } } }\n"
    )
    assert [(s.name, s.job, literal_of(s.interval)) for s in scan_tree({"template.yaml": template}).of(Schedule)] == [("Flow", "", 3600)]
