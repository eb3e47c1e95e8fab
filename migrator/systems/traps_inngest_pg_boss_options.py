"""From Inngest to pg-boss, tools and options of a function: MIG534 to MIG548."""

from __future__ import annotations

from migrator.systems.trap import Trap

_INNGEST = ("inngest",)
_PG_BOSS = ("pg-boss",)

TRAPS = (
    Trap(
        "MIG534",
        "Waiting for an event in the middle of a run",
        "human",
        "There is nothing like step.waitForEvent. Split the function in two jobs and keep what both need in a table; a "
        "delayed job is the timeout. In the same database, both can be one transaction.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="wait-for-event",
        example="""
await boss.send("unpaid", { orderId }, { startAfter: 3 * 86_400, singletonKey: orderId });
""",
    ),
    Trap(
        "MIG535",
        "Invoking a function and waiting for it",
        "human",
        "flow lets jobs depend on others, but is written as a whole beforehand, and hands on no results. Call the code itself.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="invoke",
        example="""
const pdf = await step.invoke("render", { function: render, data });
const pdf = await renderPdf(data);
""",
    ),
    Trap(
        "MIG536",
        "The same event twice",
        "helper",
        "Inngest counts 24 hours from the first one; singletonSeconds cuts time into slots of a day, so that two just "
        "before and after midnight both pass.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="idempotency",
        example="""
{ singletonKey: `paid-${order.id}`, singletonSeconds: 86_400 }
""",
    ),
    Trap(
        "MIG537",
        "Debouncing",
        "automatic",
        "upsert with a key and startAfter keeps the last payload, from version 12; sendDebounced keeps the first. A "
        "longest wait has no counterpart.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="debounce",
        example="""
await boss.upsert("index", data, { singletonKey: doc, startAfter: 30 });
""",
    ),
    Trap(
        "MIG538",
        "Throttling",
        "human",
        "One in a period can be said with singletonSeconds and singletonNextSlot. For more, a few workers that take their time come near.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="throttle",
        example="""
{ throttle: { limit: 10, period: "1m" } }
""",
    ),
    Trap(
        "MIG539",
        "A rate limit that drops",
        "human",
        "One in a period can be said with singletonSeconds; send then gives null. More than one cannot.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="rate-limit",
        example="""
{ rateLimit: { limit: 1, period: "1h" } }
await boss.send("sync", data, { singletonSeconds: 3600, singletonKey: user });
""",
    ),
    Trap(
        "MIG540",
        "How many at a time",
        "automatic",
        "Inngest counts steps over all machines; localConcurrency counts jobs in one process, so the number depends on "
        "how many processes there are. A limit of 1 is the policy singleton, which holds over all.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="concurrency-limit",
        example="""
{ concurrency: 1 }
await boss.createQueue("render", { policy: "singleton" });
""",
    ),
    Trap(
        "MIG541",
        "How many at a time for each key",
        "helper",
        "group and groupConcurrency, from version 12. The key is given where the job is sent, not computed from an expression.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="concurrency-key",
        example="""
{ concurrency: { limit: 2, key: "event.data.customer" } }
await boss.send("sync", data, { group: { id: data.customer } });
""",
    ),
    Trap(
        "MIG542",
        "Priorities computed from events",
        "human",
        "A head start in seconds becomes a class, higher first. Decide what you need, and compute it where the job is sent.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="priority",
        refines="MIG504",
        example="""
{ priority: { run: "event.data.plan == 'pro' ? 600 : 0" } }
await boss.send("sync", data, { priority: data.plan === "pro" ? 1 : 0 });
""",
    ),
    Trap(
        "MIG543",
        "Events in batches",
        "human",
        "batchSize takes what is there when the worker looks: it neither waits until a batch is full nor groups by a "
        "key, and one error fails all of it unless perJobResults is set.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="batch",
        example="""
{ batchEvents: { maxSize: 50, timeout: "5s" } }
await boss.work("rows", { batchSize: 50, pollingIntervalSeconds: 5 }, async (jobs) => save(jobs));
""",
    ),
    Trap(
        "MIG544",
        "Singleton functions",
        "helper",
        "The policies exclusive and singleton skip or hold back; cancelling what runs cannot be had.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="singleton",
        example="""
{ singleton: { mode: "skip" } }
await boss.createQueue("sync", { policy: "exclusive" });
""",
    ),
    Trap(
        "MIG545",
        "Runs that events cancel",
        "human",
        "boss.cancel needs the job's id, and what runs has to look at its signal. Keep the ids, or look before each "
        "part whether it is still wanted.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="cancel-running",
        example="""
{ cancelOn: [{ event: "order/cancelled", match: "data.id" }] }
""",
    ),
    Trap(
        "MIG546",
        "Middleware",
        "human",
        "What middleware did to events, steps and results, such as encryption, is gone. Put it around the handlers and "
        "the sending function first.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="middleware",
        example="""
new Inngest({ id: "shop", middleware: [encryptionMiddleware({ key })] })
""",
    ),
    Trap(
        "MIG547",
        "Inngest's own events",
        "human",
        "inngest/function.failed and others come from Inngest. Dead letter queues tell of failures; for more, a trigger on the job table.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="lifecycle-events",
        example="""
{ event: "inngest/function.failed" }
""",
    ),
    Trap(
        "MIG548",
        "Steps that run together",
        "helper",
        "Steps started together in a Promise.all were limited by Inngest; in one handler they all run at once, in one "
        "process. For many, insert a job for each and let flow join them.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="group",
        example="""
await Promise.all(parts.map((p) => step.run(p.id, () => work(p))));
await boss.insert("part", parts.map((p) => ({ data: { id: p.id } })));
""",
    ),
)
