"""What QStash calls and where it ends up: destinations tied to the routes of the tree, and routes that only their callers give away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.jobs import Endpoint, Enqueue, Item, Job, Schedule, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Instance, Meaning, Member, Place
from migrator.scanners.python.qstash_routes import guarded
from migrator.scanners.qstash_messages import PATH, PATHS
from migrator.scanners.reading import View
from migrator.scanners.typescript.objects import last_name
from migrator.scanners.typescript.qstash_routes import BY_HAND, add_route, drop_untied, route_of_destination
from migrator.scanners.typescript.route_files import METHODS, Finder, file_route, finder, matches
from migrator.scanners.typescript.routes import Route, decorators, method_route, router_calls
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, enclosing, field
from migrator.systems.qstash import SYSTEM

NAME = SYSTEM.name
_SYSTEMS = frozenset((NAME, "upstash-workflow"))
_UNCHECKED = "messages are sent to this route; no check of their signature was found"


def link(found: Found) -> None:
    """Tie destinations to jobs; runs when every file was read."""
    if not any(item.system in _SYSTEMS for item in found.items):
        return
    views = {view.source.path: view for view in found.views}
    _guarded(found, views)
    guarded(found)
    drop_untied(found.items, views)
    _once(found)
    _mounted(found, views)
    _named(found)
    if found.views:
        tree = found.views[0].project.tree
        _unchecked(found, found.views[0], finder(tree))
    _tied(found)


def _named(found: Found) -> None:
    """A destination that no caller could tell more of is called by what is known of it."""
    for index, item in enumerate(found.items):
        if item.system in _SYSTEMS and isinstance(item, Enqueue | Schedule) and not item.name:
            path = literal_of(item.options.get(PATH))
            if isinstance(path, str) and "/" in path.replace("${", ""):
                found.items[index] = msgspec.structs.replace(item, name=path)


def _guarded(found: Found, views: dict[str, View]) -> None:
    """Routes before which a router or a controller is told to put a function or class of the tree that checks the signature."""
    checks = [i for i in found.items if isinstance(i, Job) and i.system == NAME and not i.name and not i.wrapper and i.language != "python"]
    answered: set[int] = set()
    for view in views.values() if checks else ():
        if view.source.is_python:
            continue
        for route, guards in (*_routers(view), *_controllers(view), *_procedures(view)):
            held = [check for check in checks for guard in guards if _holds(guard, check)]
            if held:
                add_route(view, route, form="guard")
                answered |= {id(check) for check in held}
    found.items[:] = [i for i in found.items if id(i) not in answered]


def _routers(view: View) -> Iterator[tuple[Route, list[Defined]]]:
    """(route, functions of the tree that are given to it) of `router.post("/path", guard, handler)`."""
    for call, path in router_calls(view):
        given = [p for k, p in view.evaluator.arguments(view.place(call)).items() if isinstance(p, Place) and k != 0]
        yield Route(path, "", field(callee_of(call), "property") or call), _defined(view, given)


def _controllers(view: View) -> Iterator[tuple[Route, list[Defined]]]:
    """(route, guards) of a controller's methods with `@UseGuards(Guard)` on them or on the class."""
    for method in view.source.nodes("method_definition"):
        route = method_route(view, method)
        owner = enclosing(method, CLASSES)
        if route is not None and owner is not None:
            yield route, [guard for node in (method, owner) for guard in _guards(view, node)]


def _procedures(view: View) -> Iterator[tuple[Route, list[Defined]]]:
    """(route, middleware) of the entries of a router object whose builder is told to use it: `{ send: guarded.post(handler) }`."""
    for pair in view.source.nodes("pair"):
        key, call = field(pair, "key"), field(pair, "value")
        handler = _last_function(call)
        root = callee = callee_of(call) if handler is not None else None
        while root is not None and root.type in ("member_expression", "call_expression"):
            root = field(root, "object") or callee_of(root)
        if key is None or callee is None or root is None or root.type != "identifier" or handler is None:
            continue
        used: list[Place] = []
        meaning = view.evaluator.of(view.source, root)
        while isinstance(meaning, Member | Instance):
            of = meaning.of
            if isinstance(meaning, Instance) and meaning.call is not None and last_name(of) == "use":
                used += [p for p in view.evaluator.arguments(meaning.call).values() if isinstance(p, Place)]
            meaning = of
        name = view.source.text(key).strip("'\"")
        yield Route(f"/{name}", name, field(callee, "property") or callee, handler), _defined(view, used)


def _last_function(call: Node | None) -> Node | None:
    """The function that a call is handed last."""
    given = field(call, "arguments") if call is not None and call.type == "call_expression" else None
    last = given.named_children[-1] if given is not None and given.named_children else None
    return last if last is not None and last.type in FUNCTIONS else None


def _guards(view: View, node: Node) -> list[Defined]:
    calls = [
        view.place(d.named_children[0]) for d in decorators(node) if d.named_children and d.named_children[0].type == "call_expression"
    ]
    used = [c for c in calls if c.text.startswith("UseGuards")]
    return _defined(view, [p for call in used for p in view.evaluator.arguments(call).values() if isinstance(p, Place)])


def _defined(view: View, places: list[Place]) -> list[Defined]:
    return [m for m in map(view.evaluator.meaning, places) if isinstance(m, Defined)]


def _holds(guard: Defined, check: Item) -> bool:
    node, where = guard.place.node, check.location
    return guard.place.source.path == where.path and node.start_byte <= where.span.start and where.span.end <= node.end_byte


def _once(found: Found) -> None:
    """A route that is told by the SDK's own check and by what it reads by hand is one job and one endpoint: the first is surer."""
    best: dict[tuple[str, str, tuple[str, ...]], Item] = {}
    for item in found.items:
        key = _route_key(item)
        if key is not None and (key not in best or _sureness(item) < _sureness(best[key])):
            best[key] = item
    kept = {id(item) for item in best.values()}
    found.items[:] = [item for item in found.items if _route_key(item) is None or id(item) in kept]


def _route_key(item: Item) -> tuple[str, str, tuple[str, ...]] | None:
    if item.system != NAME or item.wrapper or not isinstance(item, Job | Endpoint) or item.language == "python":
        return None
    serves = (item.name,) if isinstance(item, Job) else item.serves
    # Only what a path tells is one route; a file may well hold several handlers without one.
    return (item.kind, item.location.path, serves) if serves and serves[0].startswith("/") else None


def _sureness(item: Item) -> tuple[bool, bool, int]:
    by_hand = item.form == BY_HAND if isinstance(item, Job) else not item.name.startswith("verifySignature")
    return (by_hand, not item.via, item.location.span.start)


def _mounted(found: Found, views: dict[str, View]) -> None:
    """Call a job that is made in one file and served from another by the path at which it is served."""
    made = {
        (i.location.path, i.location.span.start): i
        for i in found.items
        if isinstance(i, Job) and i.system in _SYSTEMS and i.language != "python" and i.name == i.symbol and i.name
    }
    paths: dict[tuple[str, int], str] = {}
    for view in views.values() if made else ():
        if not view.source.is_python:
            for path, meaning in (*_served(view), *_exported(view)):
                call = meaning.call if isinstance(meaning, Instance) else None
                place = (call.source.path, call.node.start_byte) if call is not None else ("", 0)
                if place in made:
                    paths.setdefault(place, path)
    for index, item in enumerate(found.items):
        path = paths.get((item.location.path, item.location.span.start), "") if item.system in _SYSTEMS else ""
        if path and isinstance(item, Job):
            found.items[index] = msgspec.structs.replace(item, name=path)
        elif path and isinstance(item, Endpoint):
            found.items[index] = msgspec.structs.replace(item, serves=(path,))


def _served(view: View) -> Iterator[tuple[str, Meaning]]:
    """(path, what answers it) of the calls of routers."""
    for call, path in router_calls(view):
        for key, place in view.evaluator.arguments(view.place(call)).items():
            if key != 0 and isinstance(place, Place):
                yield path, view.evaluator.meaning(place)


def _exported(view: View) -> Iterator[tuple[str, Meaning]]:
    """(path, what answers it) of a file that is a route."""
    found = file_route(view.project.tree, view.source.path)
    exports = view.project.bindings(view.source.path).exports()
    for name in found[1] if found is not None else ():
        if found is not None and name in exports:
            yield found[0], view.evaluator.export(view.source.path, name)


def _unchecked(found: Found, any_view: View, find: Finder) -> None:
    """Routes that messages are sent to, though nothing in them says so."""
    jobs = _jobs(found)
    known = {item.location.path for item in found.items if isinstance(item, Job)}
    sent = [i for i in found.items if i.system in _SYSTEMS and not i.area]
    for path in dict.fromkeys(path for item in sent for key in PATHS if isinstance(path := literal_of(item.options.get(key)), str)):
        hit = find(path)
        # A file that answers all paths hands on to a router, which may have the one that is meant.
        if hit is None or hit[0] in known or ("..." in hit[1] and _below(path, jobs) is not None):
            continue
        known.add(hit[0])
        view = replace(any_view, source=any_view.project.source(hit[0]))
        route = route_of_destination(view, hit[2]) or (None if hit[2] else Route(hit[1], "", view.source.root))
        if route is not None:
            add_route(view, route, doubt=_UNCHECKED, form="destination")


def _below(path: str, jobs: list[Job]) -> Job | None:
    """The one job whose path is what remains of a longer one: a router does not know where it is mounted."""
    inner = [j for j in jobs if len(j.name) > 1 and path.endswith(j.name) and not _is_whole(j)]
    return inner[0] if len({j.name for j in inner}) == 1 else None


def _jobs(found: Found) -> list[Job]:
    """The jobs that a path tells."""
    return [item for item in found.items if isinstance(item, Job) and item.system in _SYSTEMS and item.name.startswith("/")]


def _is_whole(job: Job) -> bool:
    """True for a job whose path is whole: it is that of a file."""
    return job.symbol in (*METHODS, "default")


def _tied(found: Found) -> None:
    """The job that answers each destination."""
    jobs = _jobs(found)
    by_name = {job.name: job for job in reversed(jobs)}
    for index, item in enumerate(found.items):
        path = literal_of(item.options.get(PATH)) if item.system in _SYSTEMS else None
        if not isinstance(item, Enqueue | Schedule) or not isinstance(path, str):
            continue
        job = by_name.get(path) or next((j for j in jobs if matches(j.name, path)), None) or _below(path, jobs)
        if job is None:
            continue
        key = f"{job.module}:{job.symbol}" if job.symbol else f"{job.module}:{job.name}"
        if isinstance(item, Enqueue):
            found.items[index] = msgspec.structs.replace(item, job=key, name=path if item.name.endswith(path) else item.name)
        else:
            named = path if item.job_name.endswith(path) else item.job_name
            name = named if item.name == item.job_name else item.name
            found.items[index] = msgspec.structs.replace(item, job=key, job_name=named, name=name)
