"""Why Inngest cannot be taken out altogether, even where some or all functions move."""

from __future__ import annotations

import posixpath

from migrator.codemods.typescript.inngest_to_bullmq import endpoints as of_endpoints
from migrator.codemods.typescript.inngest_to_bullmq.elsewhere import runs_on_deno
from migrator.codemods.typescript.inngest_to_bullmq.sites import node_at
from migrator.codemods.typescript.inngest_to_bullmq.survey import NAME, OFFERED, Survey
from migrator.codemods.typescript.inngest_to_bullmq.usage import declares
from migrator.jobs import Enqueue, Reference, Setting
from migrator.syntax.tree import enclosing
from migrator.syntax.tree import field as child

#: what is only needed where a client or an endpoint is made
_MAKERS = ("Inngest", "EventSchemas", "serve")


def remaining(found: Survey) -> list[str]:
    """The reasons, each once; none when everything can go."""
    project, why = found.project, list[str]()
    staying = [f.job.name for f in found.functions if f.stays(unsafe=found.unsafe)]
    if staying:
        why.append(f"{'functions stay' if len(staying) > 1 else 'a function stays'} ({', '.join(sorted(staying))})")
    for endpoint in found.endpoints:
        if of_endpoints.removal(project, endpoint) is None:
            why.append(f"the endpoint in {endpoint.location.path} is not one statement")
    why += [f"{c.path} runs on Deno" for c in found.clients if runs_on_deno(project, c.path)]
    packages = {project.package_of(c.path) for c in found.clients}
    for path, names in found.imports.items():
        for entry in names:
            known = entry.name in (*OFFERED, *_MAKERS) or (entry.module == "inngest/fastify" and entry.name == "default")
            if not known or not entry.local:
                why.append(f"{path} uses {entry.name or entry.module} of {entry.module}")
            elif entry.name in OFFERED and project.package_of(path) not in packages:
                why.append(f"{path} uses {entry.name} in a package without a client")
            elif entry.name == "Inngest" and path not in [c.path for c in found.clients]:
                why.append(f"{path} uses the class Inngest")
    for setting in found.inventory.of(Setting, NAME):
        code = posixpath.splitext(setting.location.path)[1] in (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
        if code and not found.goes(setting):
            why.append(f"{setting.location.path} reads {setting.name}")
    for item in found.inventory.items:
        if item.system == NAME and (item.area or item.language == "python") and item.kind not in ("dependency", "setting"):
            why.append(f"{item.location.path} has {item.kind} {item.name}")
    for send in found.sends:
        if send.form == "fetch":
            why.append(f"{send.location.path} posts events itself")
        elif send.form == "send" and _arguments(found, send) > 1:
            why.append(f"{send.location.place} sends to another environment")
        elif send.name and send.form != "invoke" and not found.hears(send.name) and not found.unsafe:
            why.append(f"nothing in this code base listens to {send.name}")
        elif not send.name and send.form in ("send", "sendEvent") and not found.unsafe:
            where = send.location
            why.append(
                f"{where.path}:{where.line} sends an event whose name is only known at run time, which may be for another application"
            )
    why += [f"{u.path} has something unclear: {u.reason}" for u in found.inventory.unresolved if u.system == NAME]
    why += _escapes(found)
    return list(dict.fromkeys(why))


def _arguments(found: Survey, send: Enqueue) -> int:
    """How many arguments a call of `send` has."""
    if send.call is None or send.via:
        return 1
    call = node_at(found.project.source(send.location.path), send.call)
    while call is not None and call.type in ("expression_statement", "await_expression"):
        call = call.named_children[0]
    arguments = child(call, "arguments")
    return len([n for n in arguments.named_children if n.type != "comment"]) if arguments is not None else 1


def _escapes(found: Survey) -> list[str]:
    """Uses of a client beyond defining functions and sending events."""
    keys = {c.key for c in found.clients}
    served = [(e.location.path, e.location.span) for e in found.endpoints]
    why: list[str] = []
    for use in found.inventory.references:
        if use.target not in keys or use.form == "import":
            continue
        where = use.location
        if use.detail in ("createFunction", "send"):
            continue
        if any(path == where.path and span.start <= where.span.start and where.span.end <= span.end for path, span in served):
            continue
        if _passed_on(found, use):
            continue
        if declares(found.project, use):
            continue
        why.append(f"{where.path}:{where.line} hands the client on")
    return why


def _passed_on(found: Survey, use: Reference) -> bool:
    """True for the client in the `createJobs({ passOn })` of an earlier run."""
    source = found.project.source(use.location.path)
    node = source.root.descendant_for_byte_range(use.location.span.start, use.location.span.start + 1)
    call = enclosing(node, ("call_expression",)) if node is not None else None
    function = child(call, "function")
    return function is not None and source.text(function) == "createJobs"
