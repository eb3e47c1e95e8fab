"""JOB803: the signal to stop does not reach the worker."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Worker
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.deployment import stage
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided

_PACKAGE_MANAGERS = ("npm", "yarn")
#: instruction of a Dockerfile, with what is continued on further lines
_INSTRUCTION = regex(r"^[ \t]*(?P<name>CMD|ENTRYPOINT|FROM|SHELL)[ \t]+(?P<rest>(?:\\\r?\n|[^\n])*)", re.MULTILINE | re.IGNORECASE)
#: a shell that is told a command, right before the worker's own words: `sh -c "…`, `["sh", "-c", "…`, `- sh`, `- -c`, `- …`
_SHELL = regex(
    r"(?:^|[\s\"'\[/])(?P<shell>sh|ash|dash)[\"']?(?:\s*,\s*|\s+-?\s*|\s)[\"']?-[a-z]*c[\"']?(?P<before>[^\n]*(?:\n\s*-?\s*[>|]?-?\s*[^\n]*){0,3})$"
)
#: images in which `sh` is bash, which becomes the last command that it is told
_BASH = regex(r"(?:ubi\d|rockylinux|almalinux|fedora|centos|amazonlinux|oraclelinux|redhat)", re.IGNORECASE)
#: programs that pass a signal on to everything below them
_WHOLE_GROUP = regex(r"dumb-init|tini[\"', ]+-g|s6-|/init\b|supervisord|honcho|circusd")
_BY_ITSELF = "the worker is started by itself"
_WHY = {
    "manager": "{} starts the worker and does not pass SIGTERM on: the worker never hears that it should stop",
    "shell": "a shell stands before the worker and does not pass SIGTERM on: the worker never hears that it should stop",
}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each way in which a signal is lost, or one for all workers that are started in containers."""
    lost: defaultdict[str, list[Worker]] = defaultdict(list)
    for worker in evidence.of(Worker):
        path = worker.location.path
        if worker.role != "worker" or not worker.command or stage(path) == "elsewhere":
            continue
        became = _way(evidence, worker, path)
        if isinstance(became, str):
            lost[became].append(worker)
        elif became is not None:
            yield became
    for why, workers in lost.items():
        message = f"{why[:1].upper()}{why[1:]}, and is killed in the middle of its jobs when the time to stop is over."
        systems = tuple(dict.fromkeys(w.system for w in workers))
        yield Fail(spot(workers[0]), message, systems, tuple(spot(w) for w in workers[1:]), confidence="likely")


def _way(evidence: Evidence, worker: Worker, path: str) -> str | Outcome | None:
    """Why a signal is lost on the way to a worker; that it is not, or may be; None for what is started in no container."""
    text = evidence.tree.read(path).decode("utf-8", "replace")
    before = evidence.tree.read(path)[: worker.location.span.start].decode("utf-8", "replace")
    where = spot(worker)
    name = posixpath.basename(path).lower()
    if "dockerfile" in name or "containerfile" in name:
        return _in_image(text, len(before), worker, where)
    if not path.endswith((".yml", ".yaml")) or not re.search(r"^services:|^kind:|^\s+containers:", text, re.MULTILINE):
        return None
    if _manager(worker):
        return _WHY["manager"].format(f"`{_manager(worker)}`")
    told = _SHELL.search(before[-300:])
    return Pass(Spot(where.path, where.line, _BY_ITSELF)) if told is None or _becomes(told["before"]) else _WHY["shell"]


def _in_image(text: str, offset: int, worker: Worker, where: Spot) -> str | Outcome | None:
    image = ""
    init = False
    for match in _INSTRUCTION.finditer(text):
        instruction = match["name"].upper()
        if instruction == "FROM":
            image, init = match["rest"], False
        init = init or bool(_WHOLE_GROUP.search(match["rest"]))
        if not match.start() <= offset < match.end():
            continue
        exec_form = match["rest"].lstrip().startswith("[")
        if init:
            return Pass(Spot(where.path, where.line, "what starts the worker passes signals on to all"))
        if _manager(worker):
            return _WHY["manager"].format(f"`{_manager(worker)}`")
        told = _SHELL.search(text[match.start("rest") : offset]) if exec_form else None
        ahead = told["before"] if told is not None else text[match.start("rest") : offset]
        if (exec_form and told is None) or _becomes(ahead):
            return Pass(Spot(where.path, where.line, _BY_ITSELF))
        if _BASH.search(image) or "SHELL" in text:
            return Undecided("whether the shell of this image becomes the worker could not be told", where)
        return _WHY["shell"]
    return None


def _manager(worker: Worker) -> str:
    """The package manager that starts a worker; empty if none does."""
    first = worker.command.split(maxsplit=1)[0] if worker.command.strip() else ""
    return first if first in _PACKAGE_MANAGERS else ""


def _becomes(before: str) -> bool:
    """True if the shell becomes the worker, because it is told so right before the worker's words."""
    return re.search(r"\bexec\s+(?:[\w./=-]+\s+)*$", before) is not None


_TASKS = "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n"
_WORKER = 'import { Worker } from "bullmq";\nnew Worker("mail", async (job) => send(job.data));\n'
_SCRIPTS = '{"dependencies": {"bullmq": "^5.0.0"}, "scripts": {"worker": "tsx worker.ts"}}'

RULE = Rule(
    id="JOB803",
    name="signal-path-broken",
    title="The signal to stop does not reach the worker",
    severity="medium",
    systems=(),
    what="A worker in a container that is started by `npm` or `yarn`, or by a shell: the shell form of `CMD`, or `sh -c` without `exec`.",
    why="The platform sends SIGTERM to the first process alone. Measured: npm 11 ends itself and the worker hears nothing; `dash`, which "
    "is "
    "`sh` on Debian, waits for the worker and passes nothing on. After the time to stop is over (Docker 10 s, Kubernetes 30 s) everything "
    "is "
    "killed, whatever the worker would have done at SIGTERM.",
    how="The commands of workers in Dockerfiles, compose and Kubernetes files that are not for development. `exec`, the list form, bash "
    "(which becomes the last command that it is told; measured with 5.2), dumb-init, `tini -g` and s6 are right. Start scripts are not "
    "followed, and the time to stop is not compared with how long jobs take.",
    false_alarms="An image whose `sh` is bash.",
    migration="The worker of a target is started in the same place: mend it once.",
    fix="unsafe",
    hint='Start the worker itself, as a list: `CMD ["node", "dist/worker.js"]`; in a shell, put `exec` before it.',
    effort=Effort(15, 30, "place", "an estimate"),
    sources=("docker-node, Best practices, CMD", "measured with npm 11.19, dash 0.5.12 and bash 5.2"),
    examples=(
        Example(
            "celery",
            bad={"tasks.py": _TASKS, "Dockerfile": "FROM python:3.13\nCMD celery -A tasks worker\n"},
            good={"tasks.py": _TASKS, "Dockerfile": 'FROM python:3.13\nCMD ["celery", "-A", "tasks", "worker"]\n'},
        ),
        Example(
            "bullmq",
            bad={"worker.ts": _WORKER, "package.json": _SCRIPTS, "Dockerfile": 'FROM node:22\nCMD ["npm", "run", "worker"]\n'},
            good={"worker.ts": _WORKER, "package.json": _SCRIPTS, "Dockerfile": 'FROM node:22\nCMD ["node", "worker.ts"]\n'},
        ),
    ),
    check=check,
    related=("JOB801",),
)
