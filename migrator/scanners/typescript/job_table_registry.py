"""Handlers that are put into a map under the kind of job, where the worker of a job table looks them up: `this.handlers.set(name, run)`.

Mostly that stands in a method (`register(name, run)`, `on(name, run)`), whose callers then say which job it is.
"""

from __future__ import annotations

import re

from migrator.jobs import Job, Literal, Trigger
from migrator.regex import regex
from migrator.scanners.linking import Known, Place, Structure
from migrator.scanners.reading import Call
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.job_table_dispatch import OTHER_SYSTEMS, allowed, is_kind
from migrator.scanners.typescript.job_table_takers import NAME
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of, field

METHOD = "set"
_LOOKED_UP = regex(r"\??\.get\(\s*([^()]+?)\s*\)")


def register(call: Call) -> None:
    """Record the handler, if what it is put into is asked for the kind of a job in the same file."""
    view, inner = call.view, call.inner
    owner = field(callee_of(inner.node), "object")
    name, handler = call.arguments.get(0), call.arguments.get(1)
    if not view.found.tables or owner is None or name is None or handler is None or len(call.arguments) != 2:
        return
    if any(marker in inner.source.data for marker in OTHER_SYSTEMS) or not _is_asked(inner.source.text(owner), inner):
        return
    if isinstance(view.evaluator.meaning(handler), Known | Structure):
        return
    kind = view.evaluator.text(name)
    view.add(
        Job(
            **call.common(NAME),
            name=kind,
            symbol=kind,
            module=view.module,
            definition=span(call.node),
            form="registered handler",
            triggers=(Trigger("direct", Literal(kind)),) if kind else (),
            retry=allowed(view),
            handler=handler_of(view, handler),
            confidence="likely",
            reason="looked up by the type of a row",
            live=True,
        )
    )


def _is_asked(owner: str, within: Place) -> bool:
    """True if the file asks `owner` for what is there under the kind of a job: `this.handlers.get(job.name)`."""
    text = within.source.data.decode("utf-8", "replace")
    ends = (match.end() for match in re.finditer(re.escape(owner), text))
    return any((asked := _LOOKED_UP.match(text, end)) is not None and is_kind(asked[1]) for end in ends)
