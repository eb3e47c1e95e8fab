"""One SQS queue: what it is set to, how many messages it counts, and what it hands out."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.http_clock import Answer
from migrator.systems.sqs_limits import BATCH

CALLS = 10  #: requests for one look into a queue
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


class Counts(msgspec.Struct, frozen=True):
    """Messages of a queue. SQS's numbers are approximate: after the last message was sent they take up to a minute to be right."""

    waiting: int
    received: int
    delayed: int

    @property
    def none(self) -> bool:
        """Nothing is there."""
        return not (self.waiting or self.received or self.delayed)


class Redrive(msgspec.Struct, frozen=True):
    """Where messages go that nobody could handle, and after how many receipts."""

    dead_letter_queue: str  #: its name
    max_receives: int


class Message(msgspec.Struct, frozen=True):
    """A message that was handed out."""

    id: str
    receipt: str
    body: str
    mark: str | None  #: the experiment's mark, where it is an attribute


class Queue:
    """`name` is a queue's name or its URL. Errors are the client's own."""

    def __init__(self, client: Any, name: str, url: str = "") -> None:
        self._client, self.name = client, name
        self._url = url or (name if "://" in name else "")

    @property
    def url(self) -> str:
        """Asked for once."""
        if not self._url:
            self._url = str(self._client.get_queue_url(QueueName=self.name)["QueueUrl"])
        return self._url

    def redrive(self) -> Redrive | None:
        """Where its dead letters go."""
        answer: Any = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["RedrivePolicy"])
        text = answer.get("Attributes", {}).get("RedrivePolicy", "")
        if not text:
            return None
        policy: Any = json.loads(text)
        return Redrive(str(policy["deadLetterTargetArn"]).rsplit(":", 1)[-1], int(policy["maxReceiveCount"]))

    def counts(self) -> Counts:
        """How many messages there are."""
        answer: Any = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(_COUNTS))
        return Counts(*(int(answer["Attributes"][name]) for name in _COUNTS))

    def probe(self) -> Answer:
        """The service's clock."""
        url, begin = self.url, time.time_ns()
        answer: Any = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return Answer(begin, answer["ResponseMetadata"]["HTTPHeaders"].get("date", ""), time.time_ns())

    def send(self, message: dict[str, Any]) -> str:
        """Send a message; its id."""
        return str(self._client.send_message(QueueUrl=self.url, **message)["MessageId"])

    def receive(self, *, hidden: int) -> list[Message]:
        """What is handed out now, up to a hundred messages; nobody else gets them for `hidden` seconds."""
        found: list[Message] = []
        for _ in range(CALLS):
            answer: Any = self._client.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=BATCH, VisibilityTimeout=hidden, WaitTimeSeconds=0, MessageAttributeNames=[MARKER]
            )
            messages: list[Any] = answer.get("Messages", [])
            for message in messages:
                mark = message.get("MessageAttributes", {}).get(MARKER, {}).get("StringValue")
                found.append(Message(str(message["MessageId"]), str(message["ReceiptHandle"]), str(message["Body"]), mark))
            if len(messages) < BATCH:
                break
        return found

    def delete(self, receipts: Sequence[str]) -> None:
        """Take received messages out of the queue, ten at most."""
        entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(receipts)]
        self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)
