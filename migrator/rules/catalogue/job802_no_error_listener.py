"""JOB802: an error of the queue itself reaches nobody, or ends the process."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Client, Item, Worker
from migrator.jobs.findings import Severity, Spot
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.syntax.tree import callee_of, field, walk

_LISTENS = frozenset(("on", "once", "addListener", "prependListener"))
_MARKERS = (b'"error"', b"'error'", b"`error`")
#: system -> what becomes of an error that nobody listens for, and how bad that is
_WITHOUT: dict[str, tuple[str, Severity]] = {
    "pg-boss": ("the first error inside pg-boss, such as a lost connection, ends the process", "high"),
    "bullmq": ("an error of a worker is printed, and reaches no log and no alarm", "low"),
}
#: what stands in a file that has to do with the system
_MENTIONS = {"pg-boss": b"boss", "bullmq": b"worker"}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system, as one listener somewhere tells that it was thought of."""
    for system, (consequence, severity) in _WITHOUT.items():
        made = _made(evidence, system)
        if not made:
            continue
        listener, unclear = _listeners(evidence, system)
        if listener:
            yield Pass(listener)
        elif unclear is not None:
            yield Undecided("an error is listened for on something that is only known at run time", unclear)
        else:
            yield Fail(spot(made[0]), f"Nothing listens for `error`: {consequence}.", (system,), spots(made[1:]), severity=severity)


def _made(evidence: Evidence, system: str) -> list[Item]:
    """What code makes that emits errors."""
    items = evidence.of(Client, system) if system == "pg-boss" else evidence.of(Worker, system)
    return [i for i in items if i.language != "python" and not (isinstance(i, Worker) and (i.command or i.service))]


def _listeners(evidence: Evidence, system: str) -> tuple[Spot | None, Spot | None]:
    """Where an error of the system is listened for, and where it may be."""
    unclear: Spot | None = None
    for path in evidence.containing(*_MARKERS):
        view = evidence.bodies.view(path)
        for call in walk(view.source.root, ("call_expression", "decorator")):
            callee = callee_of(call)
            name = field(callee, "property") or callee
            given = next(iter(getattr(field(call, "arguments"), "named_children", [])), None)
            if callee is None or name is None or given is None or view.source.text(given).strip("\"'`") != "error":
                continue
            written, key = view.source.text(name), view.evaluator.of(view.source, callee).key
            where = spot(view.source.location(call, at=name), "listens for errors")
            if written == "OnWorkerEvent" or (written in _LISTENS and _is_of(key, system)):
                return where, None
            if written in _LISTENS and key.startswith("?") and _MENTIONS[system] in view.source.data.lower():
                unclear = unclear or where
    return None, unclear


def _is_of(key: str, system: str) -> bool:
    return key.startswith((f"{system}.", f"@nestjs/{system}."))


_BOSS = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\nLINEawait boss.start();\n'
    'await boss.createQueue("mail");\nawait boss.work("mail", async ([job]) => send(job.data));\n'
)
_WORKER = 'import { Worker } from "bullmq";\nconst worker = new Worker("mail", async (job) => send(job.data));\nLINE'

RULE = Rule(
    id="JOB802",
    name="no-error-listener",
    title="Nobody listens for errors of the queue itself",
    severity="high",
    systems=tuple(_WITHOUT),
    what="An application with pg-boss, or with workers of BullMQ, in which no code listens for the event `error`.",
    why="Both are event emitters, and in Node.js an `error` without a listener is thrown. Measured with pg-boss 12: the process ended with "
    "`ERR_UNHANDLED_ERROR` at the first internal error, and the web server in it too. BullMQ catches it and prints it; the finding is "
    "then a small one.",
    how='Calls of `.on("error", …)` whose receiver leads to the system. Where a receiver cannot be followed, the answer is unknown.',
    false_alarms="An instance that a helper outside this code makes and listens to.",
    migration="The clients of targets want such a listener as well.",
    fix="safe",
    hint='Add `.on("error", (error) => logger.error(error))` to it, and to each worker.',
    effort=Effort(5, 5, "place", "an estimate"),
    sources=("measured with pg-boss 12.35 and BullMQ 6.7", "pg-boss documentation, Events", "BullMQ guide, Going to production"),
    examples=(
        Example(
            "pg-boss",
            bad={"work.ts": _BOSS.replace("LINE", "")},
            good={"work.ts": _BOSS.replace("LINE", 'boss.on("error", (error) => console.error(error));\n')},
        ),
        Example(
            "bullmq",
            bad={"work.ts": _WORKER.replace("LINE", "")},
            good={"work.ts": _WORKER.replace("LINE", 'worker.on("error", (error) => console.error(error));\n')},
        ),
    ),
    check=check,
    absence=True,
)
