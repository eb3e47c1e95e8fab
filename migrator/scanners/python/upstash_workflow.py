"""Upstash Workflow in Python: functions under `@serve.post("/path")` of FastAPI's or Flask's `Serve`, and their steps."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Endpoint, Job, Literal, Retry, Step, Trigger
from migrator.scanners.linking import Place
from migrator.scanners.python.functions import Function, function_at, handler
from migrator.scanners.reading import Call, Reader, View
from migrator.syntax.source import span
from migrator.syntax.tree import LOOPS, ancestors, callee_of, walk
from migrator.syntax.tree import field as child
from migrator.systems.qstash import max_attempts
from migrator.systems.upstash_workflow import STEPS, SYSTEM

NAME = SYSTEM.name
_PACKAGE = "upstash_workflow"


def read(call: Call) -> None:
    """`@serve.post("/path", retries=1)` over a function."""
    decorator = call.node.parent
    whole = decorator.parent if decorator is not None and decorator.type == "decorator" else None
    definition = child(whole, "definition") if whole is not None else None
    if not call.key.endswith("Serve().post") or whole is None or definition is None:
        return
    view = call.view
    function = function_at(view.evaluator, Place(view.source, definition))
    path = view.evaluator.text(next((call.arguments[k] for k in (0, "path") if k in call.arguments), None))
    options = {str(k): view.value(v) for k, v in call.arguments.items() if isinstance(k, str)}
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    written = options.get("retries")
    common = call.common(NAME)
    view.add(
        Job(
            **common,
            name=path or function.name,
            symbol=function.qualified,
            module=function.module,
            definition=span(whole),
            form="decorator",
            handler=handler(function.place),
            triggers=(Trigger("direct", Literal(path)),),
            retry=Retry(
                max_attempts(written) if written is not None else Literal(facts.default_attempts),
                facts.backoff,
                explicit=written is not None,
            ),
            acknowledgement="late",
            steps=tuple(_steps(view, function)),
            options=options,
        ),
        Endpoint(**common, name="serve", serves=(path or function.name,), definition=span(whole)),
    )


def _steps(view: View, function: Function) -> Iterator[Step]:
    """`context.run("id", …)` and the other tools, of the context that the function is given."""
    listed = child(function.place.node, "parameters")
    first = next((p for p in listed.named_children if p.type != "comment"), None) if listed is not None else None
    context = view.source.text(first).partition(":")[0].strip() if first is not None else ""
    for call in walk(function.place.node, ("call",)):
        callee = callee_of(call)
        owner, name = child(callee, "object"), child(callee, "attribute")
        tool = view.source.text(name) if name is not None else ""
        if owner is None or view.source.text(owner) != context or _camel(tool) not in STEPS:
            continue
        given = view.evaluator.arguments(view.place(call)).get(0)
        identity = view.value(given) if isinstance(given, Place) else Literal(None)
        repeated = any(a.type in LOOPS for a in ancestors(call) if a.start_byte > function.place.node.start_byte)
        yield Step(_camel(tool), identity, view.source.location(call, at=name), repeated)


def _camel(name: str) -> str:
    """`sleep_until` as the TypeScript SDK has it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


READER = Reader(system=NAME, markers=(b"upstash_workflow",), packages=(_PACKAGE,), call=read)
