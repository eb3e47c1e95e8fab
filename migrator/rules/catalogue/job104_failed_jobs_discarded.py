"""JOB104: a job that failed is deleted with all that it held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.jobs import Client, Enqueue, Item, Job, Literal, Schedule, Value, Worker
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.failure_paths import dead_letter, hook, tracker, unclear
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided

#: system -> the option that says how long a failed job is kept
_OPTIONS = {"bullmq": "removeOnFail", "bull": "removeOnFail", "rq": "failure_ttl"}
#: the same within options that are not known as a whole
_AT_ONCE = regex(r"\bremoveOnFail\s*:\s*(?:true|0)\s*(?:[,}]|$)")
_NAMED = regex(r"\bremoveOnFail\b")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system in which something says how long failed jobs are kept."""
    for system, option in _OPTIONS.items():
        said = [(item, deleted) for item, deleted in _said(evidence, system, option) if deleted != ""]
        deleting = [item for item, deleted in said if deleted is True]
        if deleting:
            yield _fail(evidence, system, option, deleting)
        elif doubt := next((item for item, deleted in said if deleted is None), None):
            yield Undecided("how long failed jobs are kept is only known at run time", spot(doubt))
        elif said:
            yield Pass(spot(said[0][0], "failed jobs are kept"))


def _fail(evidence: Evidence, system: str, option: str, deleting: list[Item]) -> Fail:
    elsewhere = dead_letter(evidence, system) or hook(evidence, system) or tracker(evidence)
    message = f"`{option}` deletes a job as soon as it has failed for good: its data and its error are gone"
    if elsewhere is None and unclear(evidence, system) is not None:
        what = f"{message}. Whether something else records them is not known."
        return Fail(spot(deleting[0]), what, (system,), spots(deleting[1:]), severity="high")
    if elsewhere is None:
        return Fail(spot(deleting[0]), f"{message}, and nothing else records them.", (system,), spots(deleting[1:]))
    others = (elsewhere, *spots(deleting[1:]))
    return Fail(
        spot(deleting[0]), f"{message}. Something hears of it, but the job cannot be run again.", (system,), others, severity="medium"
    )


def _said(evidence: Evidence, system: str, option: str) -> Iterator[tuple[Item, bool | str | None]]:
    """Every item that names the option: whether it deletes at once, None if only the run tells; the empty text for none of it."""
    for kind in (Client, Enqueue, Schedule, Worker, Job):
        for item in evidence.of(kind, system):
            # A worker is listed as a job, too.
            if isinstance(item, Job) and system != "rq":
                continue
            yield item, _deletes(item.options, option)


def _deletes(options: Mapping[str, Value], option: str) -> bool | str | None:
    defaults = options.get("defaultJobOptions")
    if defaults is not None:
        if isinstance(defaults, Literal):
            inner = defaults.value if isinstance(defaults.value, dict) else {}
            return _at_once(inner[option]) if option in inner else ""
        return True if _AT_ONCE.search(defaults.source) else None if _NAMED.search(defaults.source) else ""
    if option not in options:
        return ""
    value = options[option]
    return _at_once(value.value) if isinstance(value, Literal) else None


def _at_once(value: object) -> bool:
    """True for what keeps nothing: `true`, 0, or a count of 0."""
    if isinstance(value, dict):
        return value.get("count") == 0 and "age" not in value
    return value is True or (value == 0 and value is not False)


_QUEUE = (
    'import { Queue, Worker } from "bullmq";\n'
    'export const mails = new Queue("mail", { defaultJobOptions: { attempts: 3, removeOnFail: KEEP } });\n'
    'new Worker("mail", async (job) => send(job.data));\n'
)
_RQ = (
    "from redis import Redis\nfrom rq import Queue\nfrom jobs import send\n\nQueue(connection=Redis()).enqueue(send, 1, failure_ttl=TTL)\n"
)

RULE = Rule(
    id="JOB104",
    name="failed-jobs-discarded",
    title="Failed jobs are deleted",
    severity="critical",
    systems=tuple(_OPTIONS),
    what="`removeOnFail: true`, `removeOnFail: 0` or a count of 0 in BullMQ and Bull, in a call or in the defaults of a queue; "
    "`failure_ttl=0` in RQ.",
    why="When a job has used up its attempts, its data and its error are deleted in the same moment. It can neither be looked at nor be "
    "run again, and the failure shows in no count.",
    how="The options as written, in calls, queues and workers. Where a handler for failures or an error tracker exists, the finding is "
    "medium: somebody hears of it, but the job is gone all the same; where the jobs catch errors and may record them, it is high.",
    false_alarms="Many small jobs of no worth, such as a refresh that comes again in a minute.",
    migration="pg-boss, Inngest and Celery's result backends keep failed jobs for a while: a rewrite begins to keep them.",
    fix="unsafe",
    hint="Keep some, by age or by count.",
    hints={
        **dict.fromkeys(("bullmq", "bull"), "Keep some, by age and by count: `removeOnFail: { age: 7 * 24 * 3600, count: 5000 }`."),
        "rq": "Keep them for a while: `failure_ttl=7 * 24 * 3600`.",
    },
    effort=Effort(5, 5, "place", "an estimate"),
    sources=("BullMQ guide, Auto-removal of jobs; Going to production", "RQ documentation, Results"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _QUEUE.replace("KEEP", "true")},
            good={"mail.ts": _QUEUE.replace("KEEP", "{ age: 604800, count: 5000 }")},
        ),
        Example(
            "rq",
            bad={"app.py": _RQ.replace("TTL", "0"), "jobs.py": "def send(to):\n    ...\n"},
            good={"app.py": _RQ.replace("TTL", "604800"), "jobs.py": "def send(to):\n    ...\n"},
        ),
    ),
    check=check,
    related=("JOB103",),
)
