"""Functions that take messages out of a queue and give them to whoever calls them: the loops over what they give work the messages off."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job, Literal, Trigger
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import handler_at
from migrator.scanners.typescript.sqs_names import queue_name
from migrator.scanners.typescript.sqs_work import FORM, NAME, REASON, handed_to, loops
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, field, name_of

#: under which the calls are kept until every file was read
_KEPT = "sqs receiver"
_AROUND = frozenset(("await_expression", "parenthesized_expression", "as_expression", "non_null_expression", "binary_expression"))


def gives(call: Call, function: Node) -> bool:
    """True where the messages that a call receives are given back; then whoever calls the function around it is looked for."""
    values = return_values(function)
    if call.via or name_of(function) is None or not any("essages" in call.inner.source.text(value) for value in values):
        return False
    call.view.found.calls[_KEPT].append(call)
    call.view.found.wanted.append((call.inner.source.path, function))
    return True


def find_receivers(found: Found) -> None:
    """Record the loops over what such functions give as jobs, in place of the functions."""
    for call in found.calls[_KEPT]:
        function = enclosing(call.inner.node, FUNCTIONS)
        jobs = [job for view, site in _sites(found, call, function) for job in _jobs(call, view, site)] if function is not None else []
        if function is None or not jobs:
            continue
        at = (call.inner.source.path, function.start_byte)
        found.items[:] = [i for i in found.items if not (isinstance(i, Job) and i.form == FORM and _stands_at(i, at))]
        found.items += jobs


def _stands_at(job: Job, at: tuple[str, int]) -> bool:
    handler = job.handler
    return job.system == NAME and handler is not None and (handler.location.path, handler.location.span.start) == at


def _sites(found: Found, call: Call, function: Node) -> Iterator[tuple[View, Node]]:
    """Every call of the function in the files that were read."""
    named = name_of(function)
    wanted = named.text or b"" if named is not None else b""
    for view in found.views if wanted else ():
        if wanted not in view.source.data or view.source.is_python:
            continue
        for site in view.source.nodes("call_expression"):
            callee = callee_of(site)
            last = field(callee, "property") or callee
            if callee is None or last is None or last.text != wanted:
                continue
            meaning = view.evaluator.of(view.source, callee)
            if isinstance(meaning, Defined) and meaning.place.source.path == call.inner.source.path and meaning.place.node == function:
                yield view, site


def _jobs(call: Call, view: View, site: Node) -> Iterator[Job]:
    """What a caller does with each of the messages; nothing where it does not go over them."""
    around = enclosing(site, FUNCTIONS)
    holder = site
    while holder.parent is not None and holder.parent.type in _AROUND:
        holder = holder.parent
    name = field(holder.parent, "name") if holder.parent is not None and holder.parent.type == "variable_declarator" else None
    over = view.source.text(name) if name is not None and name.type == "identifier" else view.source.text(site)
    if around is None or not loops(view.source, around, over):
        return
    handed = handed_to(view, view.place(around), over)
    handler = handed.place if isinstance(handed, Defined) else view.place(around)
    meaning = view.evaluator.of(view.source, callee_of(site) or site)
    frame = view.evaluator.enter(meaning, view.evaluator.arguments(view.place(site))) if isinstance(meaning, Defined) else None
    given = call.view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    url = given.get("QueueUrl")
    label, queue = queue_name(view, Place(url.source, url.node, frame) if url is not None else None)
    named = name_of(handler.node)
    symbol = handler.source.text(named) if named is not None else ""
    yield Job(
        **view.common(NAME, handler.source.location(handler.node, at=named)),
        name=label or symbol,
        symbol=symbol,
        module=view.project.module_of(handler.source.path),
        definition=span(handler.node),
        form=FORM,
        queue=queue,
        triggers=(Trigger("direct", queue if queue is not None else Literal(label or symbol)),),
        handler=handler_at(handler),
        options={k: call.view.value(v) for k, v in given.items() if k != "QueueUrl"},
        confidence="likely",
        reason=REASON,
        live=True,
    )
