"""JOB601: jobs that get the same id by accident, and are dropped."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.rules.evidence import Evidence, spot
from migrator.rules.job_ids import WITH_IDS, job_id
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each enqueue with an id that can be read."""
    for enqueue in evidence.of(Enqueue, *WITH_IDS):
        found = job_id(enqueue)
        if found is None:
            continue
        if found.clock and not found.chance and not found.business:
            message = f"The id `{found.text}` is nothing but the clock: of two jobs in one tick the second is dropped without a word."
            yield Fail(spot(enqueue), message, (enqueue.system,))
        elif found.business:
            yield Pass(spot(enqueue, f"the id `{found.text}` says what the job is about"))


_CODE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'
    'export const tell = (user: User) => mails.add("news", { id: user.id }, { jobId: ID });\n'
)

RULE = Rule(
    id="JOB601",
    name="clock-only-job-id",
    title="Job ids that are nothing but the clock",
    severity="critical",
    systems=WITH_IDS,
    what="An id that makes a second enqueue a no-op (`jobId`, a deduplication id, an event's `id`, `singletonKey`) of which only the "
    "time varies.",
    why="Two jobs in the same millisecond have the same id, and the second is dropped without an error. Measured with BullMQ: of 100 "
    "jobs, 43 were kept when added one after the other, 3 when added with `Promise.all`.",
    how="The parts of the expression that vary: calls of the clock, of chance, and everything else.",
    false_alarms="Jobs that are enqueued so seldom that it cannot happen.",
    migration="What an id does differs from system to system: elsewhere the same line may drop nothing, or more.",
    fix="unsafe",
    hint="Put what the job is about into the id, or leave the id out.",
    effort=Effort(15, 15, "place", "an estimate"),
    sources=("measured with BullMQ 6.7", "BullMQ guide, Job ids"),
    examples=(
        Example(
            "bullmq",
            bad={"tell.ts": _CODE.replace("ID", "`news-${Date.now()}`")},
            good={"tell.ts": _CODE.replace("ID", "`news-${user.id}`")},
        ),
    ),
    check=check,
    related=("JOB602",),
)
