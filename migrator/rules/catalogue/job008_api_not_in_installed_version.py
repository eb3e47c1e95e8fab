"""JOB008: code for another version than the one that is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from migrator.jobs import Client, Enqueue, Item, Job, Schedule, Setting, Worker
from migrator.jobs.findings import Severity, Spot
from migrator.rules.evidence import Evidence, spot
from migrator.rules.installed import majors
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.files import area_of
from migrator.syntax.tree import callee_of, field
from migrator.systems import SYSTEMS
from migrator.systems.facts import System
from migrator.systems.removed import Removed

_SYSTEMS = ("bullmq", "pg-boss", "inngest", "celery", "rq")
_SEVERITIES: dict[str, Severity] = {"whether jobs run": "critical", "how jobs run": "high", "what is kept": "medium"}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each thing that a version has removed and code still uses; or one for the system."""
    for name in _SYSTEMS:
        if name in evidence.systems:
            yield from _of_system(evidence, SYSTEMS[name])


def _of_system(evidence: Evidence, system: System) -> Iterator[Outcome]:
    wrong = False
    for removed in system.removed:
        used = list(dict.fromkeys(_uses(evidence, system.name, removed)))
        broken = [(what, where) for what, where, language in used if _is_gone(evidence, system, removed, where.path, language)]
        unclear = next((w for _, w, language in used if _is_gone(evidence, system, removed, w.path, language) is None), None)
        for what in dict.fromkeys(what for what, _ in broken):
            wrong = True
            yield _fail(evidence, system, removed, what, [where for w, where in broken if w == what])
        if unclear is not None:
            wrong = True
            reason = f"which version of {system.title} is installed is not known, and version {removed.since} has no `{unclear.what}`"
            yield Undecided(reason, unclear)
    item = next(iter(chain(*(evidence.of(kind, system.name) for kind in (Client, Enqueue, Job, Worker)))), None)
    if not wrong and item is not None and _written(evidence, system, item.location.path, item.language):
        yield Pass(spot(item, "nothing that the installed version does not know"))


def _fail(evidence: Evidence, system: System, removed: Removed, what: str, places: list[Spot]) -> Fail:
    version = _written(evidence, system, places[0].path, "python" if places[0].path.endswith(".py") else "typescript")
    since = f"since version {removed.since}" if removed.since else "in any version"
    ignored = "takes no notice of" if removed.outcome == "ignored" else "does not know"
    message = f"{system.title} {version} {ignored} `{what}` ({since}): {removed.effect}."
    fix = f"Write {removed.instead}."
    return Fail(places[0], message, (system.name,), tuple(places[1:]), severity=_SEVERITIES[removed.matters], fix=fix)


def _uses(evidence: Evidence, system: str, removed: Removed) -> Iterator[tuple[str, Spot, str]]:
    """(what is used, where, in which language)."""
    match removed.form:
        case "import" | "method":
            for reference in evidence.inventory.references:
                said = reference.target if removed.form == "import" else reference.detail
                wanted = "import" if removed.form == "import" else "attribute"
                path = reference.location.path
                if reference.system == system and reference.form == wanted and said in removed.names and not area_of(path):
                    name = said.rpartition(".")[2] if not path.endswith(".py") else said
                    yield name, Spot(path, reference.location.line, name), _language(path)
        case "option":
            items = chain(*(evidence.of(kind, system) for kind in (Enqueue, Schedule, Job, Worker, Client, Setting)))
            for item in items:
                for name in removed.names:
                    if name in item.options or (name == "repeat" and _is_added(evidence, item)):
                        yield name, spot(item, name), item.language
        case "signature":
            for job in evidence.of(Job, system):
                if job.form in removed.names:
                    yield f"createFunction(…)` with `{job.form}", spot(job, job.form), job.language
        case "command":
            for worker in evidence.of(Worker, system):
                found = next((m for name in removed.names if (m := re.search(name, worker.command))), None)
                if found is not None:
                    yield f"{found[0]} -A", spot(worker, worker.command), "python"


def _is_added(evidence: Evidence, item: Item) -> bool:
    """True for a schedule that `add` makes, which it does by its `repeat`."""
    call = evidence.node(item.location.path, item.entry) if isinstance(item, Schedule) else None
    name = field(callee_of(call), "property")
    return name is not None and name.text == b"add"


def _language(path: str) -> str:
    return "python" if path.endswith((".py", ".pyi")) else "typescript"


def _written(evidence: Evidence, system: System, path: str, language: str) -> str:
    package = next(iter(system.pypi if language == "python" else system.npm), "")
    return evidence.versions.of(path, package) if package else ""


def _is_gone(evidence: Evidence, system: System, removed: Removed, path: str, language: str) -> bool | None:
    """True where every version that the manifest allows is without it; None where that is not said."""
    if removed.since == 0:
        return True
    allowed = majors(_written(evidence, system, path, language))
    if allowed is None:
        return None
    low, high = allowed
    if low >= removed.since:
        return True
    return False if high is not None and high < removed.since else None


_REPEAT = (
    'import { Queue } from "bullmq";\nconst news = new Queue("news", { connection: { host: "redis" } });\n'
    "export const start = () => LINE;\n"
)
_BULLMQ = {"package.json": '{"dependencies": {"bullmq": "^6.7.0"}}\n'}
_BOSS = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'boss.work("mail", { OPTION }, async ([job]) => send(job.data));\n'
)
_PG_BOSS = {"package.json": '{"dependencies": {"pg-boss": "^12.35.0"}}\n'}
_INNGEST = {"package.json": '{"dependencies": {"inngest": "^4.24.0"}}\n'}
_FUNCTION = (
    'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\n'
    "export const bill = inngest.createFunction(WHEN, async ({ event }) => charge(event.data.id));\n"
)

RULE = Rule(
    id="JOB008",
    name="api-not-in-installed-version",
    title="Code for another version than the one that is installed",
    severity="critical",
    systems=_SYSTEMS,
    what="Imports, methods, options, signatures and command lines that the installed version of a system has no more: BullMQ's `repeat`, "
    "`debounce` and `QueueScheduler`, pg-boss's `teamSize`, `expireInHours` and their kind, Inngest's `createFunction` with three "
    "arguments and `EventSchemas`, `celery.task`, RQ's `Connection`.",
    why="What is refused is seen on the first day. What is ignored is not: measured with BullMQ 6.7.0, `repeat` in `add` made one ordinary "
    "job that ran at once, no schedule and no error; measured with pg-boss 12.31.0, `teamSize` and `expireInHours` were taken and had no "
    "effect.",
    how="What each version removed is a fact of the system (`migrator/systems/*_removed.py`). It is a finding where every version that the "
    "nearest manifest allows is without it; where the manifest allows both, or says nothing, the answer is unknown. Whether jobs run "
    "at all is critical, how they run high, what is kept of them medium.",
    false_alarms="A fork or a wrapper of one's own under the same package name.",
    migration="A move starts from what the code does, not from what it says: a schedule that does not run has to be asked about first.",
    fix="unsafe",
    hint="Write what the installed version knows instead.",
    effort=Effort(10, 60, "place", "an estimate"),
    sources=(
        "read in bullmq 3.15.8 to 6.7.0, pg-boss 9.0.3 to 12.35.0, rq 1.16.2 and 2.0.0",
        "run with bullmq 6.7.0, pg-boss 12.31.0, inngest 4.24.0, celery 5.7.0",
    ),
    examples=(
        Example(
            "bullmq",
            bad={"news.ts": _REPEAT.replace("LINE", 'news.add("daily", {}, { repeat: { pattern: "0 8 * * *" } })'), **_BULLMQ},
            good={
                "news.ts": _REPEAT.replace("LINE", 'news.upsertJobScheduler("daily", { pattern: "0 8 * * *" }, { name: "daily" })'),
                **_BULLMQ,
            },
        ),
        Example(
            "pg-boss",
            bad={"mail.ts": _BOSS.replace("OPTION", "teamSize: 10"), **_PG_BOSS},
            good={"mail.ts": _BOSS.replace("OPTION", "localConcurrency: 10"), **_PG_BOSS},
        ),
        Example(
            "inngest",
            bad={"bill.ts": _FUNCTION.replace("WHEN", '{ id: "bill" }, { event: "order/paid" }'), **_INNGEST},
            good={"bill.ts": _FUNCTION.replace("WHEN", '{ id: "bill", triggers: { event: "order/paid" } }'), **_INNGEST},
        ),
        Example(
            "celery",
            bad={
                "tasks.py": "from celery.task import task\n\n\n@task\ndef send(to):\n    deliver(to)\n",
                "requirements.txt": "celery==5.7.0\n",
            },
            good={
                "tasks.py": "from celery import shared_task\n\n\n@shared_task\ndef send(to):\n    deliver(to)\n",
                "requirements.txt": "celery==5.7.0\n",
            },
        ),
    ),
    check=check,
    related=("JOB006",),
)
