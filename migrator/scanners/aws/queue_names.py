"""Which names of a project tell one queue of AWS from another."""

from __future__ import annotations

import re

from migrator.regex import regex

_GENERIC = regex(r"^_?(?:(?:sqs|aws)_?)?(?:queue|target)?_?(?:url|name|arn|address|q)?_?$", re.IGNORECASE)


def says_nothing(name: str) -> bool:
    """True for what any queue's address may be called.

    >>> [says_nothing(name) for name in ("queue_url", "queueUrl", "QueueUrl", "url", "q", "queue", "sqs_queue_url", "QUEUE")]
    [True, True, True, True, True, True, True, True]
    >>> [says_nothing(name) for name in ("mail_queue_url", "mailQueueUrl", "MAIL_QUEUE", "urls")]
    [False, False, False, False]
    """
    return _GENERIC.match(name) is not None
