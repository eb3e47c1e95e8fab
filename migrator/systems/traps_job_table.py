"""From a job table of one's own to a job system: MIG600 to MIG613."""

from __future__ import annotations

from migrator.systems.trap import Trap

_POSTGRES_TABLE = ("postgres-table",)
_TARGETS = ("bullmq", "pg-boss", "inngest")

TRAPS = (
    Trap(
        "MIG600",
        "The insert in a transaction stays one",
        "automatic",
        "pg-boss can write its row through the caller's transaction: by an adapter for Prisma, Knex, Drizzle or Kysely "
        "from version 12, by a small executeSql before.",
        sources=_POSTGRES_TABLE,
        targets=("pg-boss",),
        capability="transactional-enqueue",
        example="""
await tx.job.create({ data: { type: "invoice", payload } });
await boss.send("invoice", payload, { db: fromPrisma(tx) });
""",
    ),
    Trap(
        "MIG601",
        "What the column of attempts counts",
        "human",
        "It may go up when a row is claimed or when it fails, and be compared with < or <=. Off by one is easy. The "
        "number of runs is worked out from the code where that is plain; check it.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        refines="MIG500",
        example="""
if (job.attempts < job.maxAttempts) retry(job);         // counted at the claim: maxAttempts runs
if (job.attempts <= job.maxAttempts) retry(job);        // one more
""",
    ),
    Trap(
        "MIG602",
        "Jobs that were never run twice",
        "human",
        "Without a reaper a row whose worker died stays as running, for ever. Every target runs it again, so handlers "
        "that never had to be safe to repeat now have to be.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        capability="late-acknowledgement",
        example="""
SELECT count(*) FROM jobs WHERE status = 'RUNNING' AND locked_at < now() - interval '1 hour';
""",
    ),
    Trap(
        "MIG603",
        "The order of rows",
        "human",
        "ORDER BY created_at with one worker is a strict order. BullMQ has it with concurrency 1 as long as nothing is "
        "retried, pg-boss with key_strict_fifo, Inngest nearly, with concurrency 1.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        capability="ordering",
        example="""
ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
await boss.createQueue("ledger", { policy: "key_strict_fifo" });
""",
    ),
    Trap(
        "MIG604",
        "Code that reads the table",
        "human",
        "A page or an API that shows a job's status reads columns that nobody writes any more. Write the status from "
        "the handler, or answer from the target. This is the part that is forgotten most easily.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        capability="inspection",
        scope="application",
        refines="MIG514",
        example="""
GET /jobs/:id      // SELECT status, result FROM jobs
""",
    ),
    Trap(
        "MIG605",
        "Rows that point at the table",
        "human",
        "Foreign keys from other tables to a job's id have no target. Keep the table as a record that the handler "
        "updates, or store the new id as text.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        scope="application",
        example="""
article.jobId      // references jobs(id)
""",
    ),
    Trap(
        "MIG606",
        "Rows that still wait",
        "helper",
        "They are moved once, at the switch: for pg-boss by one INSERT … SELECT, which has to take the settings from "
        "the queue (a bare insert gets the defaults of the columns), else by a script that enqueues them and marks them "
        "as moved.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        scope="application",
        refines="MIG509",
        example="""
INSERT INTO pgboss.job (name, data, start_after, retry_limit, policy)
SELECT 'import', j.payload, j.run_at, q.retry_limit, q.policy
FROM jobs j, pgboss.queue q WHERE q.name = 'import' AND j.status = 'PENDING';
""",
    ),
    Trap(
        "MIG607",
        "Cancelling by a status",
        "human",
        "The handler looks at its row whether it is still wanted. Keep that row, or use the target's way for what has not started.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        capability="cancel-running",
        example="""
if ((await db.job.findUnique({ where: { id } }))?.status === "CANCELLED") return;
""",
    ),
    Trap(
        "MIG608",
        "The column with the result",
        "human",
        "The target keeps results for a time only, or as long as the job. What is read later belongs into a table of the application.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        capability="result",
        example="""
await db.job.update({ where: { id }, data: { result } });
""",
    ),
    Trap(
        "MIG609",
        "Rows that a hosted cron works off",
        "human",
        "A route that a cron of the host calls needs no process that is always up. BullMQ and pg-boss do; Inngest does not.",
        sources=_POSTGRES_TABLE,
        targets=("bullmq", "pg-boss"),
        capability="serverless",
        scope="application",
        refines="MIG515",
        example="""
{ "crons": [{ "path": "/api/cron/process-jobs", "schedule": "* * * * *" }] }
""",
    ),
    Trap(
        "MIG610",
        "One job for each type",
        "automatic",
        "switch (job.type), or a table from types to handlers, becomes one queue or function for each. A type from "
        "elsewhere is left to a person.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        example="""
const handlers = { import: importArticle, grade: gradeArticle };
""",
    ),
    Trap(
        "MIG611",
        "Types become events",
        "automatic",
        "Each type becomes an event, and the id that the send gives back takes the place of the row's id where a caller "
        "asks for the status.",
        sources=_POSTGRES_TABLE,
        targets=("inngest",),
        example="""
const { ids } = await inngest.send({ name: "jobs/import", data: payload });
""",
    ),
    Trap(
        "MIG612",
        "How soon a job starts",
        "automatic",
        "The polling interval of the old worker was the least wait. Jobs start sooner on BullMQ, as soon on pg-boss "
        "(two seconds), and what relied on the pause (a row that is written a little later) fails.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        example="""
setInterval(processJobs, 5_000)
""",
    ),
    Trap(
        "MIG613",
        "Output of child processes",
        "human",
        "A worker that starts a process for each job and reads its output for the status has nothing to read any more. "
        "Report progress by the target's call, or by a row.",
        sources=_POSTGRES_TABLE,
        targets=_TARGETS,
        capability="progress",
        example="""
child.stdout.on("data", parseProgress);
await job.updateProgress(40);
""",
    ),
)
