"""From Inngest to pg-boss, how a function runs: MIG520 to MIG533."""

from __future__ import annotations

from migrator.systems.trap import Trap

_INNGEST = ("inngest",)
_PG_BOSS = ("pg-boss",)

TRAPS = (
    Trap(
        "MIG520",
        "Retries keep their number",
        "automatic",
        "retries and retryLimit both count what comes after the first run. Every queue says it, 4 where nothing was "
        "said; pg-boss's own default is 2.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        refines="MIG500",
        example="""
{ id: "import" }
await boss.createQueue("import", { retryLimit: 4 });
""",
    ),
    Trap(
        "MIG521",
        "Queues have to be made first",
        "automatic",
        "Sending to a queue that was not made throws (before version 11 it lost the job), and a worker on one only "
        "emits errors. A generated file makes all of them after start, dead letter queues first.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        scope="application",
        example="""
await boss.createQueue("import-dead"); await boss.createQueue("import", { deadLetter: "import-dead" });
""",
    ),
    Trap(
        "MIG522",
        "Handlers get a list",
        "automatic",
        "A worker's handler is given an array, also of one. The rewrite takes the first and keeps batchSize at 1: an "
        "error fails the whole batch.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        example="""
async ({ event }) => …
await boss.work("import", { batchSize: 1 }, async ([job]) => …);
""",
    ),
    Trap(
        "MIG523",
        "Attempts, results and waiting times of steps",
        "helper",
        "pg-boss retries a job as a whole, and knows no steps. Results of steps have to be kept in a table by a helper, "
        "or each step becomes a queue of its own.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="steps",
        example="""
await step.run("charge", () => charge(order));
await once(job.id, "charge", () => charge(order));          // a row in a table
""",
    ),
    Trap(
        "MIG524",
        "Sleeping means sending again",
        "helper",
        "A running job cannot be put off. It is completed and sent again with startAfter and its place; the new job has "
        "another id and all its retries anew.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="step-sleep",
        example="""
await step.sleep("a-day", "1d");
await boss.send("trial", { ...data, at: "reminder" }, { startAfter: 86_400 });
""",
    ),
    Trap(
        "MIG525",
        "Fifteen minutes",
        "automatic",
        "pg-boss gives a run 15 minutes, then runs it again, while the first still works. Every queue says "
        "expireInSeconds, 7200 as on Inngest where nothing was said; a day is the most.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        refines="MIG513",
        example="""
await boss.createQueue("render", { expireInSeconds: 7200 });
""",
    ),
    Trap(
        "MIG526",
        "Errors that end a run",
        "human",
        "There is no such error. A helper around the handler answers with perJobResults and the status deadletter, from "
        "version 12 and with a dead letter queue.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="no-retry-error",
        example="""
throw new NonRetriableError("no such order");
return [{ id: job.id, status: "deadletter" }];
""",
    ),
    Trap(
        "MIG527",
        "Errors that say when",
        "helper",
        "A failure cannot name its wait. Complete the job and send it again with startAfter and a count of its "
        "attempts, or take the queue's waits.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="retry-from-body",
        example="""
throw new RetryAfterError("busy", "90s");
await boss.send("sync", { ...data, attempt: attempt + 1 }, { startAfter: 90 });
""",
    ),
    Trap(
        "MIG528",
        "Failure handlers become dead letter queues",
        "helper",
        "onFailure becomes a worker on the dead letter queue. It gets the data of the failed job; the error is in "
        "source_output of the row (version 12), not in the data.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="failure-handler",
        example="""
{ id: "import", onFailure: async ({ error }) => alert(error) }
await boss.work("import-dead", async ([job]) => alert(job.data));
""",
    ),
    Trap(
        "MIG529",
        "Events become publications",
        "automatic",
        "subscribe and publish do what triggers did, from rows in the database. Publishing to no one is silent on both; "
        "options of publish hold for all listeners.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="fan-out-event",
        example="""
await boss.subscribe("user/created", "welcome");
await boss.publish("user/created", data);
""",
    ),
    Trap(
        "MIG530",
        "Schedules are rows",
        "automatic",
        "Each cron becomes boss.schedule with its time zone, looked at every 30 seconds. One that is removed from the "
        "code stays in the table until it is unscheduled.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="cron",
        example="""
{ cron: "TZ=Europe/Berlin 0 9 * * *" }
await boss.schedule("digest", "0 9 * * *", null, { tz: "Europe/Berlin" });
""",
    ),
    Trap(
        "MIG531",
        "Up to two seconds later",
        "automatic",
        "Workers look every two seconds, and take one job each time unless localConcurrency or batchSize say more. An "
        "experiment has to expect it; useListenNotify shortens it from version 12.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        scope="application",
        example="""
await boss.work("import", { localConcurrency: 10, pollingIntervalSeconds: 0.5 }, handler);
""",
    ),
    Trap(
        "MIG532",
        "Conditions of triggers",
        "helper",
        "subscribe has no condition. It is put where the event is published, or first in the handler, where the job is "
        "made and does nothing.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="event-condition",
        example="""
{ event: "order/paid", if: "event.data.total > 100" }
if (!(event.data.total > 100)) return;
""",
    ),
    Trap(
        "MIG533",
        "Waits between attempts",
        "human",
        "Inngest follows a table from 15 seconds to two hours; pg-boss waits retryDelay, or doubles it with jitter. The "
        "rewrite says retryDelay 15 and retryBackoff, which comes near.",
        sources=_INNGEST,
        targets=_PG_BOSS,
        capability="backoff",
        refines="MIG503",
        example="""
await boss.createQueue("import", { retryLimit: 4, retryDelay: 15, retryBackoff: true, retryDelayMax: 7200 });
""",
    ),
)
