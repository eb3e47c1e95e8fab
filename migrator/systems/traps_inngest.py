"""What changes meaning between Inngest and BullMQ: MIG400 to MIG499. Human ones are reasons for which a function stays on Inngest."""

from __future__ import annotations

from migrator.systems.trap import Trap

TRAPS = (
    # --- what the rewrite takes care of -------------------------------------------------------------------------------
    Trap(
        "MIG400",
        "Retries become attempts",
        "automatic",
        "Inngest's `retries` counts what comes after the first run, and is 4 when nothing is said. BullMQ's `attempts` counts all "
        "runs and is 1 when nothing is said. Every definition and every row of the route table says `attempts`, one more than the "
        "retries were.",
    ),
    Trap(
        "MIG401",
        "Attempts, results and waiting times of steps",
        "helper",
        "In Inngest each step has all attempts for itself, a step that has succeeded is not run again, and the time before the next"
        " attempt follows a table that begins at 15 seconds with up to 30 more. BullMQ knows none of this. The generated `run.ts` "
        "keeps results, failures and times in the job's data. As in Inngest, a step may be run twice when its worker dies in the "
        "middle of it.",
    ),
    Trap(
        "MIG402",
        "Sleeping without holding a worker",
        "helper",
        "`step.sleep` and `step.sleepUntil` move the job to BullMQ's delayed jobs; its handler is called again from the top when it wakes.",
    ),
    Trap(
        "MIG405",
        "One event, many functions",
        "helper",
        "An Inngest event starts every function that listens to it. In BullMQ each function has a queue of its own, and sending an "
        "event adds a job to each of them, by the generated route table. An event that nobody listens to starts nothing, as before.",
    ),
    Trap(
        "MIG406",
        "Conditions of triggers",
        "helper",
        "The `if` of a trigger becomes a guard in the route table, so no empty jobs are made. Inngest's rules for missing fields are kept.",
    ),
    Trap(
        "MIG407",
        "Time zone of schedules",
        "automatic",
        "Inngest's cron is in UTC unless a `TZ=` stands before it; BullMQ's is in the time zone of the worker's machine. Every "
        "schedule is given its time zone.",
    ),
    Trap(
        "MIG408",
        "Events sent by a step",
        "helper",
        "The jobs that `step.sendEvent` adds have ids made of the run and the step, so that a step that is tried again adds none twice.",
    ),
    Trap(
        "MIG409",
        "The same event twice",
        "helper",
        "An event's `id`, and a function's `idempotency` key, keep a second one out for 24 hours in Inngest. BullMQ's deduplication"
        " does it per queue for the event's id; the key is remembered in Redis when a run begins.",
    ),
    Trap(
        "MIG411",
        "What happens when a function has failed",
        "helper",
        "`onFailure` becomes a job on a queue of its own, put there before the failed job is given up. A listener for BullMQ's "
        "`failed` event would lose it when the worker stops at the wrong moment.",
    ),
    Trap(
        "MIG412",
        "How many at a time",
        "helper",
        "Inngest's limit counts steps that are running, over all machines. The queue's global concurrency counts jobs, so a job of "
        "such a function does its steps one after the other, also those that its code starts together. The limit is never exceeded.",
    ),
    Trap(
        "MIG416",
        "Runs that Inngest has begun",
        "human",
        "A function that has left the endpoint's list can no longer be called by Inngest: runs that sleep or wait for a retry are "
        "lost. Pause the functions in Inngest and let their runs end before you deploy. The worker is a process that runs all the "
        "time; where the application is hosted without one, it needs another place.",
    ),
    Trap(
        "MIG417",
        "Schedules that were missed",
        "automatic",
        "Inngest skips a time at which it could not start a function. BullMQ keeps one job, which runs as soon as a worker is back.",
    ),
    Trap(
        "MIG418",
        "Half the functions here, half there",
        "helper",
        "While some functions stay on Inngest, the client does too. `throughQueues` makes it put each event on the queues of what "
        "has moved, and send all of them to Inngest as before. Inngest comes first: when it cannot be reached, nothing has "
        "happened.",
    ),
    # --- why a function stays -----------------------------------------------------------------------------------------
    Trap(
        "MIG430",
        "Waiting for an event in the middle of a run",
        "human",
        "BullMQ has nothing like `step.waitForEvent` or signals. Split the function in two jobs, keep what both need in your "
        "database, and let a delayed job be the timeout.",
        ("inngest",),
        ("bullmq",),
        "wait-for-event",
    ),
    Trap(
        "MIG431",
        "Invoking a function and waiting for it",
        "human",
        "`step.invoke` waits for another run's result. Call the code itself, or make the invoked function's work a step; with "
        "BullMQ's flows a parent can wait for children.",
    ),
    Trap(
        "MIG432",
        "Step tools that the runtime does not have",
        "human",
        "The generated runtime has run, sleep, sleepUntil and sendEvent. AI, fetch, realtime and experimental tools are Inngest's own.",
    ),
    Trap(
        "MIG433",
        "Step tools in other hands",
        "human",
        "The function hands `step`, or its whole context, to other code, which may do with it what the runtime does not know. Pass "
        "on functions that do the steps instead.",
    ),
    Trap(
        "MIG434",
        "A step within a step",
        "human",
        "What Inngest does with it is not defined. Put the steps one after the other.",
    ),
    Trap(
        "MIG435",
        "A concurrency limit per key, or shared",
        "human",
        "BullMQ has limits per queue only; groups are part of its commercial edition. A queue for each key, or a lock in the "
        "handler, may do.",
    ),
    Trap(
        "MIG436",
        "Throttling",
        "human",
        "Inngest spreads runs evenly over the period. A worker's `limiter` lets them all start at its beginning, and knows no keys.",
    ),
    Trap(
        "MIG437",
        "A rate limit that drops",
        "human",
        "Inngest drops what is over the limit. BullMQ can only keep out a second job with the same deduplication id.",
    ),
    Trap(
        "MIG438",
        "Debouncing",
        "human",
        "BullMQ's `deduplication` with `extend`, `replace` and a delay comes near for one queue; a longest wait has no counterpart.",
    ),
    Trap(
        "MIG439",
        "Events in batches",
        "human",
        "BullMQ hands jobs over one by one. Collect them in a list and let a delayed job work it off.",
    ),
    Trap(
        "MIG440",
        "Priorities computed from events",
        "human",
        "Inngest's priority is a head start in seconds; BullMQ's is a class, lower numbers first, none before all. Decide what you need.",
    ),
    Trap(
        "MIG441",
        "Singleton functions",
        "human",
        "Skipping can be said with BullMQ's simple deduplication; cancelling what runs cannot.",
    ),
    Trap(
        "MIG442",
        "Runs that events cancel",
        "human",
        "`cancelOn` ends a run from outside. In BullMQ let the handler look up whether it is still wanted, before each step.",
    ),
    Trap(
        "MIG443",
        "Timeouts that cancel",
        "human",
        "BullMQ has no timeout per job. Race the work against an AbortSignal, and check a job's age when it starts.",
    ),
    Trap(
        "MIG444",
        "Middleware",
        "human",
        "Middleware sees and changes events, steps and results, encrypts them for example. Nothing of it would be left. Move what "
        "it does into the functions first.",
    ),
    Trap(
        "MIG445",
        "A condition that has no counterpart",
        "human",
        "Translated are comparisons of the event's fields with literals, `&&`, `||`, `!`, `in`. Write what is more than that into "
        "the handler, where it can return at once.",
    ),
    Trap(
        "MIG446",
        "An idempotency key that has no counterpart",
        "human",
        "Translated is a single field of the event. Put what the key is made of into one field.",
    ),
    Trap(
        "MIG447",
        "Options that cannot be read or are not known",
        "human",
        "Options have to be written in place, as an object with known entries, and the number of retries as a number.",
    ),
    Trap(
        "MIG448",
        "Inngest's own events",
        "human",
        "Events such as `inngest/function.failed` come from Inngest's server, for every function that it runs. What has moved makes"
        " none. Give the functions an `onFailure`, or look at BullMQ's queue events.",
    ),
    Trap(
        "MIG449",
        "Two triggers for one event",
        "human",
        "Whether it starts the function once or twice is not defined. Say both conditions in one trigger.",
    ),
    Trap(
        "MIG450",
        "A schedule that cannot be read",
        "human",
        "Schedules are five plain fields, with or without a time zone before them. One that is computed cannot be checked.",
    ),
    Trap(
        "MIG451",
        "An event only known at run time",
        "human",
        "The route table needs the names of the events that start a function.",
    ),
    Trap(
        "MIG452",
        "A definition that is not written out",
        "human",
        "Moved are calls of `client.createFunction` that are the value of a constant or the default export at the top of a file.",
    ),
    Trap(
        "MIG453",
        "Does it run at all?",
        "human",
        "A function that no endpoint lists never runs. Where the list could not be found, moving it might start what was switched off.",
    ),
    Trap(
        "MIG454",
        "A list of functions that is computed",
        "human",
        "As long as Inngest has other functions, one that moves has to leave the endpoint's list, or it would run in both places.",
    ),
    Trap(
        "MIG455",
        "A file that a worker cannot load",
        "human",
        "The worker is a plain Node process. It cannot load a file that starts a server, or imports what only a framework's build "
        "provides. Put the function into a file of its own.",
    ),
    Trap(
        "MIG456",
        "Events that come from elsewhere",
        "human",
        "Nothing in this code base sends the event. Whoever does (another application, a webhook, a person) sends it to Inngest, "
        "where no function would hear it any more. If nobody does, rewrite with --unsafe.",
    ),
    Trap(
        "MIG457",
        "Events that go past the client",
        "human",
        "The event is also sent by a step of a function that stays on Inngest, or posted by hand; the queues would not get it.",
    ),
    Trap(
        "MIG460",
        "A client that is not a constant",
        "human",
        "The client has to be made by `new Inngest({ … })` as a constant at the top of a file, and be used by its name.",
    ),
    Trap(
        "MIG461",
        "Code on an edge runtime",
        "human",
        "Redis is reached over a TCP connection, which edge runtimes do not have. Send from another runtime, or through a route of "
        "your own.",
    ),
    Trap(
        "MIG462",
        "Other parts of the SDK",
        "human",
        "The function uses something of Inngest's package that the generated runtime does not offer.",
    ),
    Trap(
        "MIG463",
        "Settings of Inngest",
        "human",
        "Code that asks for `INNGEST_…` variables decides something by them. It has to ask for something else before they can go.",
    ),
    Trap(
        "MIG464",
        "A client of another package",
        "human",
        "The generated files stand in the client's package. A function of another package cannot import them by a relative path.",
    ),
    Trap(
        "MIG465",
        "Forms of older SDK versions",
        "human",
        "Version 1's constructors, and steps without ids as in version 2. Move to version 3 first.",
    ),
    Trap(
        "MIG466",
        "Functions in tests, examples and other languages",
        "human",
        "They are not moved; change them along with what they try.",
    ),
    Trap(
        "MIG467",
        "Versions that are too old",
        "human",
        "The generated code needs BullMQ 5.16 and ioredis 5, or later.",
    ),
    Trap(
        "MIG468",
        "What else speaks of Inngest",
        "human",
        "Documentation, scripts, containers and deployment files are not changed, only named.",
    ),
    Trap(
        "MIG469",
        "Parts of the context",
        "human",
        "The runtime's context has event, events, step, runId, attempt, maxAttempts, logger, and error in an `onFailure`.",
    ),
    Trap(
        "MIG470",
        "Types of events",
        "human",
        "Known are `fromRecord`, `fromUnion`, `fromGenerated`, `fromZod` and `fromSchema` of `EventSchemas`, written in the "
        "client's options.",
    ),
    Trap(
        "MIG471",
        "Steps that race",
        "human",
        "The runtime wakes a sleep and tries a failed step again once no other step of the job is running, so who comes first in a "
        "`Promise.race` may be another than on Inngest. Give the step a limit of time of its own.",
    ),
    Trap(
        "MIG472",
        "Code that asks Inngest about runs",
        "human",
        "Inngest's API knows the runs of an event, how they went and what they gave, and can cancel them. Of jobs in a queue it knows "
        "nothing, so code that asks would wait for ever. Let the function keep its state in your database, and ask there.",
    ),
)
