"""arq's API by key, and what is known of a function that arq runs."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Use
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

SYSTEM = "arq"
#: what files that use arq contain; the last stands for packages on top of it, `from company.arq import …`
MARKERS = (b"from arq", b"import arq", b"WorkerSettings", b"cron_jobs", b"enqueue_job", b".arq import")

FUNC = frozenset(("arq.func", "arq.worker.func"))
CRON = frozenset(("arq.cron", "arq.cron.cron"))
POOL = frozenset(("arq.create_pool", "arq.connections.create_pool"))
REDIS = frozenset(("arq.ArqRedis", "arq.connections.ArqRedis"))
#: what makes a worker of keyword arguments, and what makes one of a settings class and keyword arguments
WORKER = frozenset(("arq.Worker", "arq.worker.Worker"))
FROM_SETTINGS = frozenset(("arq.run_worker", "arq.worker.run_worker", "arq.worker.create_worker"))
_RETRY = frozenset(("arq.Retry", "arq.worker.Retry", "arq.worker.RetryJob", "arq.jobs.RetryJob"))


def asks_for_retry(view: View, function: Place) -> bool:
    """True if the body of a function makes arq try it again."""
    body = child(function.node, "body")
    for call in walk(body, ("call", "raise_statement")) if body is not None else ():
        thrown = child(call, "function") if call.type == "call" else next(iter(call.named_children), None)
        meaning = view.evaluator.of(function.source, thrown) if thrown is not None and thrown.type in ("identifier", "attribute") else None
        if meaning is not None and meaning.key in _RETRY:
            return True
    return False


def context_uses(view: View, function: Place) -> tuple[Use, ...]:
    """What a job takes out of its first parameter: `ctx["redis"]`, `ctx.get("job_id")`."""
    parameters, body = child(function.node, "parameters"), child(function.node, "body")
    first = next((p for p in parameters.named_children if p.type != "comment"), None) if parameters is not None else None
    name = child(first, "name") or (first.named_children[0] if first is not None and first.type == "typed_parameter" else first)
    if name is None or body is None or name.type != "identifier":
        return ()
    found: list[Use] = []
    for node in walk(body, ("subscript", "call")):
        owner = child(node, "value") if node.type == "subscript" else child(node, "function", "object")
        key = child(node, "subscript") if node.type == "subscript" else _first(child(node, "arguments"))
        if owner is not None and key is not None and owner.text == name.text:
            text = view.evaluator.text(Place(function.source, key))
            if text:
                found.append(Use(f"ctx.{text}", function.source.location(node)))
    return tuple(found)


def _first(arguments: Node | None) -> Node | None:
    return arguments.named_children[0] if arguments is not None and arguments.named_children else None
