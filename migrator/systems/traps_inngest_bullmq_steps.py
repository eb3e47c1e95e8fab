"""From Inngest to BullMQ, tools of a function that keep it on Inngest: MIG430 to MIG434."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG430",
        "Waiting for an event in the middle of a run",
        "human",
        "BullMQ has nothing like `step.waitForEvent` or signals. Split the function in two jobs, keep what both need in "
        "your database, and let a delayed job be the timeout.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="wait-for-event",
        example="""
// Inngest
const paid = await step.waitForEvent("paid", { event: "order/paid", timeout: "3d", match: "data.id" });
// BullMQ: two jobs and a row
await db.waiting.create({ orderId, resumes: "after-payment" });
await timeouts.add("unpaid", { orderId }, { delay: 3 * 86_400_000 });
""",
    ),
    Trap(
        "MIG431",
        "Invoking a function and waiting for it",
        "human",
        "`step.invoke` waits for another run's result. Call the code itself, or make the invoked function's work a "
        "step; with BullMQ's flows a parent can wait for children.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="invoke",
        example="""
// Inngest
const pdf = await step.invoke("render", { function: render, data });
// BullMQ: call it, as a step
const pdf = await step.run("render", () => renderPdf(data));
""",
    ),
    Trap(
        "MIG432",
        "Step tools that the runtime does not have",
        "human",
        "The generated runtime has run, sleep, sleepUntil and sendEvent. AI, fetch, realtime and experimental tools are Inngest's own.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
await step.ai.infer("summary", { model, body });   // Inngest's own
""",
    ),
    Trap(
        "MIG433",
        "Step tools in other hands",
        "human",
        "The function hands `step`, or its whole context, to other code, which may do with it what the runtime does not "
        "know. Pass on functions that do the steps instead.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
await importRows(step, rows);                       // may do anything with it
await step.run("rows", () => importRows(rows));     // cannot
""",
    ),
    Trap(
        "MIG434",
        "A step within a step",
        "human",
        "What Inngest does with it is not defined. Put the steps one after the other.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
await step.run("outer", async () => {
  await step.run("inner", work);                    // not defined
});
""",
    ),
)
