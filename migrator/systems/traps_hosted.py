"""From QStash, SQS with Lambda, and pg_cron: MIG680 to MIG699."""

from __future__ import annotations

from migrator.systems.trap import Trap

_PG_CRON = ("pg_cron",)
_QSTASH = ("qstash",)
_SQS = ("sqs",)
_TARGETS = ("bullmq", "pg-boss", "inngest")

TRAPS = (
    Trap(
        "MIG680",
        "Routes become handlers",
        "human",
        "The body of an HTTP route becomes a function of a job: what it read from headers, checked in the signature and "
        "said by its status has to go or be translated. A status that is no success becomes an error.",
        sources=_QSTASH,
        targets=_TARGETS,
        example="""
export const POST = verifySignatureAppRouter(async (req) => {
  await send(await req.json());
  return new Response();
});
new Worker("send", (job) => send(job.data))
""",
    ),
    Trap(
        "MIG681",
        "Retries of a delivery",
        "automatic",
        "retries counts what comes after the first one, 3 unless said. The rewrite writes it out.",
        sources=_QSTASH,
        targets=_TARGETS,
        refines="MIG500",
        example="""
await client.publishJSON({ url, body })                      // four deliveries
queue.add("send", body, { attempts: 4 })
""",
    ),
    Trap(
        "MIG682",
        "Waits of a delivery",
        "helper",
        "They grow by e to the power of 2.5: 12 s, 2.5 min, 30 min, 6 h, a day. Doubling from 12 s is much sooner; a "
        "strategy of the worker keeps them on BullMQ.",
        sources=_QSTASH,
        targets=_TARGETS,
        capability="backoff",
        refines="MIG503",
        example="""
backoffStrategy: (made) => Math.min(86_400, Math.exp(2.5 * made)) * 1000
""",
    ),
    Trap(
        "MIG683",
        "Callbacks",
        "helper",
        "callback and failureCallback are URLs that get the answer. They become code after the handler, or a job of their own.",
        sources=_QSTASH,
        targets=_TARGETS,
        capability="failure-handler",
        example="""
await client.publishJSON({ url, body, failureCallback: `${base}/failed` })
""",
    ),
    Trap(
        "MIG684",
        "Flow control by key",
        "human",
        "flowControl limits parallelism and rate for each key, over all URLs. pg-boss has groups for the first, BullMQ "
        "a queue for each key.",
        sources=_QSTASH,
        targets=("bullmq", "pg-boss"),
        capability="concurrency-key",
        example="""
flowControl: { key: customer, parallelism: 2 }
""",
    ),
    Trap(
        "MIG685",
        "URL groups",
        "helper",
        "Their members are kept at QStash, not in the code. List them before the switch.",
        sources=_QSTASH,
        targets=_TARGETS,
        capability="fan-out-event",
        example="""
await client.publishJSON({ urlGroup: "orders", body })
""",
    ),
    Trap(
        "MIG686",
        "Schedules at QStash",
        "helper",
        "They are kept there, also when nobody's code makes them any more. List them by the API, take the time zone "
        "from CRON_TZ, and delete them at the switch.",
        sources=_QSTASH,
        targets=_TARGETS,
        capability="dynamic-schedule",
        example="""
for (const s of await client.schedules.list()) console.log(s.cron, s.destination);
""",
    ),
    Trap(
        "MIG687",
        "Answers that end it",
        "automatic",
        "Status 489 with Upstash-NonRetryable-Error becomes the target's own error, where it has one.",
        sources=_QSTASH,
        targets=_TARGETS,
        capability="no-retry-error",
        example="""
return new Response("no such order", { status: 489, headers: { "Upstash-NonRetryable-Error": "true" } });
throw new UnrecoverableError("no such order");
""",
    ),
    Trap(
        "MIG690",
        "How often a message comes",
        "human",
        "maxReceiveCount counts every receive, also those of a worker that was throttled or only looked. It stands in "
        "the infrastructure's code; without a redrive policy a message comes again until it is too old.",
        sources=_SQS,
        targets=_TARGETS,
        refines="MIG500",
        example="""
RedrivePolicy: { maxReceiveCount: 3 }
queue.add("sync", data, { attempts: 3 })
""",
    ),
    Trap(
        "MIG691",
        "Lists of messages",
        "human",
        "A Lambda gets up to ten at once, and one error repeats all unless it names those that failed. The loop around "
        "the records goes, and each becomes a job.",
        sources=_SQS,
        targets=_TARGETS,
        capability="batch",
        example="""
for (const record of event.Records) await sync(JSON.parse(record.body));
new Worker("sync", (job) => sync(job.data))
""",
    ),
    Trap(
        "MIG692",
        "The wait is the visibility timeout",
        "automatic",
        "A message comes again when its timeout is over, counted from the receive. The rewrite says that as a fixed wait.",
        sources=_SQS,
        targets=_TARGETS,
        capability="backoff",
        refines="MIG503",
        example="""
visibilityTimeout: Duration.seconds(180)
{ backoff: { type: "fixed", delay: 180_000 } }
""",
    ),
    Trap(
        "MIG693",
        "FIFO queues",
        "human",
        "MessageGroupId keeps the order in each group and lets groups run side by side. pg-boss has key_strict_fifo; "
        "BullMQ needs a queue for each group, Inngest a concurrency of 1 for each key, which is nearly in order.",
        sources=_SQS,
        targets=_TARGETS,
        capability="ordering",
        example="""
MessageGroupId: order.customer
""",
    ),
    Trap(
        "MIG694",
        "Rights and alarms in the infrastructure",
        "human",
        "Who may send, dead letter queues, alarms and scaling stand in CloudFormation, CDK or Terraform. They are named, not rewritten.",
        sources=_SQS,
        targets=_TARGETS,
        scope="application",
        example="""
queue.grantSendMessages(api);
""",
    ),
    Trap(
        "MIG695",
        "Topics and buses before the queue",
        "human",
        "SNS, EventBridge and S3 send to a queue on their own. Something has to take their messages and enqueue them.",
        sources=_SQS,
        targets=_TARGETS,
        capability="fan-out-event",
        example="""
topic.addSubscription(new SqsSubscription(queue));
""",
    ),
    Trap(
        "MIG697",
        "Runs that were never repeated",
        "human",
        "What failed waited for its next time. With retries, SQL or a call that did half of its work is done again.",
        sources=_PG_CRON,
        targets=_TARGETS,
        capability="retries",
        example="""
select cron.schedule('nightly', '0 3 * * *', 'call close_day()');
""",
    ),
    Trap(
        "MIG698",
        "SQL leaves the database",
        "human",
        "The statement ran inside, as its owner, in one transaction. A job runs it over a connection, with the "
        "application's rights and time limits. Work that is nothing but SQL may be best where it is.",
        sources=_PG_CRON,
        targets=_TARGETS,
        example="""
await db.query("call close_day()");
""",
    ),
    Trap(
        "MIG699",
        "Calls over HTTP that nobody waited for",
        "human",
        "net.http_post succeeds when the request is queued, whatever comes back. A job that waits for the answer will "
        "see errors that were always there.",
        sources=_PG_CRON,
        targets=_TARGETS,
        example="""
select net.http_post(url := 'https://shop.example/sync');
const answer = await fetch("https://shop.example/sync", { method: "POST" });
""",
    ),
)
