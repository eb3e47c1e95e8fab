"""Functions that SQS hands several messages: whether the one that is asked says which of them failed, not some other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_SERVERLESS = """\
service: shop
provider:
  name: aws
  runtime: nodejs20.x
functions:
  pay:
    handler: pay.handler
    events:
      - sqs:
          arn: arn:aws:sqs:eu-central-1:123456789012:payments
          batchSize: 10
          functionResponseType: ReportBatchItemFailures
"""
_PLAIN = "export const handler = async (event) => {\n  for (const record of event.Records) await pay(record.body);\n};\n"
_SAYS = "export const handler = async (event) => ({ batchItemFailures: [] });\n"

CASES = {
    "it says so": ({"pay.js": _SAYS}, "pass"),
    "nothing says so": ({"pay.js": _PLAIN}, "fail"),
    "a comment says so": ({"pay.js": "// batchItemFailures\n" + _PLAIN}, "fail"),
    "another function says so": ({"pay.js": _PLAIN, "mail.js": _SAYS}, "unknown"),
}


@pytest.mark.parametrize("case", CASES)
def test_who_says_which_messages_failed(tmp_path: Path, case: str) -> None:
    files, state = CASES[case]
    assert became(tmp_path, "JOB113", {"serverless.yml": _SERVERLESS, **files}).state == state
