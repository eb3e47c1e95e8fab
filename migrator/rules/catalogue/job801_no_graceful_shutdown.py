"""JOB801: a worker that is cut off in the middle of its jobs at every deployment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Item, Job, Worker
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing
from migrator.systems import SYSTEMS

_SYSTEMS = tuple(name for name, system in SYSTEMS.items() if system.closes)
_SIGNALS = (b"SIGTERM", b"SIGINT")
_PROCESS = (b"process.on", b"process.add", b"process.prepend", b"addSignalListener")
_LISTENS = regex(r"process\.(?:on|once|addListener|prependListener)$|Deno\.addSignalListener$")
#: by which NestJS closes what it has made, workers among it
_NEST = (b"enableShutdownHooks",)
#: packages that listen for signals and call back
_PACKAGES = (
    *("close-with-grace", "@godaddy/terminus", "http-graceful-shutdown", "async-exit-hook", "exit-hook", "node-graceful-shutdown"),
    *("@hapi/hapi", "lightship", "fastify-graceful-shutdown", "fastify-close-with-grace", "node-shutdown-manager", "stoppable"),
    *("@adonisjs/core", "@medusajs/medusa", "@strapi/strapi", "moleculer"),
)
#: what the names of things that run jobs look like, and of what closes whatever it is
_OURS = regex(r"worker|boss|queue|consumer|processor|agenda|\bjobs?\b", re.IGNORECASE)
_ENDS = regex(
    r"\.?(?:\$?disconnect|close\w*|stop\w*|shut_?down\w*|destroy\w*|drain\w*|quit|teardown\w*|terminate\w*|dispose\w*)$", re.IGNORECASE
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that runs jobs in processes of one's own."""
    for system in _SYSTEMS:
        running = _running(evidence, system)
        if not running:
            continue
        closed, unclear, listens = _closings(evidence, system)
        if closed is not None:
            yield Pass(closed)
        elif unclear is not None:
            yield unclear
        else:
            heard = "what listens for it does not wait for them" if listens is not None else "nothing listens for it"
            title, ends = SYSTEMS[system].title, SYSTEMS[system].closes[0]
            message = f"SIGTERM ends the workers of {title} in the middle of their jobs: {heard}, and nothing calls `{ends}()`."
            others = (*((listens,) if listens is not None else ()), *spots(running[1:]))
            yield Fail(spot(running[0]), message, (system,), others, confidence="certain" if listens is None else "likely")


def _running(evidence: Evidence, system: str) -> list[Item]:
    """What in code works jobs off."""
    workers: list[Item] = [w for w in evidence.of(Worker, system) if not w.command]
    jobs: list[Item] = [j for j in evidence.of(Job, system) if j.handler is not None]
    return [i for i in workers or jobs if i.language != "python"]


def _closings(evidence: Evidence, system: str) -> tuple[Spot | None, Undecided | None, Spot | None]:
    """Where a signal closes the workers; why that cannot be told; and what listens for a signal at all."""
    for path in evidence.containing(*_NEST):
        return Spot(path, 1, "`enableShutdownHooks` closes the workers"), None, None
    unclear: Undecided | None = None
    listens: Spot | None = None
    for view, call, handler in _listeners(evidence):
        where = spot(view.source.location(call), "listens for a signal")
        listens = listens or where
        if handler is None:
            unclear = unclear or Undecided("what is done at a signal could not be followed", where)
            continue
        for reached in evidence.bodies.calls(*handler):
            closes = _closes(reached, system)
            if closes:
                at = spot(reached.view.source.location(reached.node, at=reached.callee), f"`{reached.written}` at a signal")
                return at, None, listens
            if closes is None:
                unclear = unclear or Undecided(f"whether `{reached.written}` closes the workers could not be told", where)
    closed = _closed_somewhere(evidence, system) if unclear is None else None
    if closed is not None:
        unclear = Undecided(f"whether a signal leads to {closed.what} could not be told", closed)
    package = evidence.package(*_PACKAGES) if listens is None else None
    if package is not None:
        unclear = Undecided(f"{package.what} may close the workers at a signal", package)
    return None, unclear, listens


def _closes(call: Reached, system: str) -> bool | None:
    """Whether a call lets the jobs of the system end; None where that cannot be told."""
    name = call.written.rpartition(".")[2]
    if not _ENDS.search(call.written) or isinstance(call.meaning, Defined):
        return False
    key = call.meaning.key
    if key.startswith((f"{system}.", f"@nestjs/{system}.")):
        return name in SYSTEMS[system].closes
    if key and not key.startswith("?"):
        # Something of another package; of NestJS's application it is known only with its hooks.
        return None if key.startswith("@nestjs/") else False
    around = enclosing(call.node, ("call_expression", "for_in_statement"))
    said = call.written if around is None else call.view.source.text(around)[:200]
    return True if name in SYSTEMS[system].closes and _OURS.search(said) else None


def _closed_somewhere(evidence: Evidence, system: str) -> Spot | None:
    """A call that closes something that runs jobs, whoever calls it: a hook of a framework, or a method of one's own."""
    names = SYSTEMS[system].closes
    for path in evidence.containing(*(f".{name}".encode() for name in names)):
        view = evidence.bodies.view(path)
        for call in view.source.nodes("call_expression") if not view.source.is_python else ():
            callee = callee_of(call)
            written = view.source.text(callee) if callee is not None else ""
            if callee is None or written.rpartition(".")[2] not in names:
                continue
            key = view.evaluator.of(view.source, callee).key
            named = not key or key.startswith("?") or path in key
            if key.startswith((f"{system}.", f"@nestjs/{system}.")) or (named and _OURS.search(written)):
                return spot(view.source.location(call, at=callee), f"`{' '.join(written.split())}()`")
    return None


def _listeners(evidence: Evidence) -> Iterator[tuple[View, Node, tuple[View, Node] | None]]:
    """Every place that listens for a signal, and the function that is then called where it was found."""
    for path in evidence.containing(*_PROCESS) if evidence.containing(*_SIGNALS) else ():
        view = evidence.bodies.view(path)
        for call in view.source.nodes("call_expression") if not view.source.is_python else ():
            callee = callee_of(call)
            if callee is None or not _LISTENS.search(view.source.text(callee)):
                continue
            given = view.evaluator.arguments(Place(view.source, call))
            signal, handler = given.get(0), given.get(1)
            named = view.evaluator.text(signal) if isinstance(signal, Place) else ""
            if named and named.encode() not in _SIGNALS:
                continue
            meaning = view.evaluator.meaning(handler) if isinstance(handler, Place) else handler
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
                yield view, call, (evidence.bodies.view(meaning.place.source.path), meaning.place.node)
            else:
                yield view, call, None


_WORKER = 'import { Worker } from "bullmq";\nconst worker = new Worker("mail", async (job) => send(job.data));\n'
_CLOSES = 'process.on("SIGTERM", async () => {\n  await worker.close();\n  process.exit(0);\n});\n'
_BOSS = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\nawait boss.start();\n'
    'await boss.work("mail", async ([job]) => send(job.data));\nprocess.on("SIGTERM", async () => {\nSTOP  process.exit(0);\n});\n'
)

RULE = Rule(
    id="JOB801",
    name="no-graceful-shutdown",
    title="Workers that are cut off in the middle of a job",
    severity="high",
    systems=_SYSTEMS,
    what="Workers in code of one's own (BullMQ, Bull, pg-boss, Agenda, Bee-Queue) where no signal leads to `worker.close()` or "
    "`boss.stop()`.",
    why="Every deployment sends SIGTERM. Without a handler Node.js ends at once: a job is left half done, its lock runs out, and it is "
    "started again from the beginning. Measured with BullMQ: without `close()` a job was started twice, with it once.",
    how="What `process.on` is given for SIGTERM and SIGINT is followed, with the functions of the project that it calls, up to four deep. "
    "`enableShutdownHooks` of NestJS is enough. Celery, RQ, Dramatiq and other programs that handle signals themselves are left out.",
    false_alarms="A process manager that waits until the queue is empty.",
    migration="Targets with a worker of one's own want the same handler.",
    fix="unsafe",
    hint="At SIGTERM and SIGINT, have the workers end what they run, then close connections, then exit.",
    hints={
        name: f"At SIGTERM and SIGINT, await `{SYSTEMS[name].closes[0]}()` of the workers, then close connections, then exit."
        for name in _SYSTEMS
    },
    effort=Effort(30, 60, "project", "an estimate"),
    sources=("BullMQ guide, Going to production, Gracefully shut down workers", "measured with BullMQ 6.7"),
    examples=(
        Example("bullmq", bad={"work.ts": _WORKER}, good={"work.ts": _WORKER + _CLOSES}),
        Example("pg-boss", bad={"work.ts": _BOSS.replace("STOP", "")}, good={"work.ts": _BOSS.replace("STOP", "  await boss.stop();\n")}),
    ),
    check=check,
    related=("JOB803",),
    absence=True,
)
