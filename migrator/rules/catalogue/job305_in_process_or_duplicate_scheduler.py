"""JOB305: a clock that ticks in every replica, or twice."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Job, Schedule, Worker
from migrator.regex import regex
from migrator.rules.chosen_process import asked, chosen
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.one_run import kept_single
from migrator.rules.replicas import Replicated, replicated
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS

_IN_PROCESS = tuple(name for name, system in SYSTEMS.items() if system.in_process)
#: how code picks the one process in which the clock ticks
_CHOSEN = regex(
    rb"leader(?!_?board)|isPrimary|isMaster|NODE_APP_INSTANCE|pm_id|INSTANCE_(?:ID|INDEX)|redlock|advisory|BlockingScheduler|fcntl",
    re.IGNORECASE,
)
#: what starts a program of Node's, near the place that says how often it runs
_NODE = regex(rb"\bnode\b|\bnpm\b|\byarn\b|\bpnpm\b|\bbun\b|\btsx\b|dist/|ecosystem|script\s*:|^\s*build\s*:", re.MULTILINE)
#: files that are followed from the module of a web server at most
_FILES = 600


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all schedules in a process that may run several times, and one for each clock of Celery's."""
    yield from _in_process(evidence)
    yield from _celery(evidence)


def _in_process(evidence: Evidence) -> Iterator[Outcome]:
    jobs = {job.name: job for job in evidence.of(Job, *_IN_PROCESS)}
    by_file: defaultdict[tuple[str, str], list[Schedule]] = defaultdict(list)
    for schedule in evidence.of(Schedule, *_IN_PROCESS):
        by_file[schedule.system, schedule.location.path].append(schedule)
    processes = list(replicated(evidence)) if by_file else []
    for (system, path), schedules in by_file.items():
        if evidence.said(path, _CHOSEN):
            yield Pass(spot(schedules[0], "is started in one process only"))
            continue
        anywhere = [s for s in schedules if not chosen(evidence, s, jobs.get(s.job_name))]
        if not anywhere:
            yield Pass(spot(schedules[0], "is started in one process only"))
            continue
        loose = [s for s in anywhere if kept_single(evidence, s, jobs.get(s.job_name)) is None]
        if not loose:
            yield Pass(spot(anywhere[0], "a lock lets one process run it"))
            continue
        process = next((p for p in processes if _runs(evidence, p, path)), None)
        if process is None:
            yield Undecided("how many processes have the schedules of a file is not known", spot(loose[0]))
            continue
        condition = asked(evidence, path)
        if condition is not None:
            yield Undecided(
                f"whether {condition.what} picks the process that holds `{loose[0].name or loose[0].job_name}` is not told", condition
            )
            continue
        names = ", ".join(f"`{s.name or s.job_name}`" for s in loose[:3]) + (f" and {len(loose) - 3} more" if len(loose) > 3 else "")
        times = f"{process.times} times" if process.times else "once for each core"
        message = (
            f"The process that holds the schedule of {names} runs {times} ({process.spot.path}:{process.spot.line}): each of them fires."
        )
        yield Fail(spot(loose[0]), message, (system,), (process.spot, *spots(loose[1:])), confidence="likely")


def _runs(evidence: Evidence, process: Replicated, path: str) -> bool:
    """True if a replicated process loads the file `path`, as far as can be told."""
    if path.endswith(".py"):
        return bool(process.module) and _is_imported(evidence, process.module, path)
    packages = [posixpath.dirname(p) for p in evidence.tree.sizes if posixpath.basename(p) == "package.json"]
    return _NODE.search(process.text) is not None and _nearest(packages, path) == _nearest(packages, process.spot.path)


def _nearest(folders: list[str], path: str) -> str:
    return max((f for f in folders if not f or path.startswith(f"{f}/")), key=len, default="")


def _is_imported(evidence: Evidence, module: str, path: str) -> bool:
    """True if the module of a web server imports the file, in however many steps."""
    ends = (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py")
    pending = [p for p in evidence.tree.sizes if p.endswith(ends)]
    seen: set[str] = set(pending)
    project = evidence.bodies.view(path).project
    while pending and len(seen) < _FILES:
        current = pending.pop()
        if current == path:
            return True
        for taken in project.imports(current).taken:
            for name in (taken.module, f"{taken.module}.{taken.member}"):
                target = project.resolve(current, name)
                if target and target not in seen:
                    seen.add(target)
                    pending.append(target)
    return path in seen


def _celery(evidence: Evidence) -> Iterator[Outcome]:
    """Clocks of Celery's that stand in one file, which is one deployment."""
    workers = evidence.of(Worker, "celery")
    if evidence.package("celery-redbeat") is not None or any("redbeat" in w.command.lower() for w in workers):
        return
    by_file: defaultdict[str, list[Worker]] = defaultdict(list)
    for worker in workers:
        if (worker.role == "scheduler" or "beat" in worker.options) and "$" not in worker.service:
            by_file[worker.location.path].append(worker)
    for path, clocks in by_file.items():
        services = {(clock.service, _app(clock)) for clock in clocks}
        built_in = [clock for clock in clocks if "beat" in clock.options]
        several = (
            [p for p in replicated(evidence) if p.spot.path == path and p.service in {c.service for c in built_in}] if built_in else []
        )
        # Two clocks of one service are two ways to start it, as a file for development has them.
        if len(services) > 1 and len({_app(clock) for clock in clocks}) == 1 and _is_deployment(path):
            names = " and ".join(f"`{clock.service}`" for clock in clocks)
            yield Fail(
                spot(clocks[0]), f"{names} are clocks of one application: every schedule fires twice.", ("celery",), spots(clocks[1:])
            )
        elif built_in and several:
            message = (
                f"`{built_in[0].service}` is a worker and a clock, and runs {several[0].times} times: every schedule fires that often."
            )
            yield Fail(spot(built_in[0]), message, ("celery",), (several[0].spot,))
        elif built_in:
            yield Undecided("a worker is the clock as well (`-B`): how many of it run is not known", spot(built_in[0]))
        else:
            yield Pass(spot(clocks[0], "one clock"))


def _app(clock: Worker) -> str:
    return str(clock.options.get("app"))


def _is_deployment(path: str) -> bool:
    """True for a file all of whose processes run side by side."""
    name = posixpath.basename(path)
    return name.startswith("Procfile") or (name.endswith((".yml", ".yaml")) and "compose" in name) or "supervisor" in name


_CRON = (
    'import cron from "node-cron";\nimport express from "express";\nimport { charge } from "./charge";\n'
    'cron.schedule("0 3 * * *", async () => {\n  BODY\n});\nexpress().listen(8080);\n'
)
_PACKAGE = '{"name": "shop", "dependencies": {"node-cron": "^3.0.0"}}'
_PM2 = 'module.exports = { apps: [{ name: "shop", script: "dist/server.js",\n  instances: 4,\n}] };\n'
_PROCFILE = "web: gunicorn shop.wsgi\nworker: celery -A shop worker EXTRA\nclock: celery -A shop beat\n"

RULE = Rule(
    id="JOB305",
    name="in-process-or-duplicate-scheduler",
    title="Schedules that fire in every replica",
    severity="high",
    systems=(*_IN_PROCESS, "celery"),
    what="A schedule that a timer of the process itself fires ("
    + ", ".join(SYSTEMS[s].title for s in _IN_PROCESS)
    + "), in a process that "
    "runs several times; two clocks of Celery's in one deployment, or a worker with `-B` that runs several times.",
    why="Nothing tells the replicas of each other: with four workers behind a web server the mail goes out four times. It shows when the "
    "application is first scaled, which is seldom the day on which the schedule was written.",
    how="`--workers` of gunicorn and uvicorn, `instances` of pm2, `replicas` and `scale` in files that start processes. In Python the "
    "modules that the web server loads are followed to the schedule; in Node both stand in one package. A server that preloads the "
    "application starts its timers once. A lock in the job, code that picks a leader, and a condition on the environment around the "
    "schedule are believed. Where a condition stands elsewhere, or it is not known how often the process runs, the "
    "answer is unknown.",
    false_alarms="Jobs that do the same whether they run once or four times.",
    migration="Schedules of the system (BullMQ's job schedulers, `boss.schedule`, Inngest's crons) fire once, in however many processes.",
    fix="none",
    hint="Let the job system keep the schedule, or start the clock in a process of its own that runs once.",
    effort=Effort(60, 180, "project", "an estimate"),
    sources=(
        "Celery user guide, Periodic Tasks: only a single scheduler",
        "django-apscheduler, README",
        "fastapi/fastapi discussion 10603",
    ),
    examples=(
        Example(
            "node-cron",
            bad={"package.json": _PACKAGE, "ecosystem.config.js": _PM2, "src/server.js": _CRON.replace("BODY", "await charge();")},
            good={
                "package.json": _PACKAGE,
                "ecosystem.config.js": _PM2,
                "src/server.js": _CRON.replace("BODY", 'await redlock.using(["charge"], 60_000, () => charge());'),
            },
        ),
        Example(
            "celery",
            bad={"Procfile": _PROCFILE.replace("EXTRA", "-B"), "shop/tasks.py": "from celery import shared_task\n"},
            good={"Procfile": _PROCFILE.replace(" EXTRA", ""), "shop/tasks.py": "from celery import shared_task\n"},
        ),
    ),
    check=check,
    left_behind=True,
    stays_on=("docker-cron", "huey", "rq", "taskiq"),
    related=("JOB303",),
)
