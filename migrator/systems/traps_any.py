"""What changes between any two systems, where no trap of the pair says it more exactly: MIG500 to MIG519."""

from __future__ import annotations

from migrator.systems.trap import Trap

#: these hold for many moves; a move with none but these has not been looked at on its own
GENERAL = True

TRAPS = (
    Trap(
        "MIG500",
        "Runs or retries",
        "automatic",
        "Some systems count how often a job runs, others how often it runs again. A number that is carried over as it "
        "stands gives one run too many or one too few. The rewrite counts runs, and writes the target's own number.",
        example="""
retries: 4          // Inngest, Celery, pg-boss, RQ, Dramatiq, Huey, QStash: 5 runs
attempts: 5         // BullMQ, Bull, Taskiq, arq, SQS's maxReceiveCount: 5 runs
""",
    ),
    Trap(
        "MIG501",
        "What holds when nothing is said",
        "automatic",
        "A job that says nothing is run once on BullMQ, RQ and Huey, three times on pg-boss, four times on QStash, five "
        "times on Inngest, 21 times on Dramatiq. The rewrite writes every number out: retries, waits, time limit, time "
        "zone, retention.",
        example="""
queue.add("sync", data)                                     // BullMQ: one run
boss.send("sync", data, { retryLimit: 0 })                  // pg-boss: one run, only because it says so
""",
    ),
    Trap(
        "MIG502",
        "Seconds and milliseconds",
        "automatic",
        "BullMQ, Bull and Dramatiq count in milliseconds, nearly all others in seconds; Inngest reads texts such as "
        '"90s" and numbers as milliseconds. Numbers are converted, expressions multiplied, whole seconds rounded up.',
        capability="delay",
        example="""
queue.add("remind", data, { delay: 90_000 })     // BullMQ
boss.send("remind", data, { startAfter: 90 })    // pg-boss
""",
    ),
    Trap(
        "MIG503",
        "Waits between attempts",
        "helper",
        "Every system has its own formula: BullMQ doubles from the delay, Bull takes `(2 ** n - 1) * delay`, pg-boss "
        "doubles with jitter, Dramatiq always has jitter, Taskiq's exponent is a straight line, Inngest has a fixed "
        "table. Where the formula is not the same, a function with the old one is generated, or a person decides that "
        "the target's will do.",
        capability="backoff",
        example="""
// Bull, delay 1000:   1 s, 3 s, 7 s
// BullMQ, delay 1000: 1 s, 2 s, 4 s
backoff: { type: "exponential", delay: 1000 }
""",
    ),
    Trap(
        "MIG504",
        "Priorities: direction, range, and none at all",
        "helper",
        "Lower goes first on BullMQ, Bull, Dramatiq and Celery over Redis, higher on pg-boss, Procrastinate, Huey, "
        "Django Tasks and Celery over RabbitMQ; on Inngest it is a head start in seconds. A job without priority goes "
        "before all others on BullMQ, after all on Bull, and counts as 0 on pg-boss. Literal numbers can be turned "
        "round; one that is computed needs a person.",
        capability="priority",
        example="""
boss.send("alert", data, { priority: 10 })       // pg-boss: soon
queue.add("alert", data, { priority: 10 })       // BullMQ: late; without a priority: first
""",
    ),
    Trap(
        "MIG505",
        "Time zone of schedules",
        "automatic",
        "Where nothing is said, cron is in UTC on Inngest, pg-boss, QStash, pg_cron and Procrastinate, and in the time "
        "zone of the process on BullMQ, Bull, RQ, arq and APScheduler. The rewrite writes the zone out. Where the "
        "source used the zone of its process, a person has to say which that was.",
        capability="cron",
        example="""
queue.upsertJobScheduler("digest", { pattern: "0 9 * * *" })              // 9:00 where the worker is
boss.schedule("digest", "0 9 * * *", null, { tz: "Europe/Berlin" })       // 9:00 in Berlin
""",
    ),
    Trap(
        "MIG506",
        "Cron is not one language",
        "helper",
        "Fields for seconds, names such as @daily and the number of Sunday differ. Where both day of month and day of "
        "week are given, Celery, Huey, arq and APScheduler want both to match, the cron of most others wants one of "
        "them. Celery's and Huey's crontab(hour=5) is every minute of that hour, APScheduler's hour=5 is once. Fields "
        "are translated one by one; where the target would fire more often, a condition is put first in the job.",
        capability="cron",
        example="""
crontab(minute=0, hour=8, day_of_month="13", day_of_week="fri")    # Celery: Fridays that are the 13th
0 8 13 * 5                                                         # cron: each 13th, and all Fridays
""",
    ),
    Trap(
        "MIG507",
        "Names that the target does not take",
        "automatic",
        "BullMQ refuses a colon in a queue's name, pg-boss 12 takes letters, digits and - _ . / only, Dramatiq's queues "
        "are identifiers with dots and hyphens, BullMQ's ids are no whole numbers. Names are mapped by a fixed rule, "
        "and two that would become one are reported.",
        example="""
new Queue("mail:send")        // Bull
new Queue("mail-send")        // BullMQ 5 and later
""",
    ),
    Trap(
        "MIG508",
        "What JSON does to arguments",
        "helper",
        "Dates become text, `undefined` goes, classes become plain objects; in Python a date or Decimal raises an "
        "error, or with Taskiq becomes text without one. Celery's own JSON and everything that pickles bring them back "
        "as they were. Literals are converted; what arrives has to be read again in the handler.",
        capability="typed-arguments",
        example="""
queue.add("remind", { at: new Date() })                  // arrives as text
const at = new Date(job.data.at)
""",
    ),
    Trap(
        "MIG509",
        "Jobs that are still on their way",
        "human",
        "What waits, sleeps, retries or was put off in the old system is not moved by changing code. Let the old "
        "workers run until their queues, delayed and retrying jobs are at zero, or move what waits with `migrate "
        "transfer`; and find the senders in other repositories.",
        scope="application",
        example="""
migrate verify --from bull --to bullmq      # the gates ask for empty queues
""",
    ),
    Trap(
        "MIG510",
        "A run that broke off: lost, or repeated",
        "human",
        "Celery, RQ, Huey, APScheduler and pg_cron lose a run whose process dies. Most targets do it again. Find out "
        "for each job whether doing it twice does harm, and guard it where it does.",
        capability="early-acknowledgement",
        example="""
charge(order)                                            # twice, after a crash in the middle
charge(order, idempotency_key=f"order-{order.pk}")       # once
""",
    ),
    Trap(
        "MIG511",
        "Enqueue and commit are no longer one",
        "human",
        "A row that joins the transaction comes and goes with it. On a system that keeps its jobs elsewhere, a job can "
        "start before the commit, for something that was rolled back, or be lost between commit and send. Send after "
        "the commit, or keep a table as outbox and relay from it.",
        sources=("pg-boss", "postgres-table", "procrastinate", "django-tasks", "django-q", "graphile-worker"),
        targets=("inngest", "bullmq", "bull", "qstash", "sqs", "celery", "rq", "dramatiq", "huey", "arq", "taskiq"),
        capability="transactional-enqueue",
        example="""
await db.$transaction(async (tx) => { await tx.order.create(…); await tx.job.create(…); });
const order = await db.order.create(…);     // a crash here loses the job
await queue.add("invoice", { id: order.id });
""",
    ),
    Trap(
        "MIG512",
        "Long runs against the target's lease",
        "human",
        "A run that is not confirmed in time is handed out a second time while the first still works: after 30 s "
        "without renewal on BullMQ (a busy event loop cannot renew), after the visibility timeout on SQS and on Celery "
        "over Redis, after 10 minutes on Taskiq's streams, after `retry` seconds on django-q, after `expireInSeconds` "
        "on pg-boss. Set it above the longest run that was measured.",
        targets=("bullmq", "bull", "sqs", "celery", "taskiq", "django-q", "pg-boss"),
        capability="visibility-lease",
        example="""
new Worker("render", handler, { lockDuration: 300_000 })
boss.send("render", data, { expireInSeconds: 3600 })
""",
    ),
    Trap(
        "MIG513",
        "A time limit that was not there before",
        "automatic",
        "Dramatiq ends a run after 10 minutes, RQ after 180 s, arq after 300 s, pg-boss after 15 minutes, Lambda after "
        "3 s, though nothing is said. The rewrite writes down the limit that the job had, or none.",
        targets=("dramatiq", "rq", "arq", "pg-boss", "sqs"),
        example="""
q.enqueue(build, pk, job_timeout=-1)                       # RQ
@dramatiq.actor(time_limit=float("inf"))                   # Dramatiq
""",
    ),
    Trap(
        "MIG514",
        "Code that looks into the old system",
        "human",
        "Pages, scripts and health checks that count, list or retry jobs, or read their tables and keys, see an old "
        "system that slowly empties, and then nothing. They have to be written anew against the target, or against a "
        "status of the application's own.",
        capability="inspection",
        scope="application",
        example="""
const counts = await queue.getJobCounts();                 // BullMQ
const queues = await boss.getQueues();                     // pg-boss
""",
    ),
    Trap(
        "MIG515",
        "A process that is always up",
        "human",
        "The source calls the application, the target's workers are processes that have to run somewhere. A host that "
        "only answers requests (Vercel, Netlify, Lambda) has no place for them.",
        sources=("postgres-table", "inngest", "qstash", "upstash-workflow", "sqs", "pg_cron", "vercel-cron", "netlify"),
        targets=("bullmq", "bull", "pg-boss", "celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-q"),
        capability="serverless",
        scope="application",
        example="""
web: node dist/server.js
worker: node dist/worker.js        # new
""",
    ),
    Trap(
        "MIG516",
        "Handlers become HTTP requests",
        "human",
        "The target calls a URL: the host's limits on time and size hold for each step, what a worker kept in memory "
        "between jobs (caches, pools, a browser) may be gone, and the endpoint has to be public and its signature "
        "checked.",
        sources=(
            "bullmq",
            "bull",
            "pg-boss",
            "postgres-table",
            "celery",
            "rq",
            "dramatiq",
            "procrastinate",
            "huey",
            "arq",
            "taskiq",
            "django-q",
            "apscheduler",
        ),
        targets=("inngest", "qstash"),
        example="""
const browser = await launch();              // once in a worker, perhaps for every request on a serverless host
""",
    ),
    Trap(
        "MIG517",
        "Finished jobs stay for ever",
        "automatic",
        "BullMQ, Bull, Procrastinate and pg_cron keep finished jobs, with their data, until something removes them. The "
        "rewrite says for how long, with the same numbers for all.",
        targets=("bullmq", "bull", "procrastinate", "pg_cron", "postgres-table"),
        capability="retention",
        scope="application",
        example="""
defaultJobOptions: { removeOnComplete: { age: 86_400, count: 1000 }, removeOnFail: { age: 604_800 } }
""",
    ),
    Trap(
        "MIG518",
        "Command lines and health checks of workers",
        "helper",
        "Procfile, compose, systemd and Kubernetes start the old system's programs and ask the old system whether they "
        "live. Known options are translated, others are reported.",
        scope="application",
        example="""
celery -A shop worker -Q mail,slow -c 8
rq worker-pool -n 8 mail slow
""",
    ),
    Trap(
        "MIG519",
        "Packages around the old system",
        "human",
        "Monitors, error trackers, tracing, locks and progress bars hook into one system. What has a counterpart is "
        "named, the rest is left to a person.",
        scope="application",
        example="""
sentry_sdk.init(integrations=[CeleryIntegration()])
sentry_sdk.init(integrations=[DramatiqIntegration()])
""",
    ),
)
