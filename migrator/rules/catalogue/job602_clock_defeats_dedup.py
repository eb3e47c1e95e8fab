"""JOB602: an id that is never the same twice keeps nothing out."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.rules.evidence import Evidence, spot
from migrator.rules.job_ids import WITH_IDS, job_id
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each enqueue whose id says what the job is about."""
    for enqueue in evidence.of(Enqueue, *WITH_IDS):
        found = job_id(enqueue)
        if found is None or not found.business:
            continue
        if found.clock or found.chance:
            varying = "the clock" if found.clock else "chance"
            message = f"The id `{found.text}` has {varying} in it: it is never the same twice, so that a double click makes two jobs."
            yield Fail(spot(enqueue), message, (enqueue.system,))
        else:
            yield Pass(spot(enqueue, f"the id `{found.text}` is the same for the same thing"))


_CODE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'
    'export const tell = (user: User) => mails.add("news", { id: user.id }, { jobId: ID, removeOnComplete: true });\n'
)

RULE = Rule(
    id="JOB602",
    name="clock-defeats-dedup",
    title="Job ids that are never the same twice",
    severity="medium",
    systems=WITH_IDS,
    what="An id that names what a job is about, and has the time or a random part as well.",
    why="An id is there to keep a second job of the same kind out: a double click, a repeated webhook, a request that is tried again. "
    "With the clock in it, it does nothing but make each job's name unique, which the system does by itself.",
    how="The parts of the expression that vary, as for JOB601.",
    false_alarms="Runs that somebody starts by hand and means to have twice.",
    migration="As it keeps nothing out, nothing is lost when it is left out.",
    fix="none",
    hint="Leave the time out, or round it to the span in which two count as one.",
    effort=Effort(10, 20, "place", "an estimate"),
    sources=("BullMQ guide, Deduplication", "ten of ten ids with `Date.now()` in a sample of public code were of this form"),
    examples=(
        Example(
            "bullmq",
            bad={"tell.ts": _CODE.replace("ID", "`news-${user.id}-${Date.now()}`")},
            good={"tell.ts": _CODE.replace("ID", "`news-${user.id}`")},
        ),
    ),
    check=check,
    related=("JOB601",),
)
