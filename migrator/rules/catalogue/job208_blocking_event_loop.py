"""JOB208: one job keeps all others, and the worker itself, from running."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from tree_sitter import Node

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.scanners.bodies import Reached
from migrator.syntax.tree import FUNCTIONS, ancestors
from migrator.systems.event_loops import FILES, JAVASCRIPT, LONG, MARKERS, PYTHON

_SYSTEMS = (*JAVASCRIPT, *PYTHON)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each job that blocks, with every place at which it does."""
    told: set[tuple[str, int]] = set()
    clean: Job | None = None
    # A mere sieve: what blocks is told by the syntax.
    written = evidence.containing(*MARKERS, comments=True)
    for job in evidence.of(Job, *_SYSTEMS):
        found = evidence.handler(job)
        if found is None or not _in_a_loop(job, found[1]):
            continue
        calls = [c for c in evidence.calls(job) if not _is_apart(c, found[1])] if written else []
        long = [c for c in calls if LONG.fullmatch(c.meaning.key)]
        files = [c for c in calls if FILES.fullmatch(c.meaning.key)]
        new = [c for c in (*long, *files) if _place(c) not in told]
        if new:
            told.update(_place(c) for c in new)
            yield _fail(job, new, long=any(c in long for c in new))
        elif not long and not files:
            clean = clean or job
    if clean is not None:
        yield Pass(spot(clean, "waits for nothing in a way that blocks"))


def _in_a_loop(job: Job, function: Node) -> bool:
    """True where the system runs the job's function in an event loop: every one of JavaScript, asynchronous ones of Python."""
    if job.language != "python":
        return job.system in JAVASCRIPT and not any(use.feature == "sandboxed processor" for use in job.uses)
    return job.system in PYTHON and any(c.type == "async" for c in function.children)


def _is_apart(call: Reached, function: Node) -> bool:
    """True for what stands in an ordinary function within an asynchronous one of Python: such are made to be handed to a thread."""
    if call.via or not call.view.source.is_python:
        return False
    inside = (a for a in takewhile(lambda a: a != function, ancestors(call.node)) if a.type in FUNCTIONS)
    return any(not any(c.type == "async" for c in a.children) for a in inside)


def _place(call: Reached) -> tuple[str, int]:
    return call.view.source.path, call.node.start_point.row + 1


def _fail(job: Job, calls: list[Reached], *, long: bool) -> Fail:
    first = calls[0]
    spots = [Spot(*_place(c), c.written) for c in calls]
    way = f" (by way of `{first.via[-1]}`)" if first.via else ""
    lost = "nothing else runs in the process, and the lease of the job is not renewed"
    message = f"`{job.name or job.symbol}` calls `{first.written}`{way}: until it is over, {lost}."
    return Fail(spots[0], message, (job.system,), tuple(spots[1:]), severity=None if long else "low")


_WORKER = (
    'import { Worker } from "bullmq";\nimport { execFile, execFileSync } from "node:child_process";\n'
    'import { promisify } from "node:util";\n'
    'new Worker("video", async (job) => {\n  LINE\n}, { connection: { host: "redis" } });\n'
)
_ARQ = "import httpx\nimport requests\n\n\nasync def ping(ctx, url):\n    LINE\n\n\nclass WorkerSettings:\n    functions = [ping]\n"

RULE = Rule(
    id="JOB208",
    name="blocking-event-loop",
    title="Jobs that keep everything else from running",
    severity="medium",
    systems=_SYSTEMS,
    what="In jobs that share an event loop with others: `execSync` and its kind, key derivation, files that are read and written in one "
    "go; in asynchronous Python functions `time.sleep`, `requests`, `subprocess.run`.",
    why="The loop also answers the health check, takes other jobs and renews the lease. BullMQ's lasts 30 s: a job that computes for "
    "longer is taken for lost and handed to another worker, and runs twice at once.",
    how="Calls are followed from the body of the job through four functions of the project and told by the module that they belong to. "
    "What is handed to a thread, and processors that run in a process of their own, are left out. Files alone make the finding low.",
    false_alarms="Small files, and a worker that runs in a process for one job.",
    migration="On a system with a process for each job, such as Celery, nothing else waits; the other way about everything does.",
    fix="none",
    hint="Use the asynchronous call, a sandboxed processor, or `asyncio.to_thread`.",
    effort=Effort(60, 180, "place", "an estimate"),
    sources=("BullMQ guide, Stalled jobs", "Ruff, ASYNC210, ASYNC221 and ASYNC251"),
    examples=(
        Example(
            "bullmq",
            bad={"video.ts": _WORKER.replace("LINE", 'execFileSync("ffmpeg", ["-i", job.data.file]);')},
            good={"video.ts": _WORKER.replace("LINE", 'await promisify(execFile)("ffmpeg", ["-i", job.data.file]);')},
        ),
        Example(
            "arq",
            bad={"worker.py": _ARQ.replace("LINE", "requests.get(url)")},
            good={"worker.py": _ARQ.replace("LINE", "async with httpx.AsyncClient() as client:\n        await client.get(url)")},
        ),
    ),
    check=check,
    related=("JOB112",),
)
