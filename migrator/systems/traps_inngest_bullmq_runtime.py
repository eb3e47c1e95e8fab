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
        "helper",
        "The generated jobs.ts has a NonRetriableError of its own, with a cause; the runtime ends the job by BullMQ's "
        "UnrecoverableError, which takes a message only and is what to throw where there is no such runtime.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="no-retry-error",
        example="""
import { NonRetriableError } from "inngest";
import { NonRetriableError } from "./jobs";
""",
    ),
    Trap(
        "MIG475",
        "Errors that say when",
        "helper",
        "RetryAfterError uses up an attempt on Inngest, and so does that of the generated jobs.ts: the runtime counts "
        "attempts itself. Where there is no such runtime, moveToDelayed with DelayedError uses up none and could go on "
        "for ever; a strategy for waits that reads the time from the error uses one.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="retry-from-body",
        example="""
throw new RetryAfterError("busy", "90s");
backoffStrategy: (made, type, error) => error.retryAfter ?? TABLE[made - 1]     // by hand
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
        "longer is taken for dead and runs twice at the same time. The generated worker counts that as an attempt; a "
        "plain one lets it happen once, then the job fails. Raise lockDuration, or run the work as a sandboxed "
        "processor.",
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
removeOnComplete: { age: 86_400 }, removeOnFail: { age: 604_800 }
""",
    ),
    Trap(
        "MIG479",
        "What the handler is given",
        "helper",
        "event, runId, attempt and the logger are kept by the runtime: the job's data hold the event as a whole and the "
        "attempts of each step, which count from 0 as before. job.attemptsMade counts something else there.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="context",
        example="""
async ({ event, attempt, runId }) => …
// event and attempt from the job's data, runId from its id
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
