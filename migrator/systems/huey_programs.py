"""Command lines that start Huey's consumer (huey 3.5.4, django-huey 1.3.1)."""

from __future__ import annotations

from migrator.systems.facts import Program

_VALUES = {
    "-w": "workers",
    "--workers": "workers",
    "-k": "worker-type",
    "--worker-type": "worker-type",
    "-d": "delay",
    "--delay": "delay",
    "-m": "max-delay",
    "--max-delay": "max-delay",
    "-b": "backoff",
    "--backoff": "backoff",
    "-c": "health-check-interval",
    "--health-check-interval": "health-check-interval",
    "-L": "extra-locks",
    "--extra-locks": "extra-locks",
    "-M": "max-tasks",
    "--max-tasks": "max-tasks",
    "-t": "shutdown-timeout",
    "--shutdown-timeout": "shutdown-timeout",
    "-g": "graceful-signal",
    "--graceful-signal": "graceful-signal",
    "-s": "scheduler-interval",
    "--scheduler-interval": "scheduler-interval",
    "-l": "logfile",
    "--logfile": "logfile",
    "--queue": "queue",
}
_FLAGS = {
    "-v": "verbose",
    "--verbose": "verbose",
    "-q": "quiet",
    "--quiet": "quiet",
    "-S": "simple",
    "--simple": "simple",
    "-n": "no-periodic",
    "--no-periodic": "no-periodic",
    "-C": "disable-health-check",
    "--disable-health-check": "disable-health-check",
    "-f": "flush-locks",
    "--flush-locks": "flush-locks",
    "-A": "disable-autoload",
    "--disable-autoload": "disable-autoload",
}
_DJANGO = {"--settings": "settings", "--pythonpath": "pythonpath", "--verbosity": "verbosity"}

PROGRAMS = (
    *(
        Program(name=name, commands={"": "worker"}, values=_VALUES, flags=_FLAGS, concurrency="workers", needs=r"[.$]")
        for name in ("huey_consumer", "huey_consumer.py", "huey.bin.huey_consumer")
    ),
    *(
        Program(name=name, commands={"": "worker"}, values=_VALUES | _DJANGO, flags=_FLAGS, queues="queue", concurrency="workers")
        for name in ("run_huey", "run_djangohuey", "djangohuey")
    ),
)
