"""JOB603: an id that can be used once only, as the job that had it first is still there."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Literal, Value
from migrator.rules.evidence import Evidence, spot
from migrator.rules.job_ids import job_id
from migrator.rules.retention import COMPLETED, SYSTEMS, Retention, keeps
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.written_text import written_text

#: what takes a job away by its id
_TAKEN_OUT = (b".getJob(", b".remove(")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each enqueue with a `jobId`."""
    retention: Retention | None = None
    for enqueue in evidence.of(Enqueue, *SYSTEMS):
        if "jobId" not in enqueue.options or enqueue.language == "python":
            continue
        retention = retention or Retention(evidence)
        found, kept = job_id(enqueue), retention.of(enqueue, COMPLETED)
        stays = keeps(kept)
        if stays is False:
            yield Pass(spot(enqueue, "a completed job is taken out, and its id is free again"))
        elif found is None or written_text(enqueue.options["jobId"]) is None:
            # A value that was handed over may be anything, a new one each time among it.
            yield Undecided("whether two jobs get the same id is only known at run time", spot(enqueue))
        elif found.clock or found.chance:
            yield Pass(spot(enqueue, f"the id `{found.text}` is another one each time"))
        elif stays is None:
            yield Undecided("how long completed jobs are kept is only known at run time", spot(enqueue))
        elif any(call in evidence.bodies.view(enqueue.location.path).source.data for call in _TAKEN_OUT):
            yield Undecided("the code takes jobs out by their id: whether this one's is free is only known at run time", spot(enqueue))
        else:
            yield _fail(enqueue, found.text, kept)


def _fail(enqueue: Enqueue, text: str, kept: Value | None) -> Fail:
    limited = isinstance(kept, Literal) and kept.value is not False
    how_long = "for as long as the first one is kept" if limited else "for ever, as nothing takes the first one out"
    message = f"A second job with the id `{text}` is ignored without a word after the first has completed, {how_long}."
    return Fail(spot(enqueue), message, (enqueue.system,), confidence="likely", severity="medium" if limited else None)


_CODE = (
    'import { Queue } from "bullmq";\nconst reports = new Queue("report");\n'
    'export const report = (user: User) => reports.add("weekly", { id: user.id }, { jobId: `weekly-${user.name}`OPTIONS });\n'
)
_DEFAULTS = _CODE.replace("OPTIONS", "").replace('("report")', '("report", { defaultJobOptions: { removeOnComplete: true } })')

RULE = Rule(
    id="JOB603",
    name="fixed-id-with-retention",
    title="Ids that can be used only once",
    severity="critical",
    systems=SYSTEMS,
    what="A `jobId` that is the same for the same thing, with jobs that stay after they have completed: neither the call nor the queue's "
    "`defaultJobOptions` has `removeOnComplete: true`.",
    why="The id keeps a second job out for as long as the first is there, completed or not. Measured with BullMQ: the second `add` gave "
    "no error and the same id, and the job did not run; with `removeOnComplete: true` it did. What worked once for each user never works "
    "again. Where a number or an age limits what is kept, it works again some day; that is told as a smaller defect.",
    how="Ids of text and parts that vary, none of them clock or chance, and the options of the call over the queue's. Where one of them is "
    "known only at run time, or the file also takes jobs out by their id, the answer is unknown.",
    false_alarms="Jobs that are meant to run once and never again, as for a row that is made once.",
    migration="Elsewhere the same id keeps a job out only while another waits (pg-boss), or for a day (Inngest).",
    fix="unsafe",
    hint="Add `removeOnComplete: true` and decide on `removeOnFail`, or use `deduplication` with the span that is meant.",
    effort=Effort(10, 10, "place", "an estimate"),
    sources=("measured with BullMQ 6.7", "BullMQ guide, Job ids", "taskforcesh/bullmq issue 1337"),
    examples=(
        Example(
            "bullmq",
            bad={"report.ts": _CODE.replace("OPTIONS", "")},
            good={"report.ts": _CODE.replace("OPTIONS", ", removeOnComplete: true")},
        ),
        Example("bullmq", bad={"report.ts": _CODE.replace("OPTIONS", ", removeOnFail: true")}, good={"report.ts": _DEFAULTS}),
    ),
    check=check,
    left_behind=True,
    stays_on=("arq", "bee-queue"),
    related=("JOB601", "JOB602"),
)
