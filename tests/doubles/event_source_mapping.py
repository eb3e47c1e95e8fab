"""A double of Lambda's event source mapping for SQS: receives batches from a real queue and calls a handler as Lambda would.

Messages that the handler reports in `batchItemFailures` stay in the queue until their visibility timeout; so does the whole batch when it
raises. It does not scale, back off, filter or time out: one batch at a time, in this process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any], object], dict[str, Any] | None]


def poll_once(client: Any, url: str, handler: Handler, *, batch: int = 10) -> int:
    """One batch; returns how many messages it had."""
    answer: Any = client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=batch, WaitTimeSeconds=0, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"]
    )
    messages: list[Any] = answer.get("Messages", [])
    if not messages:
        return 0
    try:
        reply = handler({"Records": [record(message) for message in messages]}, None) or {}
    except Exception:  # noqa: BLE001 - whatever a handler raises, Lambda gives the whole batch back
        return len(messages)
    failed = {failure["itemIdentifier"] for failure in reply.get("batchItemFailures", [])}
    for message in messages:
        if message["MessageId"] not in failed:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return len(messages)


def record(message: dict[str, Any]) -> dict[str, Any]:
    """A message of ReceiveMessage in the spelling of a Lambda's event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {"dataType": value["DataType"], "stringValue": value.get("StringValue")}
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "eventSource": "aws:sqs",
    }
