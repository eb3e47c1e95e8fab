"""From Inngest to BullMQ, what the handler sees: MIG473 to MIG482."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG473",
        "Code outside of steps",
        "automatic",
        "On Inngest it runs anew for every step; in the generated runtime once for every attempt and every wake-up. It "
        "runs less often than before, and still more than once: what is random or reads the clock belongs into a step.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="steps",
        example="""
const id = randomUUID();                                     // another after each sleep
const id = await step.run("id", () => randomUUID());
""",
    ),
    Trap(
        "MIG474",
        "Errors that end a run",
        "automatic",
        "NonRetriableError becomes BullMQ's UnrecoverableError, which takes a message only: `cause` is kept in the log.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="no-retry-error",
        example="""
throw new NonRetriableError("no such order", { cause: error });
throw new UnrecoverableError("no such order");
""",
    ),
    Trap(
        "MIG475",
        "Errors that say when",
        "helper",
        "RetryAfterError uses up an attempt on Inngest. moveToDelayed with DelayedError uses up none, and could go on "
        "for ever, so the runtime's strategy for waits reads the time from the error instead.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="retry-from-body",
        example="""
throw new RetryAfterError("busy", "90s");
backoffStrategy: (made, type, error) => error.retryAfter ?? TABLE[made - 1]
""",
    ),
    Trap(
        "MIG476",
        "Going on after a step has failed",
        "helper",
        "A step that has used up its attempts throws a StepError that the function can catch. The runtime keeps "
        "failures of steps and does the same; the class of the first error is lost on both.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="steps",
        example="""
try { await step.run("mail", send); } catch { await step.run("sms", text); }
""",
    ),
    Trap(
        "MIG477",
        "Work that keeps the processor busy",
        "human",
        "Inngest waits up to two hours. BullMQ's lock of 30 s is renewed by the event loop: a handler that computes for "
        "longer is taken for dead and runs twice, and fails when it happens again. Raise lockDuration, or run the work "
        "as a sandboxed processor.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="visibility-lease",
        refines="MIG512",
        example="""
new Worker("render", "./render.js", { lockDuration: 300_000 })
""",
    ),
    Trap(
        "MIG478",
        "Data of finished jobs lies in Redis",
        "automatic",
        "Inngest keeps runs for days, by the plan. BullMQ keeps them for ever, in the clear. The rewrite says for how long.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="retention",
        scope="application",
        refines="MIG517",
        example="""
removeOnComplete: { age: 86_400, count: 1000 }, removeOnFail: { age: 604_800 }
""",
    ),
    Trap(
        "MIG479",
        "What the handler is given",
        "automatic",
        "event, runId, attempt and the logger are kept by a small adapter: the job's data hold the event as a whole, "
        "attempt counts from 0 on both.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="context",
        example="""
async ({ event, attempt, runId }) => …
// event from job.data, attempt from job.attemptsMade, runId from job.id
""",
    ),
    Trap(
        "MIG480",
        "Events that nobody listens to",
        "automatic",
        "Sending one is allowed on Inngest, and does nothing. In the route table it has no row; the report names it, "
        "because the listener may be in another repository.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="fan-out-event",
        example="""
await inngest.send({ name: "user/renamed", data });       // no function has this trigger
""",
    ),
    Trap(
        "MIG481",
        "What a function returns",
        "automatic",
        "It is shown with the run on Inngest; on BullMQ it is the job's returnvalue, as JSON, for as long as the job is kept.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="result",
        example="""
return { imported: rows.length };
""",
    ),
    Trap(
        "MIG482",
        "A cron and an event for one function",
        "automatic",
        "Both lead to the same queue. The event of a cron is made by the scheduler; its name and data are kept as Inngest's.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="cron",
        example="""
[{ event: "digest/wanted" }, { cron: "0 9 * * *" }]
// event.name is "inngest/scheduled.timer" when the clock started it
""",
    ),
)
