"""What can move: decided before a single edit is made."""

from __future__ import annotations

from collections import defaultdict

from migrator.codemods.typescript.imports import Imported, imported
from migrator.codemods.typescript.inngest_to_bullmq import endpoints as of_endpoints
from migrator.codemods.typescript.inngest_to_bullmq.certainty import read_certainty
from migrator.codemods.typescript.inngest_to_bullmq.clients import read_client
from migrator.codemods.typescript.inngest_to_bullmq.elsewhere import block_for_places
from migrator.codemods.typescript.inngest_to_bullmq.generated import queue_name
from migrator.codemods.typescript.inngest_to_bullmq.groups import Earlier, settle
from migrator.codemods.typescript.inngest_to_bullmq.handlers import read_handler
from migrator.codemods.typescript.inngest_to_bullmq.loading import Loading
from migrator.codemods.typescript.inngest_to_bullmq.options import read_options
from migrator.codemods.typescript.inngest_to_bullmq.remaining import remaining
from migrator.codemods.typescript.inngest_to_bullmq.sites import find, references_by_place
from migrator.codemods.typescript.inngest_to_bullmq.survey import NAME, Survey, is_inngest, is_test
from migrator.codemods.typescript.inngest_to_bullmq.tables import definitions_of_earlier_runs, events_of_earlier_runs, sends_of_earlier_runs
from migrator.codemods.typescript.inngest_to_bullmq.triggers import read_triggers
from migrator.codemods.typescript.inngest_to_bullmq.usage import declares, exports
from migrator.codemods.typescript.project import Project
from migrator.jobs import Client, Endpoint, Enqueue, Inventory, Job, Reference


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
    loading = Loading(project, frozenset(e.location.path for e in found.endpoints))
    _functions(found, [i for i in mine if isinstance(i, Job)], loading)
    _clients(found)
    _uses(found)
    _queues(found)
    block_for_places(found)
    _together(found, loading)
    foreign = [s for s in found.sends if s.language == "python"]
    earlier = Earlier(found.earlier, frozenset(sends_of_earlier_runs(project, found.earlier)))
    settle(found.functions, found.sends, foreign, earlier, unsafe=unsafe)
    found.remaining = remaining(found)
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


def _functions(found: Survey, jobs: list[Job], loading: Loading) -> None:
    places = references_by_place(found.inventory.references)
    uses: dict[str, list[Reference]] = defaultdict(list)
    for reference in found.inventory.references:
        if is_inngest(reference.system) and reference.form == "api":
            uses[reference.location.path].append(reference)
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


def _together(found: Survey, loading: Loading) -> None:
    """One worker loads all functions of a package: what is marked as code for servers does not go with what renders React."""
    for package in {found.project.package_of(f.path) for f in found.moved}:
        functions = [f for f in found.moved if found.project.package_of(f.path) == package]
        earlier = [p for p in found.earlier if found.project.package_of(p) == package]
        renderer = next((r for p in [*earlier, *(f.path for f in functions)] if (r := loading.renderer(p))), "")
        marked = next((p for p in earlier if loading.server_only(p)), "")
        for function in functions if renderer else ():
            if marked and loading.renderer(function.path):
                function.block("MIG455", f"its worker has code that is marked server-only ({marked}), where {renderer} does not work")
            elif not marked and loading.server_only(function.path):
                function.block("MIG455", f"it is marked server-only, and where that is loaded {renderer} does not work")


def _uses(found: Survey) -> None:
    """A function as a value is Inngest's own kind of object; only lists of functions, imports and exports may go on with another."""
    listed = {(w.path, w.span.start) for e in found.endpoints for w in e.listed}
    project, functions = found.project, {f.key: f for f in found.functions}
    for use in found.inventory.references:
        function, where = functions.get(use.target), use.location
        if function is None or use.form == "import" or is_test(where.path) or (where.path, where.span.start) in listed:
            continue
        if not declares(project, use) and not exports(project, use):
            function.block("MIG462", f"it is used as a value in {where.path}:{where.line}", location=where)


def _queues(found: Survey) -> None:
    """Two queues of one name would share their jobs."""
    taken: dict[str, list[str]] = defaultdict(list)
    names = {f.key: queue_name(c, f) for f in found.functions if (c := found.client_of(f)) is not None}
    for function in found.functions:
        if function.key in names:
            taken[names[function.key]].append(function.job.location.place)
    for item in found.inventory.items:
        if item.system == "bullmq" and item.kind in ("client", "worker", "definition"):
            taken[item.name].append(item.location.place)
    for function in found.functions:
        name = names.get(function.key, "")
        others = list(taken[name]) if name else []
        if name:
            others.remove(function.job.location.place)
        for place in others:
            function.block("MIG447", f"there would be two queues with the name {name}; give it another id", place=place)


def _clients(found: Survey) -> None:
    """What keeps a client where it is keeps all functions: its events may start any of them."""
    for client in found.clients:
        for blocker in client.blockers:
            for function in found.functions:
                function.block(blocker.trap, blocker.reason, place="" if function.client == client.key else client.path)
    for function in found.functions:
        client = found.client_of(function)
        if client is None:
            function.block("MIG460", "the client that it is made with could not be found")
        elif found.project.package_of(client.path) != found.project.package_of(function.path):
            function.block("MIG464", f"its client belongs to another package ({client.path})")


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
