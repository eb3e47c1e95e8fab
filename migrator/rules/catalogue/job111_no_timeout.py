"""JOB111: a job that may run for ever."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job, Setting, Worker, literal_of
from migrator.jobs.findings import Spot
from migrator.rules.celery_configuration import settings_away
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.bodies import Reached

#: systems that let a job run for as long as it likes, and have no option for a limit
_ENDLESS = ("bullmq", "bull", "huey", "procrastinate", "graphile-worker")
#: calls that wait for an answer without an end, unless they are told otherwise
_WAITING = frozenset(
    (
        *(f"requests.{method}" for method in ("get", "post", "put", "patch", "delete", "head", "request")),
        *(f"axios.default.{method}" for method in ("get", "post", "put", "patch", "delete", "head", "request")),
        "axios.default",
        "urllib.request.urlopen",
    )
)
#: parts of a call that give it an end, or may do so
_ENDS = (b"timeout", b"signal", b"**", b"...")
#: settings under which everything is said somewhere else
_ELSEWHERE = ("task_annotations", "task_time_limit", "task_soft_time_limit")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all Celery tasks, and one for all calls without an end in the jobs of each other system."""
    yield from _celery(evidence)
    for system in _ENDLESS:
        yield from _calls(evidence, system)


def _celery(evidence: Evidence) -> Iterator[Outcome]:
    jobs = evidence.of(Job, "celery")
    endless = [job for job in jobs if job.timeout is None]
    if not jobs:
        return
    settings = evidence.of(Setting, "celery")
    general = next((s for s in settings if literal_of(s.options.get("key")) in _ELSEWHERE or "TIME_LIMIT" in s.name.upper()), None)
    limited = next((w for w in evidence.of(Worker, "celery") if {"time-limit", "soft-time-limit"} & w.options.keys()), None)
    if not endless:
        yield Pass(spot(jobs[0], "every task has a time limit"))
    elif limited is not None:
        yield Pass(spot(limited, "the worker's command line has a time limit"))
    elif general is not None:
        yield Undecided("whether the settings give each task a time limit is only known at run time", spot(general))
    elif (away := settings_away(evidence)) is not None:
        yield Undecided("the settings of Celery were not found", spot(away))
    else:
        message = f"{len(endless)} of {len(jobs)} tasks have no time limit: one that hangs holds its worker until somebody restarts it."
        yield Fail(spot(endless[0]), message, ("celery",), spots(endless[1:]))


def _calls(evidence: Evidence, system: str) -> Iterator[Outcome]:
    places: dict[tuple[str, int], Spot] = {}
    ended: Job | None = None
    for job in evidence.of(Job, system):
        for call in evidence.calls(job):
            if call.meaning.key not in _WAITING:
                continue
            if _has_no_end(evidence, call):
                where = spot(call.view.source.location(call.node, at=call.callee), f"`{call.written}`")
                places.setdefault((where.path, where.line), where)
            else:
                ended = ended or job
    if places:
        first, *others = places.values()
        message = (
            f"{len(places)} calls in jobs wait for an answer without an end: if none comes, the job runs for ever and holds its place."
        )
        yield Fail(first, message.replace("1 calls in jobs wait", "1 call in jobs waits"), (system,), tuple(others))
    elif ended is not None:
        yield Pass(spot(ended, "its calls of other services have a limit"))


def _has_no_end(evidence: Evidence, call: Reached) -> bool:
    written = call.node.text or b""
    if any(part in written for part in _ENDS) or evidence.containing(b"axios.defaults", b"setdefaulttimeout"):
        return False
    # Options in a variable may hold a limit.
    given = [place for key, place in call.arguments().items() if key not in (0, 1) or call.meaning.key == "axios.default"]
    return not given or not call.meaning.key.startswith("axios")


_TASK = "import requests\nfrom celery import shared_task\n\n@shared_taskLIMIT\ndef fetch(url):\n    return requests.get(url).text\n"
_WORKER = (
    'import axios from "axios";\nimport { Worker } from "bullmq";\n\nnew Worker("rates", async (job) => {\n'
    "  const { data } = await axios.get(job.data.urlLIMIT);\n  return data.rate;\n});\n"
)

RULE = Rule(
    id="JOB111",
    name="no-timeout",
    title="Jobs that may run for ever",
    severity="high",
    systems=("celery", *_ENDLESS),
    what="Celery tasks without a time limit: their own, of the settings, or of the worker's command line. On systems that have none "
    "(BullMQ, Bull, Huey, Procrastinate, Graphile Worker): `requests`, `urlopen` and `axios` without a timeout in the body of a job.",
    why="A service that takes the connection and never answers holds the job and its place in the worker. A few of them, and nothing runs "
    "any more, though every process is alive. (RQ stops a job after 3 minutes by itself, Dramatiq after 10, pg-boss after 15.)",
    how="The settings are laid under each task; all tasks without a limit are one finding. Calls are followed from the body of a job "
    "through four functions of the project. `fetch` is no finding: Node ends it after five minutes.",
    false_alarms="Limits that are set where the repository does not show it, such as a command line in another one.",
    migration="A target with a limit of its own ends jobs that have run longer until now.",
    fix="unsafe",
    hint="Give every call of another service a timeout: nothing else ends the job.",
    hints={"celery": "Set a time limit for all (`task_time_limit`), and give every call of another service a timeout."},
    effort=Effort(30, 60, "project", "an estimate; five minutes for each call"),
    sources=("Celery user guide, Workers, Time limits", "BullMQ guide, Patterns, Timeout jobs", "Ruff, S113"),
    examples=(
        Example(
            "celery",
            bad={"tasks.py": _TASK.replace("LIMIT", "")},
            good={"tasks.py": _TASK.replace("LIMIT", "(time_limit=120, soft_time_limit=100)")},
        ),
        Example(
            "bullmq",
            bad={"rates.ts": _WORKER.replace("LIMIT", "")},
            good={"rates.ts": _WORKER.replace("LIMIT", ", { timeout: 10_000 }")},
        ),
    ),
    check=check,
    absence=True,
    related=("JOB112",),
)
