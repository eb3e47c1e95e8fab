"""From BullMQ to Inngest, what a job is: MIG550 to MIG561."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG550",
        "One processor, several functions",
        "automatic",
        "A worker's processor that tells jobs apart by their name becomes one function for each literal case, on an "
        "event `queue/name`. A default branch is left to a person.",
        sources=_BULLMQ,
        targets=_INNGEST,
        example="""
switch (job.name) { case "welcome": … }
inngest.createFunction({ id: "mail-welcome" }, { event: "mail/welcome" }, handler);
""",
    ),
    Trap(
        "MIG551",
        "Options move from the call to the function",
        "automatic",
        "Retries, waits and priorities stood where a job was added. Where all calls agree they become the function's; "
        "where they differ, a person decides, or there will be two functions.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="call-options",
        example="""
queue.add("sync", data, { attempts: 3 })
inngest.createFunction({ id: "sync", retries: 2 }, { event: "jobs/sync" }, handler);
""",
    ),
    Trap(
        "MIG552",
        "Attempts become retries",
        "automatic",
        "One less, 0 where nothing was said, and 20 at most. Inngest would retry four times by itself.",
        sources=_BULLMQ,
        targets=_INNGEST,
        refines="MIG500",
        example="""
{ attempts: 3 }     // 2 retries
{}                  // retries: 0
""",
    ),
    Trap(
        "MIG553",
        "Waits between attempts are Inngest's",
        "human",
        "There is no option for them: 15 s, 30 s, 1 min, … up to two hours. To keep other waits, catch the error and "
        "throw a RetryAfterError with the wait.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="backoff",
        refines="MIG503",
        example="""
backoff: { type: "fixed", delay: 1000 }
throw new RetryAfterError(error.message, 1000);
""",
    ),
    Trap(
        "MIG554",
        "Delays become the event's time",
        "automatic",
        "delay becomes ts, a year ahead at most, a week on the free plan. What was delayed cannot be taken back by its id.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="delay",
        example="""
queue.add("remind", data, { delay: 90_000 })
await inngest.send({ name: "jobs/remind", data, ts: Date.now() + 90_000 });
""",
    ),
    Trap(
        "MIG555",
        "Ids of jobs",
        "automatic",
        "jobId keeps a second one out for as long as the first is kept, in one queue; an event's id does for 24 hours, "
        "over all events. The rewrite puts the queue before it.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="dedupe",
        example="""
queue.add("sync", data, { jobId: user })
await inngest.send({ id: `jobs-sync-${user}`, name: "jobs/sync", data });
""",
    ),
    Trap(
        "MIG556",
        "Data has to be an object",
        "automatic",
        "A job's data may be any JSON value, an event's is an object. Numbers, texts and lists are wrapped, here and in the handler.",
        sources=_BULLMQ,
        targets=_INNGEST,
        example="""
queue.add("sync", 7)
await inngest.send({ name: "jobs/sync", data: { value: 7 } });
""",
    ),
    Trap(
        "MIG557",
        "Errors that end a job",
        "automatic",
        "UnrecoverableError becomes NonRetriableError.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="no-retry-error",
        example="""
throw new UnrecoverableError("no such order");
throw new NonRetriableError("no such order");
""",
    ),
    Trap(
        "MIG558",
        "Putting a running job off",
        "helper",
        "moveToDelayed used up no attempt. step.sleep does not either, and is what is meant in most cases; RetryAfterError uses one.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="retry-from-body",
        example="""
await job.moveToDelayed(Date.now() + 60_000, token); throw new DelayedError();
await step.sleep("later", "1m");
""",
    ),
    Trap(
        "MIG559",
        "Processors in files of their own",
        "automatic",
        "The module is imported and its function called in the server's process: a crash or a long computation now is the server's.",
        sources=_BULLMQ,
        targets=_INNGEST,
        capability="sandboxed-handler",
        example="""
new Worker("render", "./render.js")
import render from "./render";
""",
    ),
    Trap(
        "MIG560",
        "How long a handler may take",
        "human",
        "A worker may take hours; a request takes what the host allows, two hours at most. Cut long handlers into "
        "steps; what is not in a step runs again for each.",
        sources=_BULLMQ,
        targets=_INNGEST,
        example="""
for (const page of pages) await step.run(`page-${page.id}`, () => render(page));
""",
    ),
    Trap(
        "MIG561",
        "Size of data and results",
        "human",
        "Redis takes what it is given; an event 256 KiB on the free plan and 3 MiB on others, a step's result 4 MiB.",
        sources=_BULLMQ,
        targets=_INNGEST,
        example="""
queue.add("import", { csv })          // send the key of a stored file instead
""",
    ),
)
