"""Writing Celery's seconds and moments as Dramatiq's milliseconds, in place."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.local_names import LocalNames
from migrator.codemods.python.celery_to_dramatiq.plan import Change
from migrator.codemods.python.expressions import is_arithmetic, literal, milliseconds, number
from migrator.syntax.source import Source


def write_delay(change: Change, source: Source, node: Node, local: LocalNames, *, default: Callable[[], str] | None = None) -> None:
    """Turn the expression `node` (seconds, a moment or None) into milliseconds from now.

    `default` gives the source of what None stands for, where Celery has a default of its own.
    """
    seconds = number(source, node)
    if seconds is not None:
        change.replace(node, milliseconds(max(0, seconds)))
        return
    if literal(source, node) is None:
        change.replace(node, default() if default else "None")
        return
    name = local.use(change, "ms")
    change.insert(node.start_byte, f"{name}(")
    change.insert(node.end_byte, f", {default()})" if default and not is_arithmetic(source, node) else ")")


def write_age(change: Change, source: Source, node: Node, local: LocalNames) -> bool:
    """Turn `expires=` into a value for `max_age`; False for a literal that cannot be one."""
    seconds = number(source, node)
    if seconds is not None:
        if seconds <= 0:
            return False
        change.replace(node, milliseconds(seconds))
        return True
    if literal(source, node) is None:
        return True
    name = local.use(change, "max_age")
    change.insert(node.start_byte, f"{name}(")
    change.insert(node.end_byte, ")")
    return True
