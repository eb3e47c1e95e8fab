"""RQ 2 and 3, django-rq and rq-scheduler (rq 3.0.0 and 2.12.0, read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="rq",
    title="RQ",
    languages=("python",),
    pypi=("rq", "django-rq", "rq-scheduler", "rq-dashboard", "flask-rq", "flask-rq2", "rqmonitor"),
    environment=("RQ_*",),
    programs=(
        Program(
            name="rq",
            commands={"worker": "worker", "worker-pool": "worker", "cron": "scheduler", "scheduler": "scheduler"},
            values={
                "-u": "url",
                "--url": "url",
                "-c": "config",
                "--config": "config",
                "-P": "path",
                "--path": "path",
                "-n": "name",
                "--name": "name",
                "--num-workers": "num-workers",
                "-w": "worker-class",
                "--worker-class": "worker-class",
                "--max-jobs": "max-jobs",
                "--logging-level": "logging-level",
            },
            flags={"-b": "burst", "--burst": "burst", "--with-scheduler": "with-scheduler", "-s": "with-scheduler"},
            queues="*",
            concurrency="num-workers",
        ),
        Program(name="rqworker", commands={"": "worker"}, queues="*"),
        Program(
            name="rqworker-pool", commands={"": "worker"}, queues="*", values={"--num-workers": "num-workers"}, concurrency="num-workers"
        ),
        Program(name="rqscheduler", commands={"": "scheduler"}, values={"-i": "interval", "--interval": "interval", "--queue": "queue"}),
        Program(name="rq-dashboard", commands={"": "monitor"}),
    ),
    retry=RetryFacts(option="max", counts="retries", default=0, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    default_timeout=180,
    default_timezone="local",
    acknowledgement="early",
    source="rq 3.0.0 and 2.12.0, rq-scheduler 0.14.0, django-rq 4.2.0",
)
