"""JOB705: a page with all queues, for everybody."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Setting, Worker
from migrator.jobs.findings import Severity, Spot
from migrator.regex import regex
from migrator.rules.compose import service
from migrator.rules.deployment import stage
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import View
from migrator.syntax.tree import ancestors, callee_of, field, walk
from migrator.systems.dashboards import FLOWER_NAMES, FLOWER_OPEN, FLOWER_OPTIONS, PACKAGES, ROUTERS

_MOUNTS = frozenset(("use", "register", "route", "mount", "all"))
_ASKS = regex(
    rb"auth|login|session|passport|jwt|protect|guard|requireUser|requireAdmin|isAdmin|ensure|access|permission|secure", re.IGNORECASE
)
_NOT_HERE = regex(r"NODE_ENV|isDev|development|isProduction|DEBUG")
_ON = regex(rf"\b{FLOWER_OPEN}\b[\"']?\s*[=:]\s*[\"']?(?:true|1|yes|on)\b", re.IGNORECASE)
_OPEN = "shows every job with its data, and lets whoever opens it retry and delete them"


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each page that is mounted in code, and for each that is a process of its own."""
    for path in evidence.containing(*(p.encode() for p in PACKAGES)):
        view = evidence.bodies.view(path)
        if not view.source.is_python:
            yield from _mounted(view)
    for worker in evidence.of(Worker, "celery"):
        if worker.role == "monitor" and "flower" in worker.command and stage(worker.location.path) != "elsewhere":
            yield _flower(evidence, worker)
    for path in evidence.mentioning(FLOWER_OPEN.encode()):
        text = evidence.tree.read(path).decode("utf-8", "replace")
        match = _ON.search(text) if stage(path) != "elsewhere" else None
        if match is not None:
            where = Spot(path, text.count("\n", 0, match.start()) + 1)
            message = f"`{FLOWER_OPEN}` lets everybody start, stop and read tasks through Flower."
            yield Fail(where, message, ("celery",), severity=_how_bad(path), confidence="likely")


def _mounted(view: View) -> Iterator[Outcome]:
    for call in view.source.nodes("call_expression"):
        callee = callee_of(call)
        name = view.source.text(field(callee, "property") or callee) if callee is not None else ""
        where = spot(view.source.location(call, at=callee))
        if name == "forRoot" and callee is not None and "BullBoardModule" in view.source.text(callee):
            options = view.evaluator.arguments(Place(view.source, call)).get(0)
            entries = view.evaluator.entries(options) if isinstance(options, Place) else {}
            if "middleware" in entries:
                yield Pass(Spot(where.path, where.line, "bull-board stands behind a middleware"))
            elif not entries or "..." in entries:
                yield Undecided("the options of bull-board are only known at run time", where)
            else:
                yield _asked_elsewhere(view, where) or Fail(where, f"bull-board is mounted for everybody: it {_OPEN}.")
        elif name in _MOUNTS and callee is not None and (page := _page(view, call)) is not None:
            yield _behind(view, call, page, where)


def _page(view: View, call: Node) -> Node | None:
    """The argument of a mounting call that is such a page."""
    arguments = field(call, "arguments")
    for given in arguments.named_children if arguments is not None else ():
        callee = callee_of(given) if given.type == "call_expression" else None
        if callee is not None and view.source.text(field(callee, "property") or callee) in ROUTERS:
            return given
        meaning = view.evaluator.of(view.source, given)
        if isinstance(meaning, Instance) and meaning.key.startswith(("bull-arena", "agendash", "@queuedash/")):
            return given
    return None


def _behind(view: View, call: Node, page: Node, where: Spot) -> Outcome:
    """What stands in front of a page that a call mounts."""
    for ancestor in ancestors(call):
        condition = field(ancestor, "condition") if ancestor.type == "if_statement" else None
        if condition is not None and _NOT_HERE.search(view.source.text(condition)):
            return Pass(Spot(where.path, where.line, "mounted only in development"))
    arguments = field(call, "arguments")
    before = [a for a in (arguments.named_children if arguments is not None else ()) if a.end_byte <= page.start_byte]
    middle = [a for a in before if a.type not in ("string", "template_string", "comment")]
    if len(before) - len(middle) <= 1 and any(_ASKS.search(a.text or b"") for a in middle):
        return Pass(Spot(where.path, where.line, "stands behind a middleware"))
    if middle:
        return Undecided("what stands in front of the page of the queues could not be told", where)
    return _asked_elsewhere(view, where, call) or Fail(where, f"The page of the queues is mounted for everybody: it {_OPEN}.")


def _asked_elsewhere(view: View, where: Spot, call: Node | None = None) -> Outcome | None:
    """A middleware that stands before all that is mounted, as far as this file tells; None if nothing asks anywhere."""
    callee = callee_of(call)
    receiver = view.source.text(field(callee, "object") or callee) if callee is not None else ""
    for other in walk(view.source.root, ("call_expression",)):
        name = field(callee_of(other), "property")
        if other == call or name is None or view.source.text(name) not in ("use", "addHook", "apply", "onRequest", "forRoutes", "register"):
            continue
        if (call is None or other.start_byte < call.start_byte) and _ASKS.search((field(other, "arguments") or other).text or b""):
            return Pass(Spot(view.source.path, other.start_point.row + 1, "asks before anything that is mounted later"))
    # Only what serves in this file is known to have nothing before it: another may be handed on to where somebody asks.
    name = re.escape(receiver)
    serves = receiver and re.search(
        rf"\b{name}\.listen\(|createServer\(\s*{name}\b|\bserve\([^)]*\b{name}\b", view.source.text(view.source.root)
    )
    if not serves:
        return Undecided("whether the application asks for a login before the page of the queues is told in another file", where)
    return None


def _flower(evidence: Evidence, worker: Worker) -> Outcome:
    where = spot(worker, "starts Flower")
    if any(option in f"{worker.command} " for option in FLOWER_OPTIONS):
        return Pass(Spot(where.path, where.line, "Flower asks for a login"))
    named = next((s for s in evidence.of(Setting, "celery") if s.name in FLOWER_NAMES), None)
    if named is not None:
        return Pass(spot(named, "Flower asks for a login"))
    message = f"Flower runs without a login: it {_OPEN}."
    if posixpath.basename(where.path).startswith("Procfile") and worker.service == "web":
        return Fail(where, message, ("celery",))
    found = service(evidence, where.path, worker.service)
    if "--conf" in worker.command or found is None:
        return Undecided("whether Flower asks for a login, or can be reached at all, is told elsewhere", where)
    if any("auth" in label for label in found.items("labels")):
        return Pass(Spot(where.path, where.line, "asks for a login in front of Flower"))
    if not found.is_published:
        return Pass(Spot(where.path, where.line, "no port of Flower is open"))
    return Fail(where, message, ("celery",), severity=_how_bad(where.path), confidence="likely")


def _how_bad(path: str) -> Severity | None:
    """What is set up for production is as bad as it gets; another file may be for a machine of one's own."""
    return None if stage(path) == "production" else "medium"


_BOARD = (
    'import express from "express";\nimport { Queue, Worker } from "bullmq";\nimport { createBullBoard } from "@bull-board/api";\n'
    'import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";\nimport { ExpressAdapter } from "@bull-board/express";\n'
    'import { requireAdmin } from "./auth";\n\nconst mails = new Queue("mail");\nnew Worker("mail", async (job) => send(job.data));\n'
    "const board = new ExpressAdapter();\ncreateBullBoard({ queues: [new BullMQAdapter(mails)], serverAdapter: board });\n"
    'const app = express();\napp.use("/queues", ASKSboard.getRouter());\napp.listen(3000);\n'
)
_FLOWER = 'services:\n  flower:\n    image: shop\n    command: celery -A shop flower --port=5555AUTH\n    ports:\n      - "5555:5555"\n'
_TASKS = "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n"

RULE = Rule(
    id="JOB705",
    name="exposed-queue-dashboard",
    title="A page with all queues, for everybody",
    severity="high",
    systems=(),
    what="A page of the queues (bull-board, Arena, QueueDash, Agendash) that is mounted without anything that asks for a login before it; "
    "Flower without `--basic_auth` or `--auth` on a port that is open, or with `FLOWER_UNAUTHENTICATED_API`.",
    why="Such a page shows the data of every job, addresses and tokens among it, and has buttons that delete and repeat jobs. It is found "
    "by "
    "those who look for `/admin/queues` and port 5555.",
    how="What stands before the page in the call that mounts it, and what the same application uses before that. Where the application is "
    "made in another file, or a middleware says nothing by its name, the answer is unknown. Flower: its command line, environment names, "
    "and whether the compose service opens a port; in a file that may be for a machine of one's own the finding is a medium one.",
    false_alarms="A network that only administrators can reach.",
    migration="The page goes with the system; that of the target needs the same login.",
    fix="none",
    hint="Put the login for administrators before the page; start Flower with `--basic_auth`, or do not open its port.",
    effort=Effort(20, 40, "place", "an estimate"),
    sources=("Flower documentation, Authentication", "bull-board, README"),
    examples=(
        Example(
            "bullmq",
            bad={"server.ts": _BOARD.replace("ASKS", "")},
            good={"server.ts": _BOARD.replace("ASKS", "requireAdmin, ")},
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASKS, "docker-compose.yml": _FLOWER.replace("AUTH", "")},
            good={"tasks.py": _TASKS, "docker-compose.yml": _FLOWER.replace("AUTH", " --basic_auth=$FLOWER_LOGIN")},
        ),
    ),
    check=check,
    related=("JOB406",),
)
