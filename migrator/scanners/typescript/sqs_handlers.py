"""Lambda handlers in TypeScript and JavaScript that say themselves what calls them: by a type of `aws-lambda`, by Powertools, or by what
they read of their event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job, Literal, Trigger
from migrator.regex import regex
from migrator.scanners.declared import Declared, declared
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import handler_of
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
#: the form of a handler that says itself what calls it
FORM = "Lambda"
#: types of the package `aws-lambda` -> what starts a function with that event
_BUS = ("EventBridgeEvent", "EventBridgeHandler")
_QUEUE, _CLOCK = ("SQSHandler", "SQSEvent", "SQSBatchResponse"), ("ScheduledHandler", "ScheduledEvent")
_TAKEN_APART = (*_QUEUE, "SQSRecord")
_PACKAGES = ("aws-lambda", "@types/aws-lambda", "@middy/core", "@aws-lambda-powertools/batch")
_RECORDS = regex(r"\.\s*Records\b|\{[^}]*\bRecords\b[^}]*\}")
_BODY = regex(r"\.body\b|\{[^{}]*\bbody\b[^{}:]*\}\s*(?:=[^=]|\)|of\b)")
_OTHERS = regex(r"\.(s3|Sns|kinesis|dynamodb|ses|cf)\b")
_BATCH = regex(r"\bEventType\.SQS\b|\bSqsFifoPartialProcessor(?:Async)?\b|\bsqsPartialBatchFailure\b|\bsqsBatch\b")
#: Powertools does the same for streams: the file says for which
_PARTIAL, _OF_QUEUE = regex(r"\bprocessPartialResponse"), regex(rb"\bEventType\.SQS\b|\bSqsFifoPartialProcessor")
#: how many functions of the project lie between a handler and the one that knows its event
_DEPTH = 3
MARKERS = (
    b"SQSHandler",
    b"SQSEvent",
    b"SQSRecord",
    b"ScheduledHandler",
    b"ScheduledEvent",
    b"Scheduled Event",
    b".Records",
    b"EventType.SQS",
    b"sqsPartial",
)


def read_handlers(view: View) -> None:
    """Record the handlers that a file exports."""
    bindings = view.project.bindings(view.source.path)
    for export in bindings.exports().values():
        if export.module or (export.commonjs and export.value is not None and export.value.type == "object"):
            continue
        at = declared(view.project, view.source.path, export.name)
        if at is None or at.source is not view.source or at.whole.type in ("class_declaration", "interface_declaration"):
            continue
        kind, doubt = _kind(view, at)
        if kind:
            _add(view, at, export.name, kind, doubt)
        elif at.value.type in FUNCTIONS and any(_typed(view, n, _TAKEN_APART) for n in walk(at.value, ("type_annotation",))):
            # It makes handlers: those that call it are wanted, whatever else their files say.
            view.found.wanted.append((view.source.path, at.value))


def _kind(view: View, at: Declared) -> tuple[str, str]:
    """(`queue`, `clock` or nothing, why that is not sure)."""
    if at.value.type in ("object", "array", "string", "class_declaration", "class"):
        return "", ""
    typed = next((kind for node in _annotations(view, at) if (kind := _typed(view, node))), "") or _made_by(view, at.value, _DEPTH)
    if typed:
        return typed, ""
    text = "\n".join(view.source.text(node) for node in (at.whole, *_functions(view, at.value)))
    if _BATCH.search(text) or (_PARTIAL.search(text) and _OF_QUEUE.search(view.source.data)):
        return "queue", ""
    if handler_of(view, Place(at.source, at.value)) is None:
        return "", ""
    # An event of another kind says so.
    if any(True for _ in _annotations(view, at)):
        return "", ""
    if _RECORDS.search(text) and _BODY.search(text) and not _OTHERS.search(text) and _takes_event(view, at):
        return "queue", "it reads the records of its event as those of a queue"
    return "", ""


def _annotations(view: View, at: Declared) -> Iterator[Node]:
    """The type of the constant, and those of the handler's own parameters and result: not of functions within it."""
    declarator = at.name.parent
    annotation = field(declarator, "type") if declarator is not None and declarator.type == "variable_declarator" else None
    if annotation is not None and _is_handler_type(annotation):
        yield annotation
    for function in _functions(view, at.value)[:1]:
        parameters = field(function, "parameters")
        first = next((p for p in parameters.named_children if p.type.endswith("parameter")), None) if parameters is not None else None
        for node in (field(first, "type"), field(function, "return_type")):
            if node is not None:
                yield node


def _made_by(view: View, value: Node, depth: int) -> str:
    """What starts a handler that a function of the project makes: that function knows the event, or the records that it takes apart."""
    callee = callee_of(value) if value.type == "call_expression" and depth else None
    meaning = view.evaluator.of(view.source, callee) if callee is not None else None
    if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
        return ""
    other = View(meaning.place.source, view.project, view.evaluator, view.versions, view.found)
    for annotation in walk(meaning.place.node, ("type_annotation",)):
        kind = _typed(other, annotation, _TAKEN_APART)
        if kind:
            return kind
    return next((kind for inner in return_values(meaning.place.node) if (kind := _made_by(other, inner, depth - 1))), "")


def _is_handler_type(annotation: Node) -> bool:
    """`SQSHandler`, `Handler<SQSEvent>`: not an event that is written down."""
    named = annotation.named_children[0] if annotation.named_children else annotation
    name = field(named, "name") or named
    return (name.text or b"").endswith(b"Handler")


def _functions(view: View, value: Node) -> list[Node]:
    """The handler's own function: the value, or what wrappers are given, as in `middy(run).use(…)`, by itself or by its name."""
    if field(value, "parameters") is not None:
        return [value]
    while (inner := field(value, "function", "object")) is not None and inner.type == "call_expression":
        value = inner
    arguments = field(value, "arguments")
    found: list[Node] = []
    for given in arguments.named_children if arguments is not None else ():
        bound = view.project.bindings(view.source.path).module.get(view.source.text(given), []) if given.type == "identifier" else []
        for node in [given, *(b.value if b.value is not None else b.node for b in bound)]:
            if field(node, "parameters") is not None:
                found.append(node)
            elif node.type == "call_expression":
                found += _functions(view, node)
    return found


def _typed(view: View, annotation: Node, queue: tuple[str, ...] = _QUEUE) -> str:
    """What a type says; a type of the project that only has the name of one of these says nothing."""
    for name in walk(annotation, ("type_identifier", "identifier")):
        text = view.source.text(name)
        scheduled = text in _CLOCK or (text in _BUS and "Scheduled Event" in view.source.text(annotation))
        kind = "queue" if text in queue else "clock" if scheduled else ""
        if not kind:
            continue
        bound = view.project.bindings(view.source.path).module.get(text, [])
        origin = bound[0].module if bound and bound[0].kind == "import" else ""
        # `import * as lambda from "aws-lambda"` has the package before the dot.
        module = field(name.parent, "module") if name.parent is not None else None
        if module is not None:
            bound = view.project.bindings(view.source.path).module.get(view.source.text(module), [])
            origin = bound[0].module if bound else view.source.text(module)
        if origin in (*_PACKAGES, "AWSLambda"):
            return kind
    return ""


def _takes_event(view: View, at: Declared) -> bool:
    """True for a function of at most two or three things, of which the first is the event whose records are read."""
    handler = handler_of(view, Place(at.source, at.value))
    if handler is None or not 1 <= len(handler.parameters) <= 3:
        return False
    first = handler.parameters[0].name
    text = view.source.text(at.whole)
    return re.search(rf"\b{re.escape(first)}\s*\??\.\s*Records\b", text) is not None or (first.startswith("{") and "Records" in first)


def drop_helpers(found: Found) -> None:
    """Leave out functions that only a handler of the tree calls: what the platform calls is the handler."""
    handlers = {i.location.path for i in found.items if isinstance(i, Job) and i.system == NAME and i.form == FORM}
    helpers: set[tuple[str, str]] = set()
    for view in found.views:
        path = view.source.path
        if path not in handlers or path.endswith((".py", ".pyi")):
            continue
        for bound in view.project.bindings(path).module.values():
            for binding in (b for b in bound if b.kind == "import"):
                helpers.add((view.project.resolve(path, binding.module), binding.member))
    found.items[:] = [
        item
        for item in found.items
        if not (isinstance(item, Job) and item.system == NAME and item.form == FORM and (item.location.path, item.symbol) in helpers)
    ]


def _add(view: View, at: Declared, export: str, kind: str, doubt: str) -> None:
    location = at.source.location(at.whole, at=at.name)
    view.add(
        Job(
            **view.common(NAME, location),
            name=export if export not in ("handler", "default", "main") else _stem(view.source.path),
            symbol=at.symbol,
            module=view.module,
            definition=location.span,
            form=FORM,
            triggers=(Trigger("direct" if kind == "queue" else "cron", Literal("")),),
            handler=handler_of(view, Place(at.source, at.value)),
            acknowledgement="late",
            confidence="likely" if doubt else "certain",
            reason=doubt,
        )
    )


def _stem(path: str) -> str:
    """What a file is called, or the folder that it stands for."""
    *folders, name = path.split("/")
    stem = name.rsplit(".", 1)[0]
    named = [folder for folder in folders if folder not in ("src", "lib", "dist")]
    return named[-1] if stem in ("index", "handler", "main", "lambda") and named else stem
