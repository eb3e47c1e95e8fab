"""Celery applications, and workers that code starts itself."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Client, Literal, Value, Worker
from migrator.scanners.linking import Defined, Instance, Structure
from migrator.scanners.manifests.commands import parse_argv
from migrator.scanners.python.assignments import assigned_name, statement_of
from migrator.scanners.python.celery_terms import APP_CLASSES, SYSTEM, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child

_MAINS = frozenset(("worker_main", "start"))
_POSITIONAL = ("main", "loader", "backend", "amqp", "events", "log", "control", "set_as_current", "tasks", "broker", "include")


def read(call: Call) -> bool:
    """Record the application or worker that a call makes."""
    if call.key in APP_CLASSES:
        _app(call)
        return True
    method = Terms(call.view.evaluator).app_method(call.callee)
    return method in _MAINS and _worker(call, method)


def read_file(view: View) -> None:
    """Record applications of a class of the project that derives from Celery's."""
    terms = Terms(view.evaluator)
    for node in view.source.nodes("call"):
        function = child(node, "function")
        meaning = view.evaluator.of(view.source, function) if function is not None and _may_be_class(view, function) else None
        if function is not None and isinstance(meaning, Defined) and terms.is_app(Instance(meaning, view.place(node))):
            _app(Call(view, node, meaning, meaning.key, child(function, "attribute") or function, view.place(node)))


def _may_be_class(view: View, function: Node) -> bool:
    """True if what is called, or what it is imported as, is written as classes are: it saves finding out what every function is."""
    name = child(function, "attribute") or function
    text = view.source.text(name)
    if name is not function or text[:1].isupper():
        return text[:1].isupper()
    bound = view.project.bindings(view.source.path).lookup(text, function) if function.type == "identifier" else []
    return any(b.member[:1].isupper() or b.kind in ("class", "value") for b in bound)


def _app(call: Call) -> None:
    symbol = assigned_name(call.view.source, call.node)
    options: dict[str, Value] = {}
    for key, value in call.arguments.items():
        name = _POSITIONAL[key] if isinstance(key, int) and key < len(_POSITIONAL) else str(key)
        options[name] = call.view.value(value)
    call.view.add(
        Client(
            **call.common(SYSTEM),
            name=symbol or SYSTEM,
            symbol=symbol,
            module=call.view.module,
            definition=span(statement_of(call.node)),
            role="app",
            options=options,
        )
    )


def _worker(call: Call, method: str) -> bool:
    """`app.worker_main(["worker", "-l", "info"])`."""
    written = call.arguments.get(0, call.arguments.get("argv"))
    given = call.view.evaluator.meaning(written) if written is not None else None
    words: list[str] = []
    if isinstance(given, Structure) and given.is_list:
        words = [call.view.evaluator.text(p) for p in given.entries.values()]
    # Before Celery 5 the name of the command was left out.
    if method == "worker_main" and (not words or words[0].startswith("-")):
        words = ["worker", *words]
    command = parse_argv(SYSTEM, ("celery", *words))
    if command is None:
        return False
    call.view.add(
        Worker(
            **call.common(SYSTEM),
            name=command.name,
            command=" ".join(command.words),
            role=command.role,
            queues=command.queues,
            concurrency=command.concurrency,
            entry=span(call.node),
            options={**command.options, **({} if all(words) else {"argv": Literal(None)})},
        )
    )
    return True
