"""Terraform: functions with what feeds and starts them, across the files of a module."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Enqueue, Job, Schedule, Setting, literal_of
from tests.scanners.conftest import Scan

FUNCTION = """
data "archive_file" "mail" {
  type        = "zip"
  source_dir  = "${path.module}/../src/mail"
  output_path = "mail.zip"
}
resource "aws_lambda_function" "mail" {
  function_name = "mail"
  filename      = data.archive_file.mail.output_path
  handler       = "app.run"
  timeout       = 60
}
"""
CODE = {"src/mail/app.py": "def run(event, context):\n    pass\n"}

#: form -> (what follows, cron, interval, time zone)
SCHEDULES: dict[str, tuple[str, str | None, int | None, str]] = {
    "rule": (
        (
            'resource "aws_cloudwatch_event_rule" "r" {\n  schedule_expression = "rate(1 hour)"\n}\n'
            'resource "aws_cloudwatch_event_target" "t" {\n  rule = aws_cloudwatch_event_rule.r.id\n  arn = aws_lambda_function.mail.arn\n}'
        ),
        None,
        3600,
        "UTC",
    ),
    "rule in the old language": (
        (
            'resource "aws_cloudwatch_event_rule" "r" {\n  schedule_expression = "cron(0 9 * * ? *)"\n'
            '}\nresource "aws_cloudwatch_event_target" "t" {\n'
            '  rule = "${aws_cloudwatch_event_rule.r.name}"\n  arn = "${aws_lambda_function.mail.arn}"\n}'
        ),
        "0 9 * * *",
        None,
        "UTC",
    ),
    "default of a variable": (
        (
            'variable "every" {\n  default = "rate(1 hour)"\n}\nresource "aws_cloudwatch_event_rule" "r" {\n'
            "  schedule_expression = var.every\n}\n"
            'resource "aws_cloudwatch_event_target" "t" {\n  rule = aws_cloudwatch_event_rule.r.id\n  arn = aws_lambda_function.mail.arn\n}'
        ),
        None,
        3600,
        "UTC",
    ),
    "schedule": (
        (
            'resource "aws_scheduler_schedule" "s" {\n  schedule_expression = "cron(0 1 * * ? *)"\n'
            '  schedule_expression_timezone = "Asia/Tokyo"\n  target {\n    arn = aws_lambda_function.mail.arn\n    role_arn = "x"\n  }\n}'
        ),
        "0 1 * * *",
        None,
        "Asia/Tokyo",
    ),
    "public module": (
        (
            'module "bus" {\n  source = "terraform-aws-modules/eventbridge/aws"\n  rules = {\n'
            '    hourly = { schedule_expression = "rate(1 hour)" }\n  }\n'
            '  targets = {\n    hourly = [{ name = "a", arn = aws_lambda_function.mail.arn }]\n  }\n}'
        ),
        None,
        3600,
        "UTC",
    ),
}

NONE = {
    "a rule switched off": 'resource "aws_cloudwatch_event_rule" "r" {\n  schedule_expression = "rate(1 hour)"\n  state = "DISABLED"\n}',
    "a rule for an event": 'resource "aws_cloudwatch_event_rule" "r" {\n  event_pattern = jsonencode({ source = ["aws.ec2"] })\n}',
    "a stream": (
        'resource "aws_lambda_event_source_mapping" "m" {\n  event_source_arn = aws_dynamodb_table.t.stream_arn\n'
        '  function_name = aws_lambda_function.mail.arn\n  starting_position = "LATEST"\n}'
    ),
    "a backup plan": 'resource "aws_backup_plan" "b" {\n  rule {\n    schedule = "cron(0 1 * * ? *)"\n  }\n}',
}


@pytest.mark.parametrize("form", SCHEDULES)
def test_schedules(scan_tree: Scan, form: str) -> None:
    rest, cron, interval, zone = SCHEDULES[form]
    inventory = scan_tree({"infra/main.tf": FUNCTION, "infra/times.tf": rest + "\n", **CODE})
    [schedule] = inventory.of(Schedule)
    assert (literal_of(schedule.cron), literal_of(schedule.interval), schedule.timezone) == (cron, interval, zone)
    assert (schedule.location.path, schedule.job, schedule.defined_in) == ("infra/times.tf", "mail.app:run", "config")
    [job] = inventory.of(Job)
    assert (job.name, job.location.path, job.location.line, literal_of(job.timeout)) == ("mail", "src/mail/app.py", 1, 60)


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    assert not scan_tree({"infra/main.tf": FUNCTION, "infra/times.tf": NONE[form] + "\n", **CODE}).items


MAPPING = (
    'resource "aws_sqs_queue" "mails" {\n  name = "mails"\n  visibility_timeout_seconds = 360\n'
    "  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 3 })\n}\n"
    'resource "aws_lambda_event_source_mapping" "m" {\n  event_source_arn = aws_sqs_queue.mails.arn\n'
    "  function_name = aws_lambda_function.mail.function_name\n  batch_size = 5\n}\n"
)


def test_queues(scan_tree: Scan) -> None:
    inventory = scan_tree({"infra/main.tf": FUNCTION, "infra/queues.tf": MAPPING, **CODE})
    [endpoint] = inventory.of(Endpoint)
    assert (endpoint.name, endpoint.serves, endpoint.location.line, literal_of(endpoint.options["batch_size"])) == (
        "mails",
        ("mail",),
        6,
        5,
    )
    [setting] = inventory.of(Setting)
    options = {name: literal_of(value) for name, value in setting.options.items()}
    assert (setting.name, options) == ("mails", {"visibility_timeout_seconds": 360, "maxReceiveCount": 3})
    [job] = inventory.of(Job)
    assert literal_of(job.queue) == "mails"


def test_the_public_module_for_functions(scan_tree: Scan) -> None:
    module = (
        'module "mail" {\n  source = "terraform-aws-modules/lambda/aws"\n  function_name = "mail"\n  handler = "app.run"\n'
        '  source_path = "../src/mail"\n  event_source_mapping = {\n    sqs = {\n'
        "      event_source_arn = aws_sqs_queue.mails.arn\n    }\n  }\n}\n"
    )
    inventory = scan_tree({"infra/main.tf": module, **CODE})
    assert [(e.name, e.serves) for e in inventory.of(Endpoint)] == [("mails", ("mail",))]
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("mail", "src/mail/app.py")]


def test_a_function_of_another_module_is_said(scan_tree: Scan) -> None:
    inventory = scan_tree({"infra/queues.tf": MAPPING})
    assert not inventory.of(Endpoint)
    assert [(u.path, u.line) for u in inventory.unresolved] == [("infra/queues.tf", 6)]


def test_a_file_with_a_mistake(scan_tree: Scan) -> None:
    inventory = scan_tree({"infra/main.tf": f"{MAPPING}\nresource {{ {{\n"})
    assert [s.name for s in inventory.of(Setting)] == ["mails"]


def test_a_function_that_code_starts_by_the_name_in_a_variable(scan_tree: Scan) -> None:
    starter = (
        'resource "aws_lambda_function" "api" {\n  function_name = "api"\n  handler = "api.run"\n  environment {\n    variables = {\n'
        "      MAIL_FUNCTION = aws_lambda_function.mail.function_name\n    }\n  }\n}\n"
    )
    api = (
        "import os\nimport boto3\n\ndef run(event, context):\n"
        '    boto3.client("lambda").invoke(FunctionName=os.environ["MAIL_FUNCTION"], InvocationType="Event")\n'
    )
    inventory = scan_tree({"infra/main.tf": FUNCTION, "infra/api.tf": starter, "infra/api.py": api, **CODE})
    assert [(e.name, e.job, e.location.path) for e in inventory.of(Enqueue)] == [("mail", "mail.app:run", "infra/api.py")]
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("mail", "src/mail/app.py")]


def test_a_queue_of_a_module_by_the_name_in_a_variable(scan_tree: Scan) -> None:
    files = {
        "infra/main.tf": 'module "mails" {\n  source = "terraform-aws-modules/sqs/aws"\n  name = "mail-queue"\n}\n'
        'module "api" {\n  source = "./api"\n  variables = {\n    MAIL_URL = module.mails.queue_url\n'
        "    HOST = module.site.domain\n  }\n}\n",
        "api.py": 'import os\nimport boto3\nboto3.client("sqs").send_message(QueueUrl=os.environ["MAIL_URL"], MessageBody="x")\n',
    }
    assert [e.name for e in scan_tree(files).of(Enqueue)] == ["mail-queue"]


CHILD = """
variable "handler" {}
variable "source_dir" {}
variable "schedule" {
  default = null
}
resource "aws_lambda_function" "this" {
  function_name = var.name
  handler       = var.handler
  filename      = data.archive_file.this.output_path
}
data "archive_file" "this" {
  source_dir = var.source_dir
}
resource "aws_cloudwatch_event_rule" "this" {
  schedule_expression = var.schedule
}
resource "aws_cloudwatch_event_target" "this" {
  rule = aws_cloudwatch_event_rule.this.name
  arn  = aws_lambda_function.this.arn
}
"""


def test_a_module_of_the_tree_stands_where_it_is_called(scan_tree: Scan) -> None:
    calls = (
        'module "mail" {\n  source = "../modules/job"\n  name = "mail"\n  handler = "app.run"\n'
        '  source_dir = "${path.module}/../src/mail"\n'
        '  schedule = "rate(1 hour)"\n}\nmodule "sweep" {\n  source = "../modules/job"\n  name = "sweep"\n  handler = "sweep.run"\n'
        '  source_dir = "${path.module}/../src/mail"\n  schedule = local.nightly\n}\nlocals {\n  nightly = "cron(0 1 * * ? *)"\n}\n'
    )
    files = {"modules/job/main.tf": CHILD, "live/main.tf": calls, "src/mail/sweep.py": "def run(event, context):\n    pass\n", **CODE}
    inventory = scan_tree(files)
    found = [(s.job_name, literal_of(s.cron), literal_of(s.interval), s.location.path, s.location.line) for s in inventory.of(Schedule)]
    assert found == [("mail", None, 3600, "live/main.tf", 1), ("sweep", "0 1 * * *", None, "live/main.tf", 8)]
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("mail", "src/mail/app.py"), ("sweep", "src/mail/sweep.py")]


def test_a_module_that_only_tells_two_others_apart(scan_tree: Scan) -> None:
    feed = 'resource "aws_lambda_event_source_mapping" "m" {\n  event_source_arn = var.queue_arn\n  function_name = var.function_arn\n}\n'
    call = 'module "feed" {\n  source = "./feed"\n  queue_arn = aws_sqs_queue.mails.arn\n  function_arn = aws_lambda_function.mail.arn\n}\n'
    queue = 'resource "aws_sqs_queue" "mails" {\n}\n'
    inventory = scan_tree({"infra/main.tf": FUNCTION, "infra/q.tf": queue + call, "infra/feed/main.tf": feed, **CODE})
    assert [(e.name, e.serves, e.location.path, e.location.line) for e in inventory.of(Endpoint)] == [("mails", ("mail",), "infra/q.tf", 3)]


def test_a_function_and_a_queue_of_modules_of_the_tree(scan_tree: Scan) -> None:
    files = {
        "infra/main.tf": 'module "fn" {\n  source = "./fn"\n}\nmodule "queue" {\n  source = "./queue"\n}\n'
        'resource "aws_lambda_event_source_mapping" "m" {\n  event_source_arn = module.queue.arn\n  function_name = module.fn.arn\n}\n',
        "infra/fn/main.tf": FUNCTION.replace("../src", "../../src"),
        "infra/queue/main.tf": 'resource "aws_sqs_queue" "this" {\n  name = "mails"\n}\n',
        **CODE,
    }
    inventory = scan_tree(files)
    assert [(e.name, e.serves, e.location.line) for e in inventory.of(Endpoint)] == [("mails", ("mail",), 7)]
    assert [j.location.path for j in inventory.of(Job)] == ["src/mail/app.py"]


def test_an_image_in_a_folder_of_its_name(scan_tree: Scan) -> None:
    function = FUNCTION.replace('filename      = data.archive_file.mail.output_path\n  handler       = "app.run"', 'image_uri = "x/mail:1"')
    docker = 'FROM public.ecr.aws/lambda/python:3.12\nCMD ["app.run"]\n'
    feed = MAPPING.replace("aws_lambda_function.mail.", "aws_lambda_function.mail_lambda.")
    files = {
        "infra/main.tf": function.replace('"mail" {\n  function_name = "mail"', '"mail_lambda" {\n  function_name = "x-${var.env}"'),
        "infra/queues.tf": feed,
        "lambdas/mail/Dockerfile": docker,
        "lambdas/mail/src/app.py": CODE["src/mail/app.py"],
    }
    assert [(j.name, j.location.path) for j in scan_tree(files).of(Job)] == [("mail_lambda", "lambdas/mail/src/app.py")]
