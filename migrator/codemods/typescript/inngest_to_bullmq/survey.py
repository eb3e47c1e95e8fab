"""Everything that is known of Inngest in a code base, and what can move: decided before a single edit is made."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.typescript.imports import Imported, imported
from migrator.codemods.typescript.inngest_to_bullmq import endpoints as of_endpoints
from migrator.codemods.typescript.inngest_to_bullmq.certainty import read_certainty
from migrator.codemods.typescript.inngest_to_bullmq.clients import ClientSite, read_client
from migrator.codemods.typescript.inngest_to_bullmq.generated import queue_name
from migrator.codemods.typescript.inngest_to_bullmq.groups import Earlier, heard, settle
from migrator.codemods.typescript.inngest_to_bullmq.handlers import read_handler
from migrator.codemods.typescript.inngest_to_bullmq.loading import Loading
from migrator.codemods.typescript.inngest_to_bullmq.options import read_options
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function, find, node_at, references_by_place
from migrator.codemods.typescript.inngest_to_bullmq.tables import definitions_of_earlier_runs, events_of_earlier_runs, sends_of_earlier_runs
from migrator.codemods.typescript.inngest_to_bullmq.triggers import listens, read_triggers
from migrator.codemods.typescript.project import Project
from migrator.jobs import Client, Endpoint, Enqueue, Inventory, Job, Reference, Setting, Span, Worker
from migrator.syntax.source import Source, span
from migrator.syntax.tree import enclosing
from migrator.syntax.tree import field as child
from migrator.systems.inngest import FRAMEWORKS, SYSTEM

NAME = SYSTEM.name
#: what the generated runtime offers under the same name
OFFERED = ("NonRetriableError", "RetryAfterError", "StepError", "eventType", "staticSchema", "cron")
#: what is only needed where a client or an endpoint is made
_MAKERS = ("Inngest", "EventSchemas", "serve")
_TESTS = frozenset(("test", "tests", "__tests__", "__mocks__", "spec", "e2e", "examples"))
_TEST_FILE = re.compile(r"\.(test|spec|e2e|mock|stories)\.[cm]?[jt]sx?$")
#: frameworks whose code runs where no connection to Redis can be held
_EDGE = ("edge", "cloudflare", "deno/fresh")
_EDGE_RUNTIME = re.compile(rb"""\bruntime\s*[:=]\s*["'](?:experimental-)?edge["']""")
_NODE = re.compile(rb"""\bruntime\s*[:=]\s*["']nodejs["']""")


@dataclass
class Survey:
    """The whole picture. `remaining` says why Inngest cannot go altogether; empty when it can."""

    project: Project
    inventory: Inventory
    unsafe: bool
    functions: list[Function] = field(default_factory=list[Function])
    clients: list[ClientSite] = field(default_factory=list[ClientSite])
    endpoints: list[Endpoint] = field(default_factory=list[Endpoint])
    sends: list[Enqueue] = field(default_factory=list[Enqueue])
    #: functions that have moved in an earlier run, by file, and the events that they listen to
    earlier: dict[str, list[Span]] = field(default_factory=dict[str, list[Span]])
    earlier_events: set[str] = field(default_factory=set[str])
    imports: dict[str, list[Imported]] = field(default_factory=dict[str, list[Imported]])
    remaining: list[str] = field(default_factory=list[str])

    @property
    def moved(self) -> list[Function]:
        """The functions that move and run."""
        return [f for f in self.functions if not f.stays(unsafe=self.unsafe) and f.job.live is not False]

    @property
    def asleep(self) -> list[Function]:
        """Functions that no endpoint lists: they never run, here or there."""
        return [f for f in self.functions if f.job.live is False]

    @property
    def whole(self) -> bool:
        """True if nothing of Inngest has to stay."""
        return not self.remaining

    def hears(self, name: str) -> bool:
        """True if a function of this code base that runs listens to the event, here or there."""
        return heard(self.functions, name) or any(listens(e, name) for e in self.earlier_events)

    def goes(self, setting: Setting) -> bool:
        """True for a variable that is only read in a client's options, or in those of an endpoint that can be taken out."""
        where = setting.location
        spans = [(c.path, span(c.call)) for c in self.clients if c.call is not None]
        for endpoint in self.endpoints:
            call = of_endpoints.call_of(self.project, endpoint)
            if call is not None and of_endpoints.removal(self.project, endpoint) is not None:
                spans.append((endpoint.location.path, span(call)))
        return any(path == where.path and s.start <= where.span.start and where.span.end <= s.end for path, s in spans)

    def client_of(self, function: Function) -> ClientSite | None:
        """The client that a function is made with."""
        return next((c for c in self.clients if c.key == function.client), None)


def survey(inventory: Inventory, project: Project, *, unsafe: bool) -> Survey:
    """Read, decide, and say why what stays has to."""
    found = Survey(project, inventory, unsafe)
    mine = [i for i in inventory.items if i.system == NAME and not i.area and i.language in ("typescript", "javascript")]
    found.endpoints = [i for i in mine if isinstance(i, Endpoint)]
    found.sends = [i for i in inventory.items if isinstance(i, Enqueue) and i.system == NAME and not i.area and not i.wrapper]
    found.clients = [read_client(project, i) for i in mine if isinstance(i, Client)]
    found.imports = _imports(project)
    found.earlier = definitions_of_earlier_runs(project, [c.path for c in found.clients])
    found.earlier_events = events_of_earlier_runs(project)
    _functions(found, [i for i in mine if isinstance(i, Job)])
    _clients(found)
    _uses(found)
    _queues(found)
    _places(found)
    foreign = [s for s in found.sends if s.language == "python"]
    earlier = Earlier(found.earlier, frozenset(sends_of_earlier_runs(project, found.earlier)))
    settle(found.functions, found.sends, foreign, earlier, unsafe=unsafe)
    found.remaining = _remaining(found)
    if found.remaining:
        _narrow(found)
        blockers = -1
        while blockers != (blockers := sum(len(f.blockers) for f in found.functions)):
            _step_errors(found)
            settle(found.functions, found.sends, foreign, earlier, unsafe=unsafe)
    return found


def _imports(project: Project) -> dict[str, list[Imported]]:
    """File -> what it imports of Inngest."""
    found: dict[str, list[Imported]] = {}
    for path in project.code:
        if b"inngest" in project.read(path):
            names = [e for e in imported(project.source(path)) if is_inngest(e.module)]
            if names:
                found[path] = names
    return found


def is_inngest(module: str) -> bool:
    """True for the SDK, its subpaths and its satellites."""
    return module == "inngest" or module.startswith(("inngest/", "@inngest/")) or module == "nest-inngest"


def _functions(found: Survey, jobs: list[Job]) -> None:
    places = references_by_place(found.inventory.references)
    uses: dict[str, list[Reference]] = defaultdict(list)
    for reference in found.inventory.references:
        if is_inngest(reference.system) and reference.form == "api":
            uses[reference.location.path].append(reference)
    loading = Loading(found.project, frozenset(e.location.path for e in found.endpoints))
    for job in jobs:
        function = find(found.project, job, places)
        found.functions.append(function)
        if job.form not in ("two arguments", "three arguments"):
            function.block("MIG465", "it is written for version 1 of the SDK")
        if job.confidence != "certain" and job.reason:
            function.block("MIG447", job.reason)
        read_options(function)
        read_triggers(function)
        read_certainty(found.project, function)
        read_handler(found.project, function, uses)
        problem = loading.problem(function.path)
        if problem and job.live is not False:
            function.block("MIG455", f"a worker cannot load it: {problem}")
        if job.live is None:
            function.block("MIG453", "it could not be told whether an endpoint lists it")
        if any(
            k == function.key and of_endpoints.conditional(found.project, w)
            for e in found.endpoints
            for k, w in zip(e.serves, e.listed, strict=True)
        ):
            function.block("MIG453", "an endpoint lists it on a condition only")


def _uses(found: Survey) -> None:
    """A function as a value is Inngest's own kind of object; only lists of functions, imports and exports may go on with another."""
    listed = {(w.path, w.span.start) for e in found.endpoints for w in e.listed}
    functions = {f.key: f for f in found.functions}
    for use in found.inventory.references:
        function, where = functions.get(use.target), use.location
        if function is None or use.form == "import" or is_test(where.path) or (where.path, where.span.start) in listed:
            continue
        if not _declares(found, use) and not _exports(found, use):
            function.block("MIG462", f"it is used as a value in {where.path}:{where.line}", location=where)


def is_test(path: str) -> bool:
    """True for a file of tests or examples."""
    return any(part in _TESTS for part in path.split("/")) or bool(_TEST_FILE.search(path))


def _queues(found: Survey) -> None:
    """Two queues of one name would share their jobs."""
    taken = Counter(queue_name(c, f) for f in found.functions if (c := found.client_of(f)) is not None)
    others = {i.name for i in found.inventory.items if i.system == "bullmq" and i.kind in ("client", "worker", "definition")}
    for function in found.functions:
        client = found.client_of(function)
        name = queue_name(client, function) if client is not None else ""
        if name and (taken[name] > 1 or name in others):
            function.block("MIG447", f"there would be two queues with the name {name}; give it another id")


def _clients(found: Survey) -> None:
    """What keeps a client where it is keeps all functions: its events may start any of them."""
    for client in found.clients:
        for blocker in client.blockers:
            for function in found.functions:
                where = "" if function.client == client.key else f" ({client.path})"
                function.block(blocker.trap, f"{blocker.reason}{where}")
    for function in found.functions:
        client = found.client_of(function)
        if client is None:
            function.block("MIG460", "the client that it is made with could not be found")
        elif found.project.package_of(client.path) != found.project.package_of(function.path):
            function.block("MIG464", f"its client belongs to another package ({client.path})")


def _places(found: Survey) -> None:
    """Where code runs that cannot talk to Redis, or that talks to Inngest in another way."""
    for endpoint in found.endpoints:
        framework = str(getattr(endpoint.options.get("framework"), "value", ""))
        for name in _EDGE:
            if framework == FRAMEWORKS[name]:
                reason = f"the application is served by inngest/{name}, where no connection to Redis can be held"
                for function in found.functions:
                    # `inngest/edge` is for anything that speaks Request and Response, Node among it.
                    function.block("MIG461", reason, unsafe=name == "edge")
    for path in found.project.code:
        if _on_edge(found.project, path) and _reaches(found, path):
            for function in found.functions:
                function.block("MIG461", f"{path} runs on an edge runtime, where no connection to Redis can be held")
    for worker in found.inventory.of(Worker, NAME):
        if worker.name == "connect" and not worker.area:
            for function in found.functions:
                function.block("MIG454", f"connect() in {worker.location.path} runs it; take it out of that list")
    for function in found.functions:
        dependencies = found.project.dependencies(found.project.package_of(function.path))
        for name, least in (("bullmq", 5), ("ioredis", 5)):
            number = re.search(r"\d+", dependencies.get(name, ""))
            if number and int(number[0]) < least:
                function.block("MIG467", f"the application has {name} {dependencies[name]}; the runtime needs version {least}")


def _on_edge(project: Project, path: str) -> bool:
    """True for a file that says so, and for Next.js's middleware, which has to say otherwise."""
    data = project.read(path)
    stem, end = posixpath.splitext(posixpath.relpath(path, project.package_of(path) or "."))
    if stem in ("middleware", "src/middleware") and end in (".ts", ".js") and "next" in project.dependencies(project.package_of(path)):
        return _NODE.search(data) is None
    return _EDGE_RUNTIME.search(data) is not None


def _reaches(found: Survey, path: str) -> bool:
    """True if the file, or what it imports, has to do with a client."""
    wanted = {c.path for c in found.clients} | {s.location.path for s in found.sends} | {e.location.path for e in found.endpoints}
    seen, pending = set[str](), [path]
    while pending:
        current = pending.pop()
        if current in wanted:
            return True
        if current not in seen:
            seen.add(current)
            entries = [e for e in imported(found.project.source(current)) if not e.type_only]
            pending += [target for e in entries if (target := found.project.resolve(current, e.module))]
    return False


def _narrow(found: Survey) -> None:
    """While something stays, an endpoint does too, and what moves has to leave its list."""
    for function in found.functions:
        if function.job.live and not of_endpoints.narrowable(found.project, found.endpoints, function):
            function.block("MIG454", "the list that registers it is computed; write the functions out in an array")


def _step_errors(found: Survey) -> None:
    """`error instanceof StepError` must mean the runtime's class where the runtime throws it."""
    users = [path for path, names in found.imports.items() if any(e.name == "StepError" for e in names)]
    for path in users:
        here = [f for f in found.functions if f.path == path]
        if here and not any(f.stays(unsafe=found.unsafe) for f in here):
            continue
        for function in found.functions:
            # A file without functions may be asked by any of them.
            if not here or len(users) > 1 or function.path == path:
                function.block("MIG462", f"{path} tells Inngest's own StepError apart, which the runtime does not throw")


def _remaining(found: Survey) -> list[str]:
    """Why Inngest cannot be taken out altogether."""
    project, why = found.project, list[str]()
    staying = [f.job.name for f in found.functions if f.stays(unsafe=found.unsafe)]
    if staying:
        why.append(f"functions that stay: {', '.join(sorted(staying))}")
    for endpoint in found.endpoints:
        if of_endpoints.removal(project, endpoint) is None:
            why.append(f"the endpoint in {endpoint.location.path} is not one statement")
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
            why.append(f"{send.location.path}:{send.location.line} sends to another environment")
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
        if _declares(found, use):
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


def _declares(found: Survey, use: Reference) -> bool:
    """True where the name is only exported, imported or given to the client, or is that of something else made with it."""
    source = found.project.source(use.location.path)
    node = source.root.descendant_for_byte_range(use.location.span.start, use.location.span.start + 1)
    parent = node.parent if node is not None else None
    if node is None or parent is None:
        return False
    if parent.type in ("export_specifier", "import_specifier", "import_clause") or _is_exported(source, node):
        return True
    if parent.type == "variable_declarator" and child(parent, "name") == node:
        return True
    bound = found.project.bindings(source.path).lookup(source.text(node), node)
    return bool(bound) and bound[0].kind != "import" and f"{source.path}:{source.text(node)}" != use.target


def _exports(found: Survey, use: Reference) -> bool:
    """True for `export default name`, and a name that another file passes on."""
    source = found.project.source(use.location.path)
    node = source.root.descendant_for_byte_range(use.location.span.start, use.location.span.start + 1)
    return node is not None and node.parent is not None and node.parent.type == "export_statement"


def _is_exported(source: Source, node: Node) -> bool:
    """True for a name in `module.exports = { name }` and `module.exports = name`."""
    outer = node.parent
    if outer is not None and outer.type == "pair":
        outer = outer.parent
    if outer is not None and outer.type == "object":
        outer = outer.parent
    left = child(outer, "left") if outer is not None and outer.type == "assignment_expression" else None
    return left is not None and source.text(left).startswith(("module.exports", "exports."))
