"""The Serverless Framework's configuration as code."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

MAIN = """
import type {{ AWS }} from "@serverless/typescript"
{imports}
const configuration: AWS = {{
  service: "mails", frameworkVersion: "3", provider: {{ name: "aws" }},
  functions: {functions},
}}
module.exports = configuration
"""
HANDLER = "export const main = async () => {}\n"

#: form -> files
FORMS = {
    "in one file": {
        "serverless.ts": MAIN.format(
            imports="", functions='{ mail: { handler: "src/mail/handler.main", events: [{ schedule: { rate: ["rate(1 hour)"] } }] } }'
        )
    },
    "in files of their own": {
        "serverless.ts": MAIN.format(imports='import { mail } from "./src"', functions="{ mail }"),
        "src/index.ts": 'export { default as mail } from "./mail"\n',
        "src/mail/index.ts": 'import { here } from "../here"\n'
        "export default { handler: `${here(__dirname)}/handler.main`, events: [{ schedule: 'rate(1 hour)' }] }\n",
        "src/here.ts": 'export const here = (context) => context.split(process.cwd())[1].replace("x", "/")\n',
    },
    "in JavaScript": {
        "serverless.js": "module.exports = {\n  service: 'mails', frameworkVersion: '3', provider: { name: 'aws' },\n"
        "  functions: { mail: { handler: 'src/mail/handler.main', events: [{ schedule: 'rate(1 hour)' }] } },\n}\n"
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({**FORMS[form], "src/mail/handler.ts": HANDLER})
    [schedule] = inventory.of(Schedule)
    assert (schedule.name, literal_of(schedule.interval), schedule.defined_in) == ("mail", 3600, "code")
    assert [(j.name, j.location.path, j.location.line) for j in inventory.of(Job)] == [("mail", "src/mail/handler.ts", 1)]


def test_queues(scan_tree: Scan) -> None:
    functions = (
        '{ mail: { handler: "src/mail/handler.main", events: [{ sqs: { arn: { "Fn::GetAtt": ["Mails", "Arn"] }, batchSize: 1 } }] } }'
    )
    inventory = scan_tree({"serverless.ts": MAIN.format(imports="", functions=functions), "src/mail/handler.ts": HANDLER})
    assert [(e.name, e.serves, literal_of(e.options["batchSize"])) for e in inventory.of(Endpoint)] == [("Mails", ("mail",), 1)]


def test_variables_of_its_own(scan_tree: Scan) -> None:
    functions = (
        '{ mail: { handler: "src/mail/handler.main", events: [{ schedule: "${self:custom.every}" }] } }, custom: { every: "rate(1 hour)" }'
    )
    inventory = scan_tree({"serverless.ts": MAIN.format(imports="", functions=functions), "src/mail/handler.ts": HANDLER})
    assert [literal_of(s.interval) for s in inventory.of(Schedule)] == [3600]


def test_another_file_of_that_shape(scan_tree: Scan) -> None:
    assert not scan_tree({"config.ts": FORMS["in JavaScript"]["serverless.js"], "src/mail/handler.ts": HANDLER}).items
