"""Which names of a project tell one queue of AWS from another."""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.reading import View
from migrator.syntax.source import Source
from migrator.syntax.tree import field

_GENERIC = regex(r"^_?(?:(?:sqs|aws)_?)?(?:queue|target)?_?(?:url|name|arn|address|q)?_?$", re.IGNORECASE)
_NAMES = ("identifier", "shorthand_property_identifier")


def is_of_module(view: View, source: Source, node: Node) -> bool:
    """True for a name that the whole module has for something, and for what hangs on one."""
    while (of := field(node, "object")) is not None:
        node = of
    bound = view.project.bindings(source.path).lookup(source.text(node), node) if node.type in _NAMES else []
    return node.type in _NAMES and all(each.scope.id == source.root.id for each in bound)


def says_nothing(name: str) -> bool:
    """True for what any queue's address may be called.

    >>> [says_nothing(name) for name in ("queue_url", "queueUrl", "QueueUrl", "url", "q", "queue", "sqs_queue_url", "QUEUE")]
    [True, True, True, True, True, True, True, True]
    >>> [says_nothing(name) for name in ("mail_queue_url", "mailQueueUrl", "MAIL_QUEUE", "urls")]
    [False, False, False, False]
    """
    return _GENERIC.match(name) is not None
