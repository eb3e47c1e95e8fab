"""Configurations that lead back to themselves, or nowhere: each ends in an answer."""

from __future__ import annotations

import pytest

from migrator.jobs import Job
from tests.scanners.conftest import Scan

HEAD = "service: s\nprovider: { name: aws }\nfunctions:\n  mail:\n    handler: a.b\n    events:\n"
RING = 'resource "aws_lambda_alias" "a" {\n  function_name = aws_lambda_alias.a.arn\n}\n'

TREES = {
    "a variable of itself": {"serverless.yml": f"{HEAD}      - schedule: ${{self:custom.a}}\ncustom: {{ a: '${{self:custom.a}}' }}\n"},
    "two variables of each other": {
        "serverless.yml": f"{HEAD}      - schedule: ${{self:custom.a}}\ncustom: {{ a: '${{self:custom.b}}', b: '${{self:custom.a}}' }}\n"
    },
    "events of themselves": {"serverless.yml": f"{HEAD[:-8]}events: ${{self:functions.mail.events}}\n"},
    "a file of itself": {"serverless.yml": f"{HEAD}      - ${{file(serverless.yml)}}\n"},
    "a variable that never ends": {"serverless.yml": f"{HEAD}      - schedule: {'${self:' * 50}x{'}' * 50}\n"},
    "a file that is none": {"serverless.yml": f"{HEAD}      - ${{file(../../etc/passwd)}}\n"},
    "references within references": {
        "t.json": '{"Resources": {"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": '
        + '{"Ref": ' * 400
        + "1"
        + "}" * 400
        + "}}}}"
    },
    "an alias of itself": {
        "a.tf": (
            f'{RING}resource "aws_lambda_event_source_mapping" "m" {{\n  event_source_arn = x\n'
            "  function_name = aws_lambda_alias.a.arn\n}}\n"
        )
    },
    "a package of itself": {
        "a.tf": 'data "archive_file" "a" {\n  source_dir = data.archive_file.a.output_path\n}\n'
        'resource "aws_lambda_function" "f" {\n  handler = "a.b"\n  filename = data.archive_file.a.output_path\n}\n'
    },
    "modules in a ring": {
        "a/m.tf": 'module "b" {\n  source = "../b"\n  x = var.x\n}\n',
        "b/m.tf": 'module "a" {\n  source = "../a"\n  x = var.x\n}\nresource "aws_sqs_queue" "q" {\n  name = var.x\n}\n',
    },
    "a local of itself": {"a.tf": 'locals {\n  a = local.a\n}\nresource "aws_sqs_queue" "q" {\n  name = local.a\n}\n'},
    "no Terraform": {"a.tf": '{"resource": [}}} \x01'},
    "no TOML": {"netlify.toml": "[functions.x\nschedule = ="},
    "no JSON": {"vercel.json": '{"crons": [{"path": "/api/x", "schedule": "* * * * *"}, {]'},
    "crons of another kind": {"vercel.json": '{"crons": {"path": 1}, "functions": ["experimentalTriggers"]}'},
    "files that pass each other on": {
        "vercel.json": '{"crons": [{"path": "/api/x", "schedule": "* * * * *"}]}',
        "app/api/x/route.ts": 'export * from "./other"\n',
        "app/api/x/other.ts": 'export * from "./route"\n',
    },
}


@pytest.mark.parametrize("form", TREES)
def test_it_ends(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree(TREES[form])
    assert not [i for i in inventory.items if i.kind == "definition"]


def test_a_handler_of_itself_stands_somewhere_on_its_way(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "vercel.json": '{"crons": [{"path": "/api/x", "schedule": "* * * * *"}]}',
            "app/api/x/route.ts": "const a = b\nconst b = a\nexport { a as GET }\n",
        }
    )
    assert {i.location.path for i in inventory.of(Job)} == {"app/api/x/route.ts"}
