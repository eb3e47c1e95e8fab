"""A Lambda with SQS in front of it, run in a loop: `python sqs_jobs.py`. QUEUE_URL is the queue."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import boto3
from bodies import body
from botocore.exceptions import BotoCoreError

from migrator.shadow.hooks.sqs import Reports
from tests.doubles.event_source_mapping import poll_once

reports = Reports.open()


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Each record on its own; those that fail come again."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            with reports.attempt(record):
                body(int(record["attributes"]["ApproximateReceiveCount"]), os.getpid(), json.loads(record["body"]))
        except IndexError:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def main() -> None:
    client = boto3.client("sqs", endpoint_url=os.environ["QUEUE_URL"].rsplit("/", 2)[0])
    sys.stdout.write("up\n")
    sys.stdout.flush()
    while True:
        try:
            taken = poll_once(client, os.environ["QUEUE_URL"], handler, batch=int(os.environ.get("BATCH", "10")))
        except BotoCoreError:  # the service is not there: Lambda asks again
            taken = 0
        if not taken:
            time.sleep(0.05)


if __name__ == "__main__":
    main()
