"""From pg-boss to BullMQ and to Inngest: MIG620 to MIG639."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_BULLMQ_INNGEST = ("bullmq", "inngest")
_INNGEST = ("inngest",)
_PG_BOSS = ("pg-boss",)

TRAPS = (
    Trap(
        "MIG620",
        "Retries become attempts",
        "automatic",
        "One more. Where nothing was said it depends on the version: three runs from version 10, one before, two before "
        "where retryDelay was set.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        refines="MIG500",
        example="""
boss.send("sync", data)                                 // pg-boss 10 and later
queue.add("sync", data, { attempts: 3 })
""",
    ),
    Trap(
        "MIG621",
        "Handlers got a list",
        "automatic",
        "Where batchSize was 1 or not given, the first of the list becomes the job. In version 9 a handler got one job "
        "unless batchSize was set. A true batch is left to a person.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        example="""
boss.work("sync", async ([job]) => sync(job.data))
new Worker("sync", async (job) => sync(job.data))
""",
    ),
    Trap(
        "MIG622",
        "Batches",
        "human",
        "A handler that works on many jobs at once has no counterpart on BullMQ; on Inngest it is batchEvents, which "
        "waits until it is full or a time is up.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        capability="batch",
        example="""
boss.work("rows", { batchSize: 50 }, async (jobs) => save(jobs))
""",
    ),
    Trap(
        "MIG623",
        "The time limit of a run",
        "helper",
        "expireInSeconds made a run fail and be tried again. BullMQ has none: race the work against a timer and throw a plain error.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        capability="timeout",
        example="""
await Promise.race([work(job.data), failAfter(900_000)]);
""",
    ),
    Trap(
        "MIG624",
        "Waits between attempts",
        "automatic",
        "retryDelay becomes milliseconds, retryBackoff exponential; pg-boss's jitter is BullMQ's jitter 0.5.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        capability="backoff",
        refines="MIG503",
        example="""
{ retryDelay: 2, retryBackoff: true }
{ backoff: { type: "exponential", delay: 4000, jitter: 0.5 } }
""",
    ),
    Trap(
        "MIG625",
        "Subscriptions lie in the database",
        "helper",
        "subscribe writes a row that stays when the code goes. Read pgboss.subscription before the switch; on BullMQ a "
        "table from events to queues takes its place, on Inngest triggers do.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        capability="fan-out-event",
        example="""
SELECT event, name FROM pgboss.subscription;
""",
    ),
    Trap(
        "MIG626",
        "Schedules lie in the database",
        "helper",
        "Schedules that were made at run time are rows of pgboss.schedule. BullMQ has upsertJobScheduler for them; "
        "Inngest nothing but a deployment.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        capability="dynamic-schedule",
        example="""
SELECT name, cron, timezone, data FROM pgboss.schedule;
""",
    ),
    Trap(
        "MIG627",
        "Policies and singleton keys",
        "helper",
        "exclusive is deduplication without ttl; short comes near it; singleton is a global concurrency of 1; with a "
        "key, and for stately and key_strict_fifo, a person decides.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        capability="dedupe",
        example="""
await boss.createQueue("sync", { policy: "exclusive" });
queue.add("sync", data, { deduplication: { id: "sync" } })
""",
    ),
    Trap(
        "MIG628",
        "A send that gives nothing back",
        "automatic",
        "send gives null when it was kept out; add gives the job that is there. Code that asks for null takes the wrong way.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        capability="dedupe",
        example="""
if ((await boss.send("sync", data, { singletonKey })) === null) return "busy";
""",
    ),
    Trap(
        "MIG629",
        "Dead letter queues",
        "helper",
        "deadLetter becomes a job that is added when the last attempt has failed, or onFailure on Inngest. redrive has no counterpart.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        capability="failure-handler",
        example="""
await boss.createQueue("sync", { deadLetter: "sync-dead" });
worker.on("failed", (job) => {
  if (job && job.attemptsMade >= (job.opts.attempts ?? 1)) dead.add("sync", job.data);
});
""",
    ),
    Trap(
        "MIG630",
        "Moments become delays",
        "automatic",
        "startAfter with a date is the time from now until then.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        capability="run-at",
        example="""
{ startAfter: date }
{ delay: Math.max(0, date.getTime() - Date.now()) }
""",
    ),
    Trap(
        "MIG631",
        "Work by hand",
        "human",
        "fetch, complete and fail take jobs out of a queue without a worker. BullMQ has getNextJob and moveToCompleted, "
        "with a lock to renew; Inngest has nothing like it.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        example="""
const [job] = await boss.fetch("sync"); await boss.complete("sync", job.id);
""",
    ),
    Trap(
        "MIG632",
        "No data",
        "automatic",
        "A job without data has null on pg-boss and {} on BullMQ.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        example="""
if (job.data === null) …
""",
    ),
    Trap(
        "MIG633",
        "Priorities turn round",
        "automatic",
        "Higher went first, 0 in the middle; on BullMQ 1 goes first and none before all. Where a queue uses priorities "
        "every job gets a number.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        capability="priority",
        refines="MIG504",
        example="""
{ priority: 10 }, {}
{ priority: 90 }, { priority: 100 }
""",
    ),
    Trap(
        "MIG634",
        "Options move from the call to the function",
        "automatic",
        "retryLimit of the queue or the call becomes retries, 20 at most. Where calls differ, a person decides.",
        sources=_PG_BOSS,
        targets=_INNGEST,
        refines="MIG500",
        example="""
await boss.createQueue("sync", { retryLimit: 3 });
inngest.createFunction({ id: "sync", retries: 3 }, { event: "jobs/sync" }, handler);
""",
    ),
    Trap(
        "MIG635",
        "A time limit that cancels",
        "human",
        "expireInSeconds led to another try, timeouts.finish cancels the run for good. A limit within the step keeps the retry.",
        sources=_PG_BOSS,
        targets=_INNGEST,
        capability="timeout",
        example="""
{ timeouts: { finish: "15m" } }                         // no retry afterwards
""",
    ),
    Trap(
        "MIG636",
        "Another server",
        "human",
        "Redis has to be there, keep its data and evict nothing. What was one backup and one transaction with the "
        "application's tables is now two systems.",
        sources=_PG_BOSS,
        targets=_BULLMQ,
        scope="application",
        example="""
maxmemory-policy noeviction
""",
    ),
    Trap(
        "MIG637",
        "Slots of time",
        "human",
        "singletonSeconds and sendDebounced cut time into fixed slots, and keep the first payload. Deduplication and "
        "debounce count from the first or last job, and debounce keeps the last payload.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        capability="debounce",
        example="""
await boss.sendDebounced("index", data, {}, 30, doc);
""",
    ),
    Trap(
        "MIG638",
        "What heard of finished jobs",
        "automatic",
        "onComplete of version 9 and before made a job for every job that ended, with its state and output. On BullMQ "
        "QueueEvents tell of it, on Inngest a function on inngest/function.finished.",
        sources=_PG_BOSS,
        targets=_BULLMQ_INNGEST,
        capability="lifecycle-events",
        example="""
boss.onComplete("sync", async (job) => report(job.data.state));
new QueueEvents("sync").on("completed", ({ jobId, returnvalue }) => report("completed"));
""",
    ),
)
