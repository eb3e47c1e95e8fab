"""From Inngest to BullMQ, options of a function that keep it on Inngest: MIG435 to MIG451."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG435",
        "A concurrency limit per key, or shared",
        "human",
        "BullMQ has limits per queue only; groups are part of its commercial edition. A queue for each key, or a lock "
        "in the handler, may do.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="concurrency-key",
        example="""
// Inngest: two at once for each customer
{ concurrency: { limit: 2, key: "event.data.customer" } }
// BullMQ: a queue for each customer, or a lock
new Queue(`sync-${customer}`)
""",
    ),
    Trap(
        "MIG436",
        "Throttling",
        "human",
        "Inngest spreads runs evenly over the period. A worker's `limiter` lets them all start at its beginning, and knows no keys.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="throttle",
        example="""
// Inngest: one every six seconds
{ throttle: { limit: 10, period: "1m" } }
// BullMQ: ten at once, then none for the rest of the minute
new Worker("sync", handler, { limiter: { max: 10, duration: 60_000 } })
""",
    ),
    Trap(
        "MIG437",
        "A rate limit that drops",
        "human",
        "Inngest drops what is over the limit. BullMQ can only keep out a second job with the same deduplication id.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="rate-limit",
        example="""
// Inngest: the eleventh is dropped
{ rateLimit: { limit: 10, period: "1h" } }
// BullMQ: only for one in a period
{ deduplication: { id: key, ttl: 3_600_000 } }
""",
    ),
    Trap(
        "MIG438",
        "Debouncing",
        "human",
        "BullMQ's `deduplication` with `extend`, `replace` and a delay comes near for one queue; a longest wait has no counterpart.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="debounce",
        example="""
// Inngest
{ debounce: { period: "30s", key: "event.data.doc", timeout: "5m" } }
// BullMQ: without the longest wait
{ delay: 30_000, deduplication: { id: doc, ttl: 30_000, extend: true, replace: true } }
""",
    ),
    Trap(
        "MIG439",
        "Events in batches",
        "human",
        "BullMQ hands jobs over one by one. Collect them in a list and let a delayed job work it off.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="batch",
        example="""
// Inngest
{ batchEvents: { maxSize: 50, timeout: "5s" } }, async ({ events }) => save(events)
// BullMQ
await redis.rpush("rows", row);
await queue.add("flush", {}, { delay: 5_000, deduplication: { id: "flush" } });
""",
    ),
    Trap(
        "MIG440",
        "Priorities computed from events",
        "human",
        "Inngest's priority is a head start in seconds; BullMQ's is a class, lower numbers first, none before all. Decide what you need.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="priority",
        refines="MIG504",
        example="""
// Inngest: up to ten minutes earlier
{ priority: { run: "event.data.plan == 'pro' ? 600 : 0" } }
// BullMQ: always before, 1 first
queue.add("sync", data, { priority: data.plan === "pro" ? 1 : 2 })
""",
    ),
    Trap(
        "MIG441",
        "Singleton functions",
        "human",
        "Skipping can be said with BullMQ's simple deduplication; cancelling what runs cannot.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="singleton",
        example="""
// Inngest
{ singleton: { key: "event.data.user", mode: "cancel" } }
// BullMQ: can skip, not cancel
{ deduplication: { id: user } }
""",
    ),
    Trap(
        "MIG442",
        "Runs that events cancel",
        "human",
        "`cancelOn` ends a run from outside. In BullMQ let the handler look up whether it is still wanted, before each step.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="cancel-running",
        example="""
// Inngest
{ cancelOn: [{ event: "order/cancelled", match: "data.id" }] }
// BullMQ, before each step
if (await isCancelled(orderId)) return;
""",
    ),
    Trap(
        "MIG443",
        "Timeouts that cancel",
        "human",
        "BullMQ has no timeout per job. Race the work against an AbortSignal, and check a job's age when it starts.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="timeout",
        example="""
// Inngest
{ timeouts: { finish: "10m" } }
// BullMQ
await Promise.race([work(signal), after(600_000, () => abort.abort())]);
""",
    ),
    Trap(
        "MIG444",
        "Middleware",
        "human",
        "Middleware sees and changes events, steps and results, encrypts them for example. Nothing of it would be left. "
        "Move what it does into the functions first.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="middleware",
        example="""
new Inngest({ id: "shop", middleware: [encryptionMiddleware({ key })] })
// BullMQ: data would lie in Redis in the clear
""",
    ),
    Trap(
        "MIG445",
        "A condition that has no counterpart",
        "human",
        "Translated are comparisons of the event's fields with literals, `&&`, `||`, `!`, `in`. Write what is more than "
        "that into the handler, where it can return at once.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
{ event: "order/paid", if: "event.data.items.exists(i, i.sku == 'x')" }
// in the handler
if (!event.data.items.some((i) => i.sku === "x")) return;
""",
    ),
    Trap(
        "MIG446",
        "An idempotency key that has no counterpart",
        "human",
        "Translated is a single field of the event. Put what the key is made of into one field.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
{ idempotency: "event.data.user + '-' + event.data.day" }
// one field that the sender fills in
{ idempotency: "event.data.userDay" }
""",
    ),
    Trap(
        "MIG447",
        "Options that cannot be read or are not known",
        "human",
        "Options have to be written in place, as an object with known entries, and the number of retries as a number.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
inngest.createFunction({ ...shared, retries: levels[kind] }, trigger, handler)
inngest.createFunction({ id: "sync", retries: 3 }, trigger, handler)   // can be read
""",
    ),
    Trap(
        "MIG448",
        "Inngest's own events",
        "human",
        "Events such as `inngest/function.failed` come from Inngest's server, for every function that it runs. What has "
        "moved makes none. Give the functions an `onFailure`, or look at BullMQ's queue events.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="lifecycle-events",
        example="""
{ event: "inngest/function.failed" }
// BullMQ
new QueueEvents("sync").on("failed", ({ jobId, failedReason }) => report(jobId));
""",
    ),
    Trap(
        "MIG449",
        "Two triggers for one event",
        "human",
        "Whether it starts the function once or twice is not defined. Say both conditions in one trigger.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
[{ event: "a", if: "event.data.x == 1" }, { event: "a", if: "event.data.y == 2" }]
{ event: "a", if: "event.data.x == 1 || event.data.y == 2" }
""",
    ),
    Trap(
        "MIG450",
        "A schedule that cannot be read",
        "human",
        "Schedules are five plain fields, with or without a time zone before them. One that is computed cannot be checked.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
{ cron: `0 ${hour} * * *` }
{ cron: "TZ=Europe/Berlin 0 9 * * *" }   // can be read
""",
    ),
    Trap(
        "MIG451",
        "An event only known at run time",
        "human",
        "The route table needs the names of the events that start a function.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
{ event: `${prefix}/created` }
{ event: "user/created" }                // can be read
""",
    ),
)
