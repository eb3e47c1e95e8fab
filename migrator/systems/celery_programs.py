"""Command lines that start Celery's processes (celery 5.7.0, flower 2.0; the old order of words and the old programs too)."""

from __future__ import annotations

from migrator.systems.facts import Program

_GLOBAL = {
    "-A": "app",
    "--app": "app",
    "-b": "broker",
    "--broker": "broker",
    "--result-backend": "result-backend",
    "--config": "config",
} | {
    "--loader": "loader",
    "--workdir": "workdir",
}
_COMMON = {"-l": "loglevel", "--loglevel": "loglevel", "-f": "logfile", "--logfile": "logfile", "--pidfile": "pidfile"} | {
    f"--{name}": name for name in ("uid", "gid", "umask", "executable")
}
_WORKER = {
    "-n": "hostname",
    "-S": "statedb",
    "-O": "optimization",
    "-c": "concurrency",
    "-P": "pool",
    "-Q": "queues",
    "-X": "exclude-queues",
    "-I": "include",
    "-s": "schedule",
    "--schedule-filename": "schedule",
    "--maxtasksperchild": "max-tasks-per-child",
} | {
    f"--{name}": name
    for name in (
        *("hostname", "statedb", "optimization", "prefetch-multiplier", "concurrency", "pool", "time-limit", "soft-time-limit", "queues"),
        *("max-tasks-per-child", "pool-start-method", "max-memory-per-child", "exclude-queues", "include", "heartbeat-interval"),
        *("autoscale", "schedule", "scheduler"),
    )
}
_BEAT = {"-s": "schedule", "--schedule": "schedule", "-S": "scheduler", "--scheduler": "scheduler", "--max-interval": "max-interval"}
_FLAGS = {
    "-D": "detach",
    "--detach": "detach",
    "-C": "no-color",
    "--no-color": "no-color",
    "-q": "quiet",
    "--quiet": "quiet",
    "--skip-checks": "skip-checks",
    "-E": "task-events",
    "--task-events": "task-events",
    "--events": "task-events",
    "-B": "beat",
    "--beat": "beat",
    "--purge": "purge",
    "--discard": "purge",
    "--disable-prefetch": "disable-prefetch",
    "--without-gossip": "without-gossip",
    "--without-mingle": "without-mingle",
    "--without-heartbeat": "without-heartbeat",
}

PROGRAMS = (
    Program(
        name="celery",
        commands={"worker": "worker", "multi": "worker"},
        values=_GLOBAL | _COMMON | _WORKER,
        flags=_FLAGS,
        queues="queues",
        concurrency="concurrency",
    ),
    Program(name="celery", commands={"beat": "scheduler"}, values=_GLOBAL | _COMMON | _BEAT, flags=_FLAGS),
    Program(name="celery", commands={"flower": "monitor", "events": "monitor"}, values=_GLOBAL | _COMMON, flags=_FLAGS),
    Program(
        name="celeryd",
        commands={"": "worker"},
        values=_GLOBAL | _COMMON | _WORKER,
        flags=_FLAGS,
        queues="queues",
        concurrency="concurrency",
    ),
    Program(name="celerybeat", commands={"": "scheduler"}, values=_GLOBAL | _COMMON | _BEAT, flags=_FLAGS),
    Program(name="flower", commands={"": "monitor"}, values=_GLOBAL | _COMMON),
)
