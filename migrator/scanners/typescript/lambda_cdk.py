"""AWS CDK in TypeScript and JavaScript, version 1 (`@aws-cdk/aws-…`) and 2 (`aws-cdk-lib`)."""

from __future__ import annotations

from migrator.scanners.aws.cdk import finish, note
from migrator.scanners.reading import Reader
from migrator.systems.sqs import SYSTEM

_MODULES = ("aws-lambda", "aws-lambda-nodejs", "aws-lambda-event-sources", "aws-sqs", "aws-events", "aws-events-targets", "aws-scheduler")
PACKAGES = (
    "aws-cdk-lib",
    *(f"aws-cdk-lib/{module}" for module in (*_MODULES, "aws-scheduler-targets")),
    *(f"@aws-cdk/{module}" for module in _MODULES),
    *("@aws-cdk/aws-scheduler-alpha", "@aws-cdk/aws-scheduler-targets-alpha", "@aws-cdk/aws-lambda-python-alpha"),
)

READER = Reader(
    system=SYSTEM.name,
    markers=(
        b"SqsEventSource",
        b"EventSourceMapping",
        b"aws-events",
        b"aws_events",
        b"aws-sqs",
        b"aws_sqs",
        b"aws-scheduler",
        b"aws_scheduler",
    ),
    packages=PACKAGES,
    call=note,
    finish=finish,
)
