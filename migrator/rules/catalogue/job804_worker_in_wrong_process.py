"""JOB804: a worker that starts wherever a route is loaded."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Item, Job, Worker
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.files import area_of
from migrator.syntax.tree import CLASSES, FUNCTIONS, enclosing
from migrator.systems import SYSTEMS

_SYSTEMS = tuple(name for name, system in SYSTEMS.items() if system.closes)
#: routes of frameworks whose routes are functions of a platform, or copies of a web server
_ROUTE = regex(r"(?:^|/)(?:app/(?:.*/)?route|pages/api/.+|netlify/functions/.+)\.(?:ts|tsx|js|mjs)$")
#: what says that routes run as functions of a platform
_PLATFORMS = ("vercel.json", "netlify.toml", "wrangler.toml", "open-next.config.ts", "sst.config.ts", "serverless.yml")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that works jobs off in code of one's own."""
    routes = [path for path in evidence.tree.sizes if _ROUTE.search(path) and not area_of(path)]
    for system in _SYSTEMS:
        made = [item for item in _made(evidence, system) if item.language != "python"]
        loaded = _loaded(evidence, routes, {item.location.path for item in made}) if made and routes else {}
        near = [item for item in made if item.location.path in loaded]
        wrong = [item for item in near if _at_the_top(evidence, item)]
        if wrong:
            route = loaded[wrong[0].location.path]
            folder = posixpath.commonpath([route, wrong[0].location.path])
            platform = _platform(evidence, folder)
            where = f"on {platform} the platform stops it with the response" if platform else "every copy of the web server works jobs off"
            message = f"A worker of {SYSTEMS[system].title} starts where the route {route} is loaded: {where}."
            severity = None if platform else "medium"
            others = (Spot(route, 1, "leads to it"), *(spot(item) for item in wrong[1:]))
            yield Fail(spot(wrong[0]), message, (system,), others, confidence="likely", severity=severity)
        elif near:
            yield Undecided(f"{loaded[near[0].location.path]} loads code that starts a worker when it is called", spot(near[0]))
        elif made:
            yield Pass(spot(made[0], "no route leads to it"))


def _made(evidence: Evidence, system: str) -> list[Item]:
    """What in code works jobs off."""
    workers: list[Item] = [w for w in evidence.of(Worker, system) if not w.command]
    return workers or [j for j in evidence.of(Job, system) if j.handler is not None and j.form in ("work", "worker", "process", "call")]


def _at_the_top(evidence: Evidence, item: Item) -> bool:
    """True for what starts as soon as its file is loaded."""
    span = item.location.span
    node: Node | None = None
    if item.location.path in evidence.tree:
        root = evidence.bodies.view(item.location.path).source.root
        node = root.descendant_for_byte_range(span.start, max(span.start, span.end - 1))
    return node is not None and node.type not in CLASSES and enclosing(node, (*FUNCTIONS, *CLASSES)) is None


def _loaded(evidence: Evidence, routes: list[str], wanted: set[str]) -> dict[str, str]:
    """Of the files that are `wanted` those that a route loads, however many files between, and the route."""
    by = {route: route for route in routes}
    waiting = deque(routes)
    found: dict[str, str] = {}
    while waiting:
        path = waiting.popleft()
        if path in wanted:
            found.setdefault(path, by[path])
        project = evidence.workspace.project
        types = _types_only(project.data(path))
        imports = project.imports(path)
        modules = dict.fromkeys(
            (*(t.module for t in imports.taken), *(m for given in imports.given.values() for m, _ in given), *imports.whole)
        )
        for module in modules:
            target = project.resolve(path, module) if module and module.encode() not in types else ""
            if target and target not in by and not area_of(target):
                by[target] = by[path]
                waiting.append(target)
    return found


def _types_only(data: bytes) -> set[bytes]:
    """The modules of which a file takes nothing but types: nothing of them is loaded."""
    types = set(re.findall(rb"""import\s+type\s[^;"']*from\s*["']([^"']+)["']""", data))
    return {m for m in types if len(re.findall(rb"""["']%s["']""" % re.escape(m), data)) == 1}


def _platform(evidence: Evidence, folder: str) -> str:
    """What runs the routes below a folder as functions; empty if nothing says so."""
    while True:
        for name in _PLATFORMS:
            if posixpath.join(folder, name) in evidence.tree:
                return {"vercel.json": "Vercel", "netlify.toml": "Netlify", "wrangler.toml": "Cloudflare"}.get(
                    name, "a serverless platform"
                )
        if not folder:
            return ""
        folder = posixpath.dirname(folder)


_LIB = (
    'import { Queue, Worker } from "bullmq";\nexport const mails = new Queue("mail");\nnew Worker("mail", async (job) => send(job.data));\n'
)
_ROUTE_FILE = 'import { mails } from "../../../lib/mails";\nexport async function POST() {\n  await mails.add("welcome", {});\n}\n'
_ALONE = 'import { Worker } from "bullmq";\nnew Worker("mail", async (job) => send(job.data));\n'

RULE = Rule(
    id="JOB804",
    name="worker-in-wrong-process",
    title="A worker that starts wherever a route is loaded",
    severity="high",
    systems=_SYSTEMS,
    what="A worker that starts when its file is loaded, in a file that a route of Next.js or a function of a platform loads, through "
    "however many imports.",
    why="On a serverless platform the process is frozen with the response: a job stands still in the middle, its lock runs out, and the "
    "next "
    "request starts it again somewhere else. With a web server of one's own, every copy of it works jobs off beside its requests, and "
    "scaling one scales the other.",
    how="From every route file along its imports (types left out) to files in which a worker starts outside of any function. Without a "
    "file that names a platform the finding is a medium one. Where a function starts the worker the answer is unknown. Servers that work "
    "jobs off on purpose "
    "beside their requests (Express, Fastify, NestJS) are not looked at.",
    false_alarms="A server of one's own with a single copy, where it is meant to be so.",
    migration="Inngest and QStash call the routes themselves, and have no worker; pg-boss and BullMQ want a process of their own.",
    fix="none",
    hint="Put the worker into a file of its own that a process of its own runs, and let the routes load only the queue.",
    effort=Effort(60, 180, "project", "an estimate"),
    sources=("BullMQ guide, Going to production", "Vercel documentation, Functions, Limits"),
    examples=(
        Example(
            "bullmq",
            bad={"vercel.json": "{}", "lib/mails.ts": _LIB, "app/api/join/route.ts": _ROUTE_FILE},
            good={
                "vercel.json": "{}",
                "lib/mails.ts": 'import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\n',
                "worker.ts": _ALONE,
                "app/api/join/route.ts": _ROUTE_FILE,
            },
        ),
    ),
    check=check,
    related=("JOB801",),
)
