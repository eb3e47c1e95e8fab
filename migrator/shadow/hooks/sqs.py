"""For consumers of SQS, Lambdas among them: says of each message when its handling began and how it ended.

    from migrator.shadow.hooks.sqs import Reports

    reports = Reports.open()                         # the queue that SHADOW_REPORTS names, by URL

    def handler(event, context):
        for record in event["Records"]:
            with reports.attempt(record):            # nothing happens for messages that carry no mark
                handle(json.loads(record["body"]))

A report goes out while the body runs; when it has ended, up to `patience` seconds are spent on seeing the reports off, since a Lambda is
frozen as soon as it returns. A consumer never fails because of us: what cannot be reported is counted in `dropped`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import msgspec

from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.recorder.ending import at_fork
from migrator.shadow.recorder.stamping import TEXT
from migrator.shadow.streams.sqs import Mark, Report, ReportKind, mark_in

#: reports that may wait to be sent, as they do while SQS does not answer
BACKLOG = 100


class Reports:
    """Sends reports to one queue. Without a queue it does nothing."""

    def __init__(self, client: Any, url: str, *, patience: float = 1.0) -> None:
        self._client, self._url, self._patience = client, url, patience
        self._sender = ThreadPoolExecutor(1, "shadow reports")
        self._waiting = 0
        self.dropped = 0
        at_fork(self)

    def born_again(self) -> None:
        """In the child of a fork: the thread that sends, and what waited for it, are the parent's."""
        self._sender, self._waiting = ThreadPoolExecutor(1, "shadow reports"), 0

    def close(self) -> None:
        """See the reports off."""
        self._sender.shutdown()

    @classmethod
    def open(cls, variable: str = "SHADOW_REPORTS", *, patience: float = 1.0) -> Reports:
        """To the queue whose URL is in an environment variable; AWS's own settings say who we are."""
        url = os.environ.get(variable, "")
        if not url:
            return cls(None, "")
        from migrator.shadow.aws.connection import read_address, sqs_client

        address = read_address(url)
        return cls(sqs_client(address, variable, patience) if address else None, url, patience=patience)

    @contextmanager
    def attempt(self, record: Mapping[str, Any]) -> Generator[None]:
        """Around the handling of one record of a Lambda's event, or of one message of `receive_message`.

        `receive_message` must have been asked for the attribute `ApproximateReceiveCount`.
        """
        about = self._about(record)
        if about is None:
            yield
            return
        sent = [self._send(*about, "started")]
        try:
            yield
        except BaseException as error:
            sent.append(self._send(*about, "failed", error))
            raise
        else:
            sent.append(self._send(*about, "completed"))
        finally:
            wait([report for report in sent if report is not None], self._patience)

    def _about(self, record: Mapping[str, Any]) -> tuple[Mark, str, int] | None:
        """Which job, which message and which receipt; None for what is none of ours."""
        if self._client is None:
            return None
        try:
            attributes = record.get("messageAttributes") or record.get("MessageAttributes") or {}
            attribute: Any = attributes.get(MARKER) or {}
            body = str(record.get("body") or record.get("Body") or "")
            mark = mark_in(body, attribute.get("stringValue") or attribute.get("StringValue"))
            system: Any = record.get("attributes") or record.get("Attributes") or {}
            receive = int(system.get("ApproximateReceiveCount", 1))
            return None if mark is None else (mark, str(record.get("messageId") or record["MessageId"]), receive)
        except Exception:  # noqa: BLE001 - whatever the record is, the consumer's work goes on
            self.dropped += 1
            return None

    def _send(self, mark: Mark, message: str, receive: int, kind: ReportKind, error: BaseException | None = None) -> Future[None] | None:
        if self._waiting >= BACKLOG:
            self.dropped += 1
            return None
        try:
            report = Report(
                kind=kind,
                mark=mark,
                message=message,
                receive=receive,
                ts_ns=time.time_ns(),
                err_type=type(error).__name__ if error else None,
                err_message=str(error)[:TEXT] if error else None,
            )
            sending = self._sender.submit(self._put, msgspec.json.encode(report).decode())
            self._waiting += 1
            return sending
        except Exception:  # noqa: BLE001 - as above
            self.dropped += 1
            return None

    def _put(self, body: str) -> None:
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
        except Exception:  # noqa: BLE001 - as above
            self.dropped += 1
        finally:
            self._waiting -= 1
