"""JOB405: a health check that says yes while no job runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Defined, Place
from migrator.scanners.python.web_routes import route_of
from migrator.scanners.reading import View
from migrator.scanners.typescript.routes import router_calls
from migrator.syntax.tree import FUNCTIONS, field

#: systems whose workers are processes of one's own
_SYSTEMS = (
    "bullmq",
    "bull",
    "pg-boss",
    "bee-queue",
    "agenda",
    "celery",
    "rq",
    "dramatiq",
    "huey",
    "arq",
    "procrastinate",
    "taskiq",
    "graphile-worker",
)
_NAMES = r"(?:health(?:z|check|-check)?|live(?:z|ness)?|ready(?:z)?|readiness|_health|alive)"
_PATH = regex(rf"^/(?:[\w.-]+/)*{_NAMES}/?$", re.IGNORECASE)
#: such a path in quotes: a file without one is not parsed
_WRITTEN = regex(rf"""["'`][^"'`\s]*/{_NAMES}/?["'`]""".encode(), re.IGNORECASE)
_MARKERS = (b"health", b"live", b"ready", b"readiness", b"alive", b"Health")
#: what such a route may ask: the broker, the queues, the workers
_ASKS = regex(
    r"(?:redis|queue|boss|broker|worker|celery|amqp|rabbit|job)\w*[?!]?\.|\.(?:ping\w*|getJobCounts|getWorkers\w*|getWaitingCount|inspect|isReady|info|llen)$|"
    r"(?:check|ping|get|is)\w*(?:redis|queue|worker|broker|celery|job|health)\w*$",
    re.IGNORECASE,
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all routes that say whether the application is well."""
    jobs = evidence.of(Job, *_SYSTEMS)
    if not jobs:
        return
    shallow: list[Spot] = []
    unclear: Spot | None = None
    for where, handler in _routes(evidence):
        asks = _asks(evidence, handler) if handler is not None else None
        if asks:
            yield Pass(Spot(where.path, where.line, f"asks with `{asks}`"))
            return
        if asks is None:
            unclear = unclear or where
        else:
            shallow.append(where)
    if unclear is not None:
        yield Undecided("what a health check looks at could not be told", unclear)
    elif shallow:
        first, *others = shallow
        systems = tuple(dict.fromkeys(j.system for j in jobs))
        message = f"The health check `{first.what}` asks neither the broker nor the queues nor the workers: it says yes while no job runs."
        yield Fail(first, message, systems, tuple(others), confidence="likely")
    else:
        yield Undecided("no route of a health check was found", spot(jobs[0]))


def _routes(evidence: Evidence) -> Iterator[tuple[Spot, tuple[View, Node] | None]]:
    """Every such route, and the function that answers it where it was found."""
    # A mere sieve: what is a route is told by the syntax.
    for path in evidence.containing(*_MARKERS, comments=True):
        if not _WRITTEN.search(evidence.tree.read(path)):
            continue
        view = evidence.bodies.view(path)
        if view.source.is_python:
            for definition in view.source.nodes("decorated_definition"):
                route = route_of(view, definition)
                if route is not None and _PATH.search(route.path):
                    yield Spot(path, route.at.start_point.row + 1, route.path), (view, route.function)
            continue
        for call, route in router_calls(view):
            if _PATH.search(route):
                yield Spot(path, call.start_point.row + 1, route), _answering(evidence, view, call)


def _answering(evidence: Evidence, view: View, call: Node) -> tuple[View, Node] | None:
    arguments = field(call, "arguments")
    given = [c for c in arguments.named_children if c.type != "comment"] if arguments is not None else []
    meaning = view.evaluator.meaning(Place(view.source, given[-1])) if given else None
    if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
        return None
    return evidence.bodies.view(meaning.place.source.path), meaning.place.node


def _asks(evidence: Evidence, handler: tuple[View, Node]) -> str | None:
    """What a route asks of the jobs' world; empty if nothing; None where a call of it could not be followed."""
    lost = False
    for call in evidence.bodies.calls(*handler):
        # A function of the project is followed: what it is called says nothing of what it does.
        if _is_of_jobs(call) or (_ASKS.search(call.written) and not isinstance(call.meaning, Defined)):
            return call.written
        lost = lost or _is_lost(call)
    return None if lost else ""


def _is_of_jobs(call: Reached) -> bool:
    return call.meaning.key.startswith(tuple(f"{s}." for s in (*_SYSTEMS, "ioredis", "redis")))


def _is_lost(call: Reached) -> bool:
    """True for a function of the project that was not found."""
    return call.meaning.key.startswith(("@/", "~/", "./", "../", "#"))


_SERVER = (
    'import express from "express";\nimport { Queue, Worker } from "bullmq";\nconst mails = new Queue("mail");\n'
    'new Worker("mail", async (job) => send(job.data));\nconst app = express();\n'
    'app.get("/health", async (_request, response) => {\n  response.json({ ok: true, COUNTS });\n});\napp.listen(3000);\n'
)
_API = (
    "from celery import shared_task\nfrom fastapi import FastAPI\n\napi = FastAPI()\n\n@shared_task\ndef send(to): ...\n\n"
    "@api.get('/healthz')\ndef healthz():\n    return {'ok': ASKED}\n"
)


RULE = Rule(
    id="JOB405",
    name="shallow-health-check",
    title="A health check that says yes while no job runs",
    severity="medium",
    systems=_SYSTEMS,
    what="A route for health checks (`/health`, `/ready`, `/live`, …) that looks at neither the broker nor the queues nor the workers, in "
    "an "
    "application with jobs of its own.",
    why="The broker is away, or all workers are, and the platform goes on sending requests whose jobs nobody takes. The first to notice is "
    "who waits for a mail.",
    how="What is called by the functions that answer such routes, four functions deep. One such route that asks is enough. Routes made by "
    "frameworks and libraries, and applications without such a route, are unknown.",
    false_alarms="A route that is meant for the web process alone, with an exporter for the jobs beside it.",
    migration="The check has to ask the target's broker after the move.",
    fix="none",
    hint="Let it ask the broker (`ping`), how many jobs wait and for how long, and whether each queue has a worker.",
    effort=Effort(60, 120, "project", "an estimate of an audit made by hand"),
    sources=("an audit of a BullMQ worker made by hand",),
    examples=(
        Example(
            "bullmq",
            bad={"server.ts": _SERVER.replace(", COUNTS", "")},
            good={"server.ts": _SERVER.replace("COUNTS", "counts: await mails.getJobCounts()")},
        ),
        Example(
            "celery",
            bad={"api.py": _API.replace("ASKED", "True")},
            good={"api.py": _API.replace("ASKED", "bool(send.app.control.inspect().ping())")},
        ),
    ),
    check=check,
    related=("JOB402", "JOB406"),
)
