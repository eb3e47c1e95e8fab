"""Catch clauses after which nobody knows that something failed: all that they do is write a line, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.regex import regex
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk

_CALLS = ("call", "call_expression", "new_expression")
_LOGS = regex(
    r"(?:[\w.]*\.)?_?(?:console|log|logger|logging|winston|pino|LOG|LOGGER|Logger|traceback|captureException|capture_exception)(?:\.\w+)?$|print$"
)
#: calls that only put an error into words
_WORDS = regex(r"String|JSON\.stringify|[\w.]+\.toString|str|repr|format_exc|traceback\.format_exc")
#: what a statement may be that does nothing about an error
_IDLE = ("comment", "pass_statement", "continue_statement", "break_statement", "empty_statement", "return_statement", "lexical_declaration")
_BROAD = regex(rb"(?:\w+\.)?(?:Exception|BaseException)(?:\s+as\s+\w+)?$")


def swallowing(function: Node) -> Iterator[Node]:
    """The broad catch clauses of `function` itself that swallow: they hold most of what it does, and all that they do is write a line."""
    body = field(function, "body")
    if body is None:
        return
    everything = _work(body)
    for attempt in walk(body, ("try_statement",), skip=FUNCTIONS):
        work = _work(field(attempt, "body"))
        # A part that may fail without harm is no defect: what counts is the work of the job.
        if not work or 2 * len(work) < len(everything) or _is_aside(attempt, body):
            continue
        clauses = [c for c in attempt.named_children if c.type in ("catch_clause", "except_clause")]
        yield from (clause for clause in clauses if _is_broad(clause) and _is_idle(clause))


def _is_aside(attempt: Node, body: Node) -> bool:
    """True for an attempt that waits for nothing in a function that waits for something else: a preparation, not the work."""
    inner = field(attempt, "body")
    return inner is not None and not _awaits(inner) and _awaits(body)


def _awaits(block: Node) -> bool:
    return any(True for _ in walk(block, ("await", "await_expression"), skip=FUNCTIONS))


def _work(body: Node | None) -> list[Node]:
    """The calls in `body` that are more than a line in a log."""
    return [call for call in walk(body, _CALLS) if not _logs(call)] if body is not None else []


def _logs(call: Node) -> bool:
    callee = callee_of(call)
    return callee is not None and _LOGS.fullmatch((callee.text or b"").decode("utf-8", "replace")) is not None


def _is_broad(clause: Node) -> bool:
    if clause.type == "catch_clause":
        return True
    named = [c for c in clause.named_children if c.type not in ("block", "comment")]
    return not named or (len(named) == 1 and _BROAD.fullmatch(named[0].text or b"") is not None)


def _is_idle(clause: Node) -> bool:
    block = field(clause, "body") or next((c for c in clause.named_children if c.type == "block"), None)
    return block is not None and all(_does_nothing(statement) for statement in block.named_children)


def _only_words(call: Node) -> bool:
    callee = callee_of(call)
    return callee is not None and _WORDS.fullmatch((callee.text or b"").decode("utf-8", "replace")) is not None


def _does_nothing(statement: Node) -> bool:
    if statement.type in _IDLE:
        # An answer that is made by a call may say that it failed, and so may what a name is given.
        return not any(statement.type == "return_statement" or not _only_words(call) for call in walk(statement, _CALLS))
    if statement.type != "expression_statement" or not statement.named_children:
        return False
    inner = statement.named_children[0]
    while inner.type in ("await", "await_expression") and inner.named_children:
        inner = inner.named_children[0]
    return inner.type in _CALLS and _logs(inner)
