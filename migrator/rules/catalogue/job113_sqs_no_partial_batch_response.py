"""JOB113: one message that fails brings the whole batch back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Endpoint, Job, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, number, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems.sqs import BATCH_SIZE

#: how the configurations of the several tools spell the size of a batch
_SIZES = ("BatchSize", "batchSize", "batch_size")
_ASKED = regex(rb"report_?batch_?item_?failures(?!\"?\s*[:=]\s*(?:false|False))", re.IGNORECASE)
_NAMED = regex(rb"response_?type|report_?batch_?item", re.IGNORECASE)
#: CDK: properties that do not stand where the source is made
_IN_A_VARIABLE = regex(rb"SqsEventSource\(\s*[^,(){}]+,\s*[^{\s]|EventSourceMapping\([^{=]*\)|\.\.\.|\*\*")
#: what code holds that says which messages failed, itself or by Powertools and Middy
_ANSWERS = (b"batchItemFailures", b"batch_item_failures", b"processPartialResponse", b"process_partial_response", b"sqs-partial-batch")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each function to which a queue hands its messages."""
    for endpoint in evidence.of(Endpoint, "sqs"):
        if endpoint.definition is None or not endpoint.serves or endpoint.location.path not in evidence.tree:
            continue
        name = f"`{endpoint.serves[0]}`"
        written = evidence.tree.read(endpoint.location.path)[endpoint.definition.start : endpoint.definition.end]
        size = next((endpoint.options[key] for key in _SIZES if key in endpoint.options), None)
        known = number(size) if size is not None else BATCH_SIZE
        if known == 1:
            yield Pass(spot(endpoint, f"{name} is handed one message at a time"))
        elif _ASKED.search(written):
            answered = evidence.containing(*_ANSWERS)
            files = _files(evidence, endpoint)
            if files and files <= set(answered):
                yield Pass(spot(endpoint, f"{name} says which messages failed"))
            elif not files:
                yield Undecided(f"the code of {name} was not found", spot(endpoint))
            elif answered:
                yield Undecided(f"whether {name} says which messages failed, as `{answered[0]}` does, is not told", spot(endpoint))
            else:
                message = f"{name} is to say which messages failed, but no code does: all of a batch count as done unless it raises."
                yield Fail(spot(endpoint), message, ("sqs",))
        elif known is None or _is_open(endpoint, written, said=size is not None):
            yield Undecided(f"how {name} is handed its messages is only known at run time", spot(endpoint))
        else:
            message = f"{name} is handed up to {known:.0f} messages at once: one that fails brings back those that were done."
            yield Fail(spot(endpoint), message, ("sqs",))


def _is_open(endpoint: Endpoint, written: bytes, *, said: bool) -> bool:
    """True if what is written may mean anything; `said`: the size of the batch is there."""
    if literal_of(endpoint.options.get("reportBatchItemFailures")) is False:
        return False
    return _NAMED.search(written) is not None or (not said and _IN_A_VARIABLE.search(written) is not None)


def _files(evidence: Evidence, endpoint: Endpoint) -> frozenset[str]:
    """The files of the function that the queue calls; none if it is no part of the tree."""
    jobs = (job for job in evidence.of(Job, "sqs") if job.name in endpoint.serves)
    return frozenset(found[0].source.path for job in jobs if (found := evidence.handler(job)) is not None)


_FUNCTION = (
    "service: shop\nprovider:\n  name: aws\n  runtime: nodejs20.x\n"
    "functions:\n  pay:\n    handler: pay.handler\n    events:\n      - sqs:\n"
    "          arn: arn:aws:sqs:eu-central-1:123456789012:payments\n          batchSize: 10\n"
)
_HANDLER = "export const handler = async (event) => {\n  for (const record of event.Records) await pay(record.body);\n};\n"
_ANSWER = (
    "export const handler = async (event) => {\n  const batchItemFailures = [];\n  for (const record of event.Records) {\n"
    "    await pay(record.body).catch(() => batchItemFailures.push({ itemIdentifier: record.messageId }));\n  }\n"
    "  return { batchItemFailures };\n};\n"
)
_PYTHON = "def handler(event, context):\n    for record in event['Records']:\n        pay(record['body'])\n"
_TEMPLATE = (
    "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n  Pay:\n"
    "    Type: AWS::Serverless::Function\n    Properties:\n      Handler: pay.handler\n      Runtime: python3.12\n      Events:\n"
    "        Queue:\n          Type: SQS\n          Properties:\n"
    "            Queue: arn:aws:sqs:eu-central-1:123456789012:payments\n            BatchSize: SIZE\n"
)

RULE = Rule(
    id="JOB113",
    name="sqs-no-partial-batch-response",
    title="One message that fails brings the whole batch back",
    severity="high",
    systems=("sqs",),
    what="A queue that hands a Lambda more than one message at once (ten, when nothing is said) without `ReportBatchItemFailures`; or with "
    "it, while no code answers with `batchItemFailures`.",
    why="When the function raises, all messages of the batch come back, those that were done as well: mails go out twice, and a single bad "
    "message takes nine good ones with it to the dead letter queue. With the setting alone, and no answer, nothing changes.",
    how="The mapping from queue to function in CloudFormation, SAM, Serverless, Terraform and CDK, and the answer in the code.",
    false_alarms="A function that catches every error and puts failed messages back itself.",
    migration="Other systems hand over one job at a time, and only that job is tried again.",
    fix="unsafe",
    hint="Set `FunctionResponseTypes: [ReportBatchItemFailures]`, and answer with the ids of the messages that failed.",
    effort=Effort(30, 60, "place", "an estimate"),
    sources=("AWS Lambda developer guide, Handling errors for an SQS event source",),
    examples=(
        Example(
            "sqs",
            bad={"serverless.yml": _FUNCTION, "pay.js": _HANDLER},
            good={"serverless.yml": _FUNCTION + "          functionResponseType: ReportBatchItemFailures\n", "pay.js": _ANSWER},
        ),
        Example(
            "sqs",
            bad={"serverless.yml": _FUNCTION + "          functionResponseType: ReportBatchItemFailures\n", "pay.js": _HANDLER},
            good={"serverless.yml": _FUNCTION.replace("batchSize: 10", "batchSize: 1"), "pay.js": _HANDLER},
        ),
        Example(
            "sqs",
            bad={"template.yaml": _TEMPLATE.replace("SIZE", "5"), "pay.py": _PYTHON},
            good={"template.yaml": _TEMPLATE.replace("SIZE", "1"), "pay.py": _PYTHON},
        ),
    ),
    check=check,
    left_behind=True,
)
