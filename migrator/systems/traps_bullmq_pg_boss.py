"""From BullMQ to pg-boss: MIG575 to MIG592."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_PG_BOSS = ("pg-boss",)

TRAPS = (
    Trap(
        "MIG575",
        "Attempts become retries",
        "automatic",
        "One less, and 0 where nothing was said: pg-boss would retry twice by itself.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        refines="MIG500",
        example="""
queue.add("sync", data)
await boss.send("sync", data, { retryLimit: 0 });
""",
    ),
    Trap(
        "MIG576",
        "Waits between attempts",
        "automatic",
        "fixed becomes retryDelay in whole seconds; exponential retryDelay and retryBackoff, which has jitter and "
        "begins a factor of up to two later. A strategy of one's own needs a person.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="backoff",
        refines="MIG503",
        example="""
backoff: { type: "exponential", delay: 2000 }
{ retryDelay: 2, retryBackoff: true }
""",
    ),
    Trap(
        "MIG577",
        "Delays in whole seconds",
        "automatic",
        "Milliseconds are rounded up; under a second means little where workers look every two.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="delay",
        refines="MIG502",
        example="""
{ delay: 1500 }
{ startAfter: 2 }
""",
    ),
    Trap(
        "MIG578",
        "Ids of jobs",
        "helper",
        "pg-boss's id is a UUID. A text becomes one by a fixed rule (UUID version 5), and is kept out for as long as "
        "the row stays, seven days after its end.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="dedupe",
        example="""
queue.add("sync", data, { jobId: "user-7" })
await boss.send("sync", data, { id: uuidv5("user-7", NAMESPACE) });
""",
    ),
    Trap(
        "MIG579",
        "Handlers get a list",
        "automatic",
        "A worker's handler is given an array, also of one; concurrency never becomes batchSize, where one error fails all.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        example="""
new Worker("sync", async (job) => …, { concurrency: 5 })
await boss.work("sync", { localConcurrency: 5 }, async ([job]) => …);
""",
    ),
    Trap(
        "MIG580",
        "The name of a job is its queue",
        "automatic",
        "pg-boss knows no names within a queue: job.name is the queue's. Each name becomes a queue, or travels in the data.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        example="""
queue.add("welcome", data)
await boss.send("mail-welcome", data);
""",
    ),
    Trap(
        "MIG581",
        "Queues have to be made first",
        "automatic",
        "Redis makes a queue with its first job. A generated file calls createQueue for all of them after start.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        scope="application",
        example="""
await boss.createQueue("mail-welcome", { retryLimit: 2 });
""",
    ),
    Trap(
        "MIG582",
        "A time limit of fifteen minutes",
        "automatic",
        "A job has no limit on BullMQ, as long as its lock is renewed; on pg-boss it is run again after 15 minutes. "
        "Every queue says expireInSeconds; for runs longer than a day there is no way.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        refines="MIG513",
        example="""
await boss.createQueue("render", { expireInSeconds: 86_400 });
""",
    ),
    Trap(
        "MIG583",
        "What the job knows of itself",
        "automatic",
        "attemptsMade becomes retryCount (with includeMetadata before version 12); updateData and moveToDelayed have no counterpart.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="context",
        example="""
job.attemptsMade
job.retryCount
""",
    ),
    Trap(
        "MIG584",
        "Progress and logs",
        "human",
        "Neither can be kept in the job. Write a row.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="progress",
        example="""
await job.updateProgress(40);
await db.progress.update({ where: { id }, data: { percent: 40 } });
""",
    ),
    Trap(
        "MIG585",
        "Listeners",
        "human",
        "There are no events over all workers. A dead letter queue tells of failures, a trigger on the job table of everything.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="lifecycle-events",
        example="""
new QueueEvents("sync").on("completed", notify);
""",
    ),
    Trap(
        "MIG586",
        "Limiters",
        "human",
        "There are none. A few workers with a polling interval come near: each takes localConcurrency jobs every so many seconds.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="throttle",
        example="""
limiter: { max: 10, duration: 60_000 }
""",
    ),
    Trap(
        "MIG587",
        "Intervals",
        "human",
        "every becomes a cron or an RRULE where whole minutes can say it; schedules are looked at every 30 seconds.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="interval",
        example="""
upsertJobScheduler("poll", { every: 15_000 })          // not on pg-boss
upsertJobScheduler("sync", { every: 300_000 })         // */5 * * * *
""",
    ),
    Trap(
        "MIG588",
        "Flows",
        "human",
        "flow, from version 12, lets jobs depend on each other. A job cannot add children while it runs, and reads "
        "results from their rows.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="parent-child",
        example="""
await boss.flow([{ ref: "a", name: "part", data }, { ref: "sum", name: "sum", dependsOn: ["a"] }]);
""",
    ),
    Trap(
        "MIG589",
        "Errors that end a job",
        "human",
        "There is no such error. A helper answers with perJobResults and the status deadletter, from version 12 and "
        "with a dead letter queue.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="no-retry-error",
        example="""
throw new UnrecoverableError("no such order");
return [{ id: job.id, status: "deadletter" }];
""",
    ),
    Trap(
        "MIG590",
        "Priorities turn round",
        "automatic",
        "Lower went first, and none before all; on pg-boss higher goes first and none is 0. Numbers become their "
        "negative where every job of the queue has one or none has; mixed, a person decides.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="priority",
        refines="MIG504",
        example="""
queue.add("alert", data, { priority: 1 })
await boss.send("alert", data, { priority: -1 });       // above -2, below those without
""",
    ),
    Trap(
        "MIG591",
        "How long finished jobs stay",
        "automatic",
        "removeOnComplete becomes deleteAfterSeconds, in one number for completed and failed; what was kept for ever is 0.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="retention",
        example="""
removeOnComplete: true
await boss.createQueue("sync", { deleteAfterSeconds: 60 });
""",
    ),
    Trap(
        "MIG592",
        "Waiting for a job",
        "human",
        "waitUntilFinished has no counterpart. Ask findJobs until it has ended.",
        sources=_BULLMQ,
        targets=_PG_BOSS,
        capability="result-wait",
        example="""
const [done] = await boss.findJobs("render", { id });
""",
    ),
)
