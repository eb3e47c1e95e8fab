"""Is what the scan read of a function the same wherever the code runs? The generated code holds it, so it must not depend on anything."""

from __future__ import annotations

from migrator.codemods.typescript.inngest_to_bullmq.sites import Function, pairs
from migrator.codemods.typescript.project import Project
from migrator.syntax.certainty import open_parts
from migrator.syntax.tree import field

#: options that the route table or the rewritten definition say in other words
_READ = ("id", "name", "retries", "concurrency", "idempotency", "triggers")
#: entries of a trigger that the worker reads from the definition itself, when it starts
_LATER = frozenset(("cron", "schema", "jitter"))


def read_certainty(project: Project, function: Function) -> None:
    """Block a function whose id, triggers or numbers are only decided when the code runs."""
    entries = pairs(function.source, function.options)
    for name in entries:
        if name.startswith("["):
            function.block("MIG447", f"the name of its option `{name}` is computed")
    asked = [(f"its option `{n}`", field(entries[n], "value") or entries[n]) for n in _READ if n in entries]
    arguments = field(function.call, "arguments")
    given = [n for n in arguments.named_children if n.type != "comment"] if arguments is not None else []
    if len(given) > 2:
        asked.append(("what starts it", given[1]))
    for what, node in asked:
        found = next(open_parts(project, function.source, node, _LATER), "")
        if found:
            function.block("MIG447", f"{what} depends on `{found}`, which is only known at run time")
