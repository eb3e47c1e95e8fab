"""From BullMQ to Inngest, what a queue offers: MIG562 to MIG573."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG562",
        "Priorities become seconds",
        "human",
        "A class becomes a head start of up to ten minutes, computed from the event.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="priority",
        refines="MIG504",
        example="""
{ priority: 1 }
{ priority: { run: "event.data.urgent ? 600 : 0" } }
""",
    ),
    Trap(
        "MIG563",
        "A limiter that several jobs share",
        "human",
        "limiter counts all jobs of a queue. Each function has a throttle of its own, so jobs that became several "
        "functions would together start too often, unless a concurrency limit with a key and scope is shared.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="throttle",
        example="""
new Worker("crm", processor, { limiter: { max: 10, duration: 60_000 } })
""",
    ),
    Trap(
        "MIG564",
        "Deduplication becomes debounce or idempotency",
        "automatic",
        "With ttl alone it is rateLimit or idempotency, with extend and replace debounce, without ttl singleton.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="debounce",
        example="""
deduplication: { id: doc, ttl: 30_000, extend: true, replace: true }
debounce: { key: "event.data.doc", period: "30s" }
""",
    ),
    Trap(
        "MIG565",
        "Schedules become triggers",
        "automatic",
        "A pattern of five fields becomes a cron trigger with its time zone; `every` only where cron can say it; seconds cannot.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="interval",
        example="""
upsertJobScheduler("digest", { every: 3_600_000 })
{ cron: "0 * * * *" }
""",
    ),
    Trap(
        "MIG566",
        "Schedules made at run time",
        "human",
        "A cron belongs to a function and changes with a deployment. Keep users' schedules in a table that a cron reads "
        "every minute, or let a run sleep until the next time.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="dynamic-schedule",
        example="""
await queue.upsertJobScheduler(`report-${user}`, { pattern: user.cron });
""",
    ),
    Trap(
        "MIG567",
        "Progress and logs",
        "human",
        "updateProgress and job.log have no counterpart that others can read by the job's id. Publish over Realtime, or write a row.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="progress",
        example="""
await job.updateProgress(40);
""",
    ),
    Trap(
        "MIG568",
        "Listeners",
        "human",
        "worker.on and QueueEvents become functions on inngest/function.finished and inngest/function.failed, which run "
        "later and elsewhere.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="lifecycle-events",
        example="""
new QueueEvents("sync").on("completed", notify);
{ event: "inngest/function.finished", if: "event.data.function_id == 'shop-sync'" }
""",
    ),
    Trap(
        "MIG569",
        "Waiting for a job",
        "human",
        "waitUntilFinished has no counterpart outside of a function: ask the API, or let the function write its result. "
        "Within one, step.invoke.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="result-wait",
        example="""
const pdf = await job.waitUntilFinished(events);
const pdf = await step.invoke("render", { function: render, data });
""",
    ),
    Trap(
        "MIG570",
        "Flows turn round",
        "helper",
        "Children first and the parent last becomes one function that invokes or runs its parts and goes on after "
        "Promise.all; 1,000 steps at most.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="parent-child",
        example="""
flow.add({ name: "report", queueName: "r", children: parts })
await Promise.all(parts.map((p) => step.invoke(p.id, { function: part, data: p })));
""",
    ),
    Trap(
        "MIG571",
        "How many at a time",
        "human",
        "concurrency of each worker times the number of workers becomes one number over all, which counts steps. How "
        "many processes there are the code does not show.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="concurrency-limit",
        example="""
new Worker("sync", processor, { concurrency: 5 })     // times three replicas
{ concurrency: 15 }
""",
    ),
    Trap(
        "MIG572",
        "Looking at queues",
        "human",
        "getJobs, counts, retry and Bull Board show nothing any more; Inngest has a dashboard and an API of runs, by event.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="inspection",
        scope="application",
        refines="MIG514",
        example="""
const failed = await queue.getFailed();
""",
    ),
    Trap(
        "MIG573",
        "Pausing",
        "helper",
        "A paused queue keeps what comes. A paused function skips it, and it has to be replayed.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="pause-resume",
        example="""
await queue.pause();
""",
    ),
)
