"""Command lines that start Dramatiq's processes (dramatiq 2.2.1, django-dramatiq 0.15.0, periodiq 0.14.0)."""

from __future__ import annotations

from migrator.systems.facts import Program

_VALUES = {
    "-p": "processes",
    "--processes": "processes",
    "-t": "threads",
    "--threads": "threads",
    "-P": "path",
    "--path": "path",
    "-Q": "queues",
    "--queues": "queues",
    "--pid-file": "pid-file",
    "--log-file": "log-file",
    "-f": "fork-function",
    "--fork-function": "fork-function",
    "--worker-fork-timeout": "worker-fork-timeout",
    "--worker-shutdown-timeout": "worker-shutdown-timeout",
    "--watch": "watch",
    "-i": "watch-include",
    "--watch-include": "watch-include",
    "-x": "watch-exclude",
    "--watch-exclude": "watch-exclude",
}
_FLAGS = {
    "-v": "verbose",
    "--verbose": "verbose",
    "--skip-logging": "skip-logging",
    "--use-spawn": "use-spawn",
    "--watch-use-polling": "watch-use-polling",
    "--reload": "reload",
    "--reload-use-polling": "reload-use-polling",
    "--use-gevent": "use-gevent",
}
_DJANGO = {"--settings": "settings", "--pythonpath": "pythonpath", "--verbosity": "verbosity"}
#: `module`, `package.module:broker` or something that the shell knows
_MODULE = r"^(\$|[A-Za-z_][\w.]*(:[\w.]+)?$)"
_MANY = ("queues", "path")

PROGRAMS = (
    *(
        Program(
            name=name,
            commands={"": "worker"},
            values=_VALUES | _DJANGO,
            flags=_FLAGS,
            queues="queues",
            concurrency="processes",
            many=_MANY,
            needs=needs,
        )
        for name, needs in (("dramatiq", _MODULE), ("dramatiq-gevent", _MODULE), ("rundramatiq", ""))
    ),
    Program(name="periodiq", commands={"": "scheduler"}, values=_VALUES, flags=_FLAGS, many=_MANY, needs=_MODULE),
    Program(name="runperiodiq", commands={"": "scheduler"}, values=_VALUES | _DJANGO, flags=_FLAGS, many=_MANY),
)
