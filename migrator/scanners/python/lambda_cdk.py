"""AWS CDK in Python."""

from __future__ import annotations

from migrator.scanners.aws.cdk import note
from migrator.scanners.reading import Reader
from migrator.systems.sqs import SYSTEM

READER = Reader(
    system=SYSTEM.name,
    markers=(b"SqsEventSource", b"EventSourceMapping", b"aws_events", b"aws_sqs", b"aws_scheduler"),
    packages=("aws_cdk",),
    call=note,
)
