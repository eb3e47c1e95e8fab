"""The queue of Deno KV, `kv.enqueue(…)` and `kv.listenQueue(…)`: its messages have no names, so that it is said and not read."""

from __future__ import annotations

from migrator.jobs import Unresolved
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, Project, Unknown
from migrator.scanners.prefilter import Marked
from migrator.scanners.reading import excerpt
from migrator.syntax.tree import callee_of, field

#: what opens a database
_OPENS = (b"Deno.openKv", b"@deno/kv")
_USES = (b"enqueue(", b"listenQueue(")
#: what is looked for in every file
MARKERS = (*_OPENS, *_USES)
#: a database, as it was opened or as its type says
_DATABASES = frozenset(("globalThis.Deno.openKv()", "globalThis.Deno.Kv()", "@deno/kv.openKv()", "@deno/kv.Kv()"))
_METHODS = frozenset(("enqueue", "listenQueue"))
#: what a database of which nothing is known is called
_NAMED = "kv"


def report_deno_kv(marked: Marked, found: Found, project: Project, evaluator: Evaluator) -> None:
    """Say where code puts something into such a queue, and where it takes it out."""
    for path in marked.having(_USES) if marked.having(_OPENS) else ():
        source = project.source(path)
        for call in source.nodes("call_expression"):
            callee = callee_of(call)
            owner, method = field(callee, "object"), field(callee, "property")
            if owner is None or method is None or source.text(method) not in _METHODS:
                continue
            meaning = evaluator.of(source, owner)
            if meaning.key in _DATABASES or (isinstance(meaning, Unknown) and source.text(owner).rpartition(".")[2] == _NAMED):
                reason = f"`{source.text(method)}` of Deno KV, whose queue is not read: look for its jobs here"
                found.unresolved.append(Unresolved(path, call.start_point.row + 1, reason, "", excerpt(source.text(call))))
        source.forget()
