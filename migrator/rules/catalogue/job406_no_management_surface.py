"""JOB406: nobody can see what is in the queues, or do something about it."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job, Worker
from migrator.jobs.findings import Spot
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.rules.written import Forms, first, forms
from migrator.systems import SYSTEMS

_BULL_BOARDS = (
    *("@bull-board/api", "@bull-board/express", "@bull-board/nestjs", "@bull-board/fastify", "@bull-board/koa", "@bull-board/hono"),
    *("@bull-board/hapi", "@bull-board/elysia", "bull-board", "bull-arena", "bull-monitor", "@bull-monitor/express", "bull-master"),
    *("@queuedash/api", "@queuedash/ui", "@taskforcesh/connector", "taskforce-connector", "bullmq-ui"),
)
#: system -> packages that show its queues and do something about what is in them
_PAGES: dict[str, tuple[str, ...]] = {
    "bullmq": _BULL_BOARDS,
    "bull": _BULL_BOARDS,
    "celery": ("flower", "django-celery-results", "django-celery-monitor", "celery-director", "kanchi"),
    "rq": ("rq-dashboard", "django-rq", "rq-monitor", "rqmonitor", "rq-scheduler-dashboard"),
    "dramatiq": ("dramatiq-dashboard", "django-dramatiq"),
    "pg-boss": ("@pg-boss/dashboard", "@pg-boss/proxy", "pg-boss-dashboard"),
}
_QUEUE = forms(
    "getJobs getWaiting getFailed getActive getJob .pause .resume .clean .drain .retry",
    r"\.(?:getJobs|getWaiting|getFailed|getActive|getJob|retryJobs)\(|\bqueue\w*\.(?:pause|resume|clean|drain)\(",
)
#: system -> calls by which an application looks into its queues itself
_CALLS: dict[str, Forms] = {
    "bullmq": _QUEUE,
    "bull": _QUEUE,
    "celery": forms(
        ".control. inspect( .revoke( AsyncResult( TaskResult", r"\.control\.\w+|\binspect\(|\.revoke\(|\bAsyncResult\(|\bTaskResult\b"
    ),
    "rq": forms(
        "Registry requeue fetch_job get_jobs Job.fetch",
        r"\b\w+JobRegistry\b|\brequeue\w*\(|\.fetch_job\(|\.get_jobs\(|\bJob\.fetch(?:_many)?\(",
    ),
    "dramatiq": forms("get_queue_message_counts broker.join flush", r"\bget_queue_message_counts\(|\bbroker\.flush"),
    "pg-boss": forms(
        "getQueue getJobById fetch cancel resume retry findJobs deleteJob .job",
        r"\b[bB]oss\w*\??\.(?:getQueue\w*|getJobById|cancel|resume|retry|findJobs|fetch|deleteJob)\(|\bgetQueueStats\b"
        r"|(?i:from|into|update)\s+[$\w{}.]*\.job\b",
    ),
}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that runs jobs here and has no page of its own."""
    for system, packages in _PAGES.items():
        jobs = evidence.of(Job, system)
        if not jobs:
            continue
        monitor = next((w for w in evidence.of(Worker, system) if w.role == "monitor"), None)
        package = evidence.package(*packages)
        if monitor is not None:
            yield Pass(spot(monitor, "starts a page for the queues"))
        elif package is not None:
            yield Pass(Spot(package.path, package.line, f"has {package.what}"))
        elif (call := first(evidence, _CALLS[system])) is not None:
            yield Pass(call)
        else:
            message = f"There is no page and no code that shows the jobs of {SYSTEMS[system].title}, or retries, removes or pauses them."
            yield Fail(spot(jobs[0]), message, (system,), spots(jobs[1:]))


_WORKER = (
    'import { Queue, Worker } from "bullmq";\nexport const mails = new Queue("mail");\nnew Worker("mail", async (job) => send(job.data));\n'
)
_TASK = "from celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n"

RULE = Rule(
    id="JOB406",
    name="no-management-surface",
    title="Nobody can look into the queues",
    severity="medium",
    systems=tuple(_PAGES),
    what="An application that runs jobs, without a page for its queues (bull-board, Arena, Flower, rq-dashboard, pg-boss's dashboard) and "
    "without code that lists, retries, removes or pauses jobs.",
    why="When something is stuck, the way in is Redis or SQL by hand, in a hurry. A job that failed for a reason that has been mended is "
    "not run again, because nobody knows how.",
    how="Packages of the manifests, worker processes of such pages, and calls of the system's own interface in production code. One "
    "finding for each system. Inngest, QStash and other hosted systems have pages of their own and are left out.",
    false_alarms="A page that is run from another repository.",
    migration="Pages belong to a system: plan the target's before the source's is taken away.",
    fix="none",
    hint="Mount a page for the queues behind the login for administrators.",
    effort=Effort(240, 360, "project", "an estimate of an audit made by hand, with an interface of one's own; a ready page takes an hour"),
    sources=("bull-board documentation", "Celery user guide, Monitoring and management"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _WORKER},
            good={"mail.ts": _WORKER, "package.json": '{"dependencies": {"bullmq": "^5.0.0", "@bull-board/express": "^6.0.0"}}'},
        ),
        Example("celery", bad={"tasks.py": _TASK}, good={"tasks.py": _TASK, "requirements.txt": "celery==5.4.0\nflower==2.0.1\n"}),
    ),
    check=check,
    absence=True,
    anywhere=True,
)
