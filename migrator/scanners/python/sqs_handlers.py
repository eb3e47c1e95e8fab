"""Lambda handlers in Python that say themselves what calls them: by the type of their event, by Powertools, or by what they read of it."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Job, Trigger
from migrator.jobs import Literal as Known
from migrator.regex import regex
from migrator.scanners.python.functions import Function, definition_span, function_at, handler, location_of, whole_of
from migrator.scanners.reading import View
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
#: the last name of an event's type -> what starts the function
_EVENTS = {"SQSEvent": "queue", "ScheduledEvent": "clock"}
_TYPES = ("aws_lambda_powertools", "aws_lambda_typing", "aws_lambda_context", "types_aws_lambda")
_BATCH = frozenset(("process_partial_response", "async_process_partial_response", "batch_processor", "async_batch_processor"))
_SQS = regex(r"\bEventType\.SQS\b|\bSqsFifoPartialProcessor\b|\bPartialSQSProcessor\b|\bsqs_batch_processor\b")
_RECORDS = regex(r"""\[\s*["']Records["']\s*\]|\.get\(\s*["']Records["']""")
_BODY = regex(r"""\[\s*["']body["']\s*\]|\.get\(\s*["']body["']""")
#: what other services put into records
_OTHERS = regex(r"""["'](s3|Sns|kinesis|dynamodb|ses|cf)["']""")


def read_handlers(view: View) -> None:
    """Record the handlers of a file."""
    for node in view.source.root.named_children:
        inner = child(node, "definition") if node.type == "decorated_definition" else node
        if inner is None or inner.type != "function_definition" or len(_parameters(inner)) < 2:
            continue
        kind, doubt = _kind(view, inner)
        if kind:
            _add(view, function_at(view.evaluator, view.place(inner)), kind, doubt)


def _kind(view: View, node: Node) -> tuple[str, str]:
    """(`queue`, `clock` or nothing, why that is not sure)."""
    typed = _typed(view, node)
    if typed:
        return typed, ""
    text = view.source.text(whole_of(node))
    if any(name in text for name in _BATCH) and _SQS.search(view.source.data.decode("utf-8", "replace")):
        return "queue", ""
    # The body of a message, or a function nearby that gets each record.
    if _RECORDS.search(text) and not _OTHERS.search(text) and _reads_bodies(view, node, text):
        return "queue", "it reads the records of its event as those of a queue"
    return "", ""


def _reads_bodies(view: View, node: Node, text: str) -> bool:
    if _BODY.search(text):
        return True
    called = {
        view.source.text(c) for call in walk(node, ("call",)) if (c := child(call, "function")) is not None and c.type == "identifier"
    }
    bound = view.project.bindings(view.source.path).module
    helpers = [b.node for name in called for b in bound.get(name, ()) if b.kind == "function"]
    return any(_BODY.search(view.source.text(h)) and not _OTHERS.search(view.source.text(h)) for h in helpers)


def _typed(view: View, node: Node) -> str:
    """By the annotation of the event, or by `@event_source(data_class=SQSEvent)`."""
    annotation = child(_parameters(node)[0], "type")
    places = [annotation] if annotation is not None else []
    for decorator in (c for c in whole_of(node).children if c.type == "decorator"):
        arguments = child(decorator.named_children[0], "arguments")
        places += [v for a in (arguments.named_children if arguments is not None else ()) if (v := child(a, "value")) is not None]
    for place in places:
        key = view.evaluator.of(view.source, place).key
        if key.split(".")[0] in _TYPES and key.rpartition(".")[2] in _EVENTS:
            return _EVENTS[key.rpartition(".")[2]]
    return ""


def _parameters(node: Node) -> list[Node]:
    listed = child(node, "parameters")
    return [c for c in listed.named_children if c.type != "comment"] if listed is not None else []


def _add(view: View, function: Function, kind: str, doubt: str) -> None:
    view.add(
        Job(
            **view.common(NAME, location_of(function)),
            name=function.name if function.name not in ("handler", "lambda_handler", "main") else function.module.rpartition(".")[2],
            symbol=function.qualified,
            module=function.module,
            definition=definition_span(function),
            form="Lambda",
            triggers=(Trigger("direct" if kind == "queue" else "cron", Known("")),),
            handler=handler(function.place),
            acknowledgement="late",
            confidence="likely" if doubt else "certain",
            reason=doubt,
        )
    )
