"""From Bull to BullMQ: MIG650 to MIG667."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULL = ("bull",)
_BULLMQ = ("bullmq",)

TRAPS = (
    Trap(
        "MIG650",
        "Named processors become one worker",
        "automatic",
        "Each process(name, …) takes part in one queue, and Bull adds their concurrencies up. A worker has one function "
        "that looks the handler up by name.",
        sources=_BULL,
        targets=_BULLMQ,
        example="""
queue.process("welcome", 2, welcome); queue.process("reset", 3, reset);
new Worker("mail", (job) => handlers[job.name](job), { connection, concurrency: 5 })
""",
    ),
    Trap(
        "MIG651",
        "The second parameter is no callback",
        "automatic",
        "A Bull handler with two parameters gets done; a BullMQ processor gets the lock's token there. Calling it "
        "fails, and waiting for it never ends. Handlers with done become promises.",
        sources=_BULL,
        targets=_BULLMQ,
        example="""
queue.process((job, done) => send(job.data, done))
new Worker("mail", (job) => new Promise((ok, no) => send(job.data, (e) => (e ? no(e) : ok(undefined)))))
""",
    ),
    Trap(
        "MIG652",
        "Jobs without a name",
        "automatic",
        "add(data) is allowed on Bull, and the name is __default__. On BullMQ the first argument is the name: data would be taken for it.",
        sources=_BULL,
        targets=_BULLMQ,
        example="""
queue.add({ to })
queue.add("__default__", { to })
""",
    ),
    Trap(
        "MIG653",
        "Connections",
        "automatic",
        "redis becomes connection; a worker's client must have maxRetriesPerRequest null. createClient becomes one shared client.",
        sources=_BULL,
        targets=_BULLMQ,
        scope="application",
        example="""
new Queue("mail", { redis: { host } })
new Queue("mail", { connection: { host, maxRetriesPerRequest: null } })
""",
    ),
    Trap(
        "MIG654",
        "Exponential waits",
        "automatic",
        "With a delay of 1 s Bull waits 1, 3, 7 s and BullMQ 1, 2, 4 s. A strategy of the worker keeps Bull's.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="backoff",
        refines="MIG503",
        example="""
backoffStrategy: (made, type, error, job) => (2 ** made - 1) * job.opts.backoff.delay
""",
    ),
    Trap(
        "MIG655",
        "Jobs without a priority",
        "human",
        "They run after all others on Bull, and before all others on BullMQ. Where some jobs of a queue have one, all "
        "others get the lowest.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="priority",
        refines="MIG504",
        example="""
queue.add("sync", data)
queue.add("sync", data, { priority: 2_097_151 })
""",
    ),
    Trap(
        "MIG656",
        "The number of the attempt",
        "automatic",
        "attemptsMade is 0 in the first run on Bull and on BullMQ from version 5, and 1 on version 4.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="context",
        example="""
if (job.attemptsMade === 0) …
""",
    ),
    Trap(
        "MIG657",
        "The time limit of a job",
        "helper",
        "timeout is gone. A helper races the handler against a timer and throws; the work goes on in the background, as it did on Bull.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="timeout",
        example="""
queue.add("sync", data, { timeout: 60_000 })
await Promise.race([handler(job), failAfter(60_000)]);
""",
    ),
    Trap(
        "MIG658",
        "Limiters belong to workers",
        "automatic",
        "limiter moves from the queue to every worker of it.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="throttle",
        example="""
new Queue("crm", { limiter: { max: 10, duration: 1000 } })
new Worker("crm", handler, { limiter: { max: 10, duration: 1000 } })
""",
    ),
    Trap(
        "MIG659",
        "Limits per key",
        "human",
        "limiter.groupKey and bounceBack are gone; groups are part of BullMQ Pro. A queue for each key may do.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="rate-limit-key",
        example="""
limiter: { max: 1, duration: 1000, groupKey: "customer" }
""",
    ),
    Trap(
        "MIG660",
        "Repeated jobs",
        "automatic",
        "repeat becomes upsertJobScheduler, cron becomes pattern. What Bull has put into Redis stays there and goes on "
        "being started by Bull: a generated script removes it.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="cron",
        example="""
queue.add("digest", {}, { repeat: { cron: "0 9 * * *" } })
await queue.upsertJobScheduler("digest", { pattern: "0 9 * * *" }, { name: "digest" });
""",
    ),
    Trap(
        "MIG661",
        "Events",
        "automatic",
        "global: events become QueueEvents, which give ids instead of jobs; local ones move from the queue to the worker.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="lifecycle-events",
        example="""
queue.on("global:completed", (id) => …)
new QueueEvents("mail").on("completed", ({ jobId }) => …)
""",
    ),
    Trap(
        "MIG662",
        "Methods with other names",
        "automatic",
        "progress(n) is updateProgress, update updateData, discard an UnrecoverableError, finished waitUntilFinished, "
        "empty drain, isReady waitUntilReady; clean takes grace, limit, type in this order.",
        sources=_BULL,
        targets=_BULLMQ,
        scope="code",
        example="""
await queue.clean(5000, "completed", 100);
await queue.clean(5000, 100, "completed");
""",
    ),
    Trap(
        "MIG663",
        "Ids are texts",
        "automatic",
        "Bull takes numbers as ids; BullMQ refuses whole numbers and most colons, so they get a prefix.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="dedupe",
        example="""
queue.add("sync", data, { jobId: 7 })
queue.add("sync", data, { jobId: "sync-7" })
""",
    ),
    Trap(
        "MIG664",
        "The same keys in Redis",
        "automatic",
        "Both write under `bull:` and the queue's name, in two layouts that destroy each other. The new queues get "
        "another prefix, and Bull's are worked off first.",
        sources=_BULL,
        targets=_BULLMQ,
        scope="application",
        example="""
new Queue("mail", { connection, prefix: "bullmq" })
""",
    ),
    Trap(
        "MIG665",
        "Colons in names of queues",
        "automatic",
        "BullMQ refuses them. They become hyphens, everywhere at once.",
        sources=_BULL,
        targets=_BULLMQ,
        refines="MIG507",
        example="""
new Queue("mail:send")
new Queue("mail-send", { connection })
""",
    ),
    Trap(
        "MIG666",
        "Processors in files of their own",
        "automatic",
        "The idea is the same; the path has to have its extension, and the file exports a function of the job alone.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="sandboxed-handler",
        example="""
queue.process(path.join(__dirname, "render"))
new Worker("render", path.join(__dirname, "render.js"))
""",
    ),
    Trap(
        "MIG667",
        "NestJS",
        "automatic",
        "@Process methods become cases of one process method of a WorkerHost, OnQueue… decorators OnWorkerEvent.",
        sources=_BULL,
        targets=_BULLMQ,
        scope="code",
        example="""
@Processor("mail") class Mail { @Process("welcome") welcome(job: Job) {} }
@Processor("mail") class Mail extends WorkerHost { async process(job: Job) { switch (job.name) {} } }
""",
    ),
    Trap(
        "MIG668",
        "Several strategies become one",
        "automatic",
        "settings.backoffStrategies of the queue was a table by name; the worker has one function, which is given the "
        "name as its second argument.",
        sources=_BULL,
        targets=_BULLMQ,
        capability="custom-backoff",
        example="""
new Queue("mail", { settings: { backoffStrategies: { slow: (made) => made * 60_000 } } })
new Worker("mail", handler, { settings: { backoffStrategy: (made, type) => STRATEGIES[type](made) } })
""",
    ),
)
