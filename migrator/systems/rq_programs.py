"""Command lines that start RQ's processes (rq 3.0.0 and 2.12.0, django-rq 4.2.0, rq-scheduler 0.14.0, Flask-RQ2 18.3)."""

from __future__ import annotations

from migrator.systems.facts import Program

_CONNECTION = {
    "-u": "url",
    "--url": "url",
    "-c": "config",
    "--config": "config",
    "-P": "path",
    "--path": "path",
    "-S": "serializer",
    "--serializer": "serializer",
    "-w": "worker-class",
    "--worker-class": "worker-class",
    "-j": "job-class",
    "--job-class": "job-class",
    "--queue-class": "queue-class",
    "--connection-class": "connection-class",
    "--logging-level": "logging-level",
    "--logging_level": "logging-level",
    "--log-format": "log-format",
    "--date-format": "date-format",
    "--exception-handler": "exception-handler",
    "--pid": "pid",
    "--sentry-dsn": "sentry-dsn",
}
_WORKER = (
    _CONNECTION
    | {"-n": "name", "--name": "name", "-ds": "dequeue-strategy", "--dequeue-strategy": "dequeue-strategy"}
    | {
        f"--{name}": name
        for name in ("results-ttl", "worker-ttl", "maintenance-interval", "job-monitoring-interval", "max-jobs", "max-idle-time")
    }
)
_POOL = _CONNECTION | {"-n": "num-workers", "--num-workers": "num-workers", "-l": "logging-level"}
_SCHEDULER = {
    "-H": "host",
    "--host": "host",
    "-p": "port",
    "--port": "port",
    "-d": "db",
    "--db": "db",
    "-P": "password",
    "--password": "password",
    "-u": "url",
    "--url": "url",
    "-i": "interval",
    "--interval": "interval",
    "--path": "path",
    "--pid": "pid",
    "-j": "job-class",
    "-q": "queue-class",
    "--queue": "queue",
}
_FLAGS = {
    "-b": "burst",
    "--burst": "burst",
    "-s": "with-scheduler",
    "--with-scheduler": "with-scheduler",
    "-v": "verbose",
    "--verbose": "verbose",
    "-q": "quiet",
    "--quiet": "quiet",
    "-d": "disable-default-exception-handler",
    "--disable-default-exception-handler": "disable-default-exception-handler",
    "--disable-job-desc-logging": "disable-job-desc-logging",
}
_DJANGO = {"--settings": "settings", "--pythonpath": "pythonpath", "--verbosity": "verbosity"}

PROGRAMS = (
    Program(name="rq", commands={"worker": "worker"}, values=_WORKER, flags=_FLAGS, queues="*"),
    Program(name="rq", commands={"worker-pool": "worker"}, values=_POOL, flags=_FLAGS, queues="*", concurrency="num-workers"),
    Program(name="rq", commands={"cron": "scheduler", "scheduler": "scheduler"}, values=_POOL, flags=_FLAGS),
    # `rqworker` alone is older than RQ 1.0; `manage.py rqworker` is django-rq's.
    Program(name="rqworker", commands={"": "worker"}, values=_WORKER | _DJANGO, flags=_FLAGS, queues="*"),
    Program(name="rqworker-pool", commands={"": "worker"}, values=_POOL | _DJANGO, flags=_FLAGS, queues="*", concurrency="num-workers"),
    Program(name="rqscheduler", commands={"": "scheduler"}, values=_SCHEDULER | _DJANGO, flags={"-b": "burst", "--burst": "burst"}),
    Program(name="rqcron", commands={"": "scheduler"}, values=_POOL | _DJANGO),
    Program(name="rq-dashboard", commands={"": "monitor"}),
)
