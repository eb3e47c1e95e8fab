"""From Inngest to BullMQ, what the rewrite takes care of: MIG400 to MIG419."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG400",
        "Retries become attempts",
        "automatic",
        "Inngest's `retries` counts what comes after the first run, and is 4 when nothing is said. BullMQ's `attempts` "
        "counts all runs and is 1 when nothing is said. Every definition and every row of the route table says "
        "`attempts`, one more than the retries were.",
        sources=_INNGEST,
        targets=_BULLMQ,
        refines="MIG500",
        example="""
// Inngest: five runs; four retries
inngest.createFunction({ id: "import" }, { event: "import" }, handler)
// BullMQ: five runs
queue.add("import", data, { attempts: 5 })
""",
    ),
    Trap(
        "MIG401",
        "Attempts, results and waiting times of steps",
        "helper",
        "In Inngest each step has all attempts for itself, a step that has succeeded is not run again, and the time "
        "before the next attempt follows a table that begins at 15 seconds with up to 30 more. BullMQ knows none of "
        "this. The generated `run.ts` keeps results, failures and times in the job's data. As in Inngest, a step may be "
        "run twice when its worker dies in the middle of it.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="steps",
        example="""
// Inngest: charge is not done again when mail fails
await step.run("charge", () => charge(order));
await step.run("mail", () => mail(order));
// BullMQ: the same code, with the `step` of the generated run.ts
""",
    ),
    Trap(
        "MIG402",
        "Sleeping without holding a worker",
        "helper",
        "`step.sleep` and `step.sleepUntil` move the job to BullMQ's delayed jobs; its handler is called again from the top when it wakes.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="step-sleep",
        example="""
await step.sleep("a-day", "1d");
// BullMQ: moveToDelayed and DelayedError in run.ts; the handler is called again a day later
""",
    ),
    Trap(
        "MIG405",
        "One event, many functions",
        "helper",
        "An Inngest event starts every function that listens to it. In BullMQ each function has a queue of its own, and "
        "sending an event adds a job to each of them, by the generated route table. An event that nobody listens to "
        "starts nothing, as before.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="fan-out-event",
        example="""
// Inngest: two functions listen to it
await inngest.send({ name: "user/created", data });
// BullMQ: routes.ts adds a job to each of their queues
await jobs.send({ name: "user/created", data });
""",
    ),
    Trap(
        "MIG406",
        "Conditions of triggers",
        "helper",
        "The `if` of a trigger becomes a guard in the route table, so no empty jobs are made. Inngest's rules for missing fields are kept.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="event-condition",
        example="""
// Inngest
{ event: "order/paid", if: "event.data.total > 100" }
// BullMQ, in routes.ts
{ queue: "reward", events: [{ name: "order/paid", when: (event) => compare(event.data.total, ">", 100) }] }
""",
    ),
    Trap(
        "MIG407",
        "Time zone of schedules",
        "automatic",
        "Inngest's cron is in UTC unless a `TZ=` stands before it; BullMQ's is in the time zone of the worker's "
        "machine. Every schedule is given its time zone.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="cron",
        refines="MIG505",
        example="""
// Inngest: UTC
{ cron: "0 9 * * *" }
// BullMQ
upsertJobScheduler("digest", { pattern: "0 9 * * *", tz: "UTC" })
""",
    ),
    Trap(
        "MIG408",
        "Events sent by a step",
        "helper",
        "The jobs that `step.sendEvent` adds have ids made of the run and the step, so that a step that is tried again adds none twice.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="fan-out-event",
        example="""
await step.sendEvent("tell", { name: "order/paid", data });
// BullMQ: jobId is made of the run, "tell" and the number of the event
""",
    ),
    Trap(
        "MIG409",
        "The same event twice",
        "helper",
        "An event's `id`, and a function's `idempotency` key, keep a second one out for 24 hours in Inngest. BullMQ's "
        "deduplication does it per queue for the event's id; the key is remembered in Redis when a run begins.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="idempotency",
        example="""
// Inngest
await inngest.send({ id: `paid-${order.id}`, name: "order/paid", data });
// BullMQ
queue.add("reward", data, { deduplication: { id: `paid-${order.id}`, ttl: 86_400_000 } })
""",
    ),
    Trap(
        "MIG411",
        "What happens when a function has failed",
        "helper",
        "`onFailure` becomes a job on a queue of its own, put there before the failed job is given up. A listener for "
        "BullMQ's `failed` event would lose it when the worker stops at the wrong moment.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="failure-handler",
        example="""
// Inngest
{ id: "import", onFailure: async ({ error, event }) => alert(error) }
// BullMQ: a job on the queue "import-failure", added before the job fails for good
""",
    ),
    Trap(
        "MIG412",
        "How many at a time",
        "helper",
        "Inngest's limit counts steps that are running, over all machines. The queue's global concurrency counts jobs, "
        "so a job of such a function does its steps one after the other, also those that its code starts together. The "
        "limit is never exceeded.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="concurrency-limit",
        example="""
// Inngest: four steps at once, over all machines
{ id: "render", concurrency: 4 }
// BullMQ: four jobs at once, over all machines
await queue.setGlobalConcurrency(4);
""",
    ),
    Trap(
        "MIG416",
        "Runs that Inngest has begun",
        "human",
        "A function that has left the endpoint's list can no longer be called by Inngest: runs that sleep or wait for a "
        "retry are lost. Pause the functions in Inngest and let their runs end before you deploy. The worker is a "
        "process that runs all the time; where the application is hosted without one, it needs another place.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="application",
        refines="MIG509",
        example="""
// a run that sleeps until tomorrow is not called any more once the function has left
serve({ client, functions: [render /* digest has moved */] })
""",
    ),
    Trap(
        "MIG417",
        "Schedules that were missed",
        "automatic",
        "Inngest skips a time at which it could not start a function. BullMQ keeps one job, which runs as soon as a worker is back.",
        sources=_INNGEST,
        targets=_BULLMQ,
        capability="cron",
        example="""
// no worker from 01:50 to 02:10; cron at 02:00
// Inngest: nothing. BullMQ: runs at 02:10
""",
    ),
    Trap(
        "MIG418",
        "Half the functions here, half there",
        "helper",
        "While some functions stay on Inngest, the client does too. `throughQueues` makes it put each event on the "
        "queues of what has moved, and send all of them to Inngest as before. Inngest comes first: when it cannot be "
        "reached, nothing has happened.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="application",
        example="""
const client = throughQueues(new Inngest({ id: "shop" }));
await client.send(event);    // to Inngest, and to the queues of what has moved
""",
    ),
)
