"""Command lines of RQ, Dramatiq and Huey: which words are queues, which belong to options, and what starts nothing."""

from __future__ import annotations

import pytest

from migrator.jobs import Literal
from migrator.scanners.manifests.commands import in_script

LINES = {
    "rq": ("rq worker", "worker", (), {}),
    "rq queues": ("rq worker -u $REDIS_URL --with-scheduler --name w1 high low", "worker", ("high", "low"), {"name": "w1"}),
    "rq queues first": ("rq worker high low -s --burst", "worker", ("high", "low"), {"burst": True}),
    "rq strategy": ("rq worker -ds round_robin high", "worker", ("high",), {"dequeue-strategy": "round_robin"}),
    "rq ttl": ("rq worker --worker-ttl 300 --results-ttl=10 q", "worker", ("q",), {"worker-ttl": 300, "results-ttl": 10}),
    "rq settings": ("rq worker -c settings -w app.Worker -P src q", "worker", ("q",), {"config": "settings", "worker-class": "app.Worker"}),
    "rq pool": ("rq worker-pool high -n 4", "worker", ("high",), {"num-workers": 4}),
    "rq cron": ("rq cron --logging-level DEBUG app/cron_config.py", "scheduler", (), {"logging-level": "DEBUG"}),
    "rq before 1.0": ("rqworker -u redis://h high", "worker", ("high",), {"url": "redis://h"}),
    "django-rq": ("python manage.py rqworker high default --with-scheduler", "worker", ("high", "default"), {"with-scheduler": True}),
    "django-rq named": ("./manage.py rqworker --name w --worker-class a.B high", "worker", ("high",), {"name": "w"}),
    "django-rq pool": ("python manage.py rqworker-pool a b --num-workers 3", "worker", ("a", "b"), {"num-workers": 3}),
    "django-rq scheduler": ("python manage.py rqscheduler --queue q -i 5", "scheduler", (), {"interval": 5, "queue": "q"}),
    "rqscheduler": ("rqscheduler -H redis -p 6379 -i 2 --path .", "scheduler", (), {"host": "redis", "port": 6379}),
    "flask": ("flask rq worker mail", "worker", ("mail",), {}),
    "dramatiq": ("dramatiq tasks", "worker", (), {}),
    "dramatiq dotted": ("dramatiq -p 2 -t 4 app.tasks:broker app.more", "worker", (), {"processes": 2, "threads": 4}),
    "dramatiq flags": ("dramatiq --verbose --watch . --watch-use-polling tasks", "worker", (), {"verbose": True, "watch": "."}),
    "dramatiq queues": ("dramatiq tasks -Q high low --processes=1", "worker", ("high", "low"), {"processes": 1}),
    "dramatiq as module": ("python -m dramatiq app.tasks --use-spawn", "worker", (), {"use-spawn": True}),
    "dramatiq gevent": ("dramatiq-gevent tasks -t 1024", "worker", (), {"threads": 1024}),
    "dramatiq django": ("python manage.py rundramatiq --reload -p 1 --queues a b", "worker", ("a", "b"), {"reload": True, "processes": 1}),
    "periodiq": ("periodiq -v app.tasks", "scheduler", (), {"verbose": True}),
    "huey": ("huey_consumer.py app.huey -w 4 -k process -n", "worker", (), {"workers": 4, "worker-type": "process", "no-periodic": True}),
    "huey as module": ("python -m huey.bin.huey_consumer app.huey --workers=2", "worker", (), {"workers": 2}),
    "huey from a variable": ("huey_consumer $HUEY", "worker", (), {}),
    "huey django": ("python manage.py run_huey --workers 2 -f", "worker", (), {"workers": 2, "flush-locks": True}),
    "django-huey": ("python manage.py djangohuey --queue mail", "worker", ("mail",), {"queue": "mail"}),
}


@pytest.mark.parametrize(("line", "role", "queues", "options"), LINES.values(), ids=LINES)
def test_command_lines(line: str, role: str, queues: tuple[str, ...], options: dict) -> None:
    (found,) = in_script(line)
    command = found.command
    assert (command.role, command.queues) == (role, queues)
    assert options.items() <= {k: v.value for k, v in command.options.items() if isinstance(v, Literal)}.items()


@pytest.mark.parametrize(
    "line",
    [
        *(
            "rq info",
            "rq suspend",
            "rq enqueue app.f",
            "rq requeue --all",
            "rq",
            "pip install rq dramatiq",
            "dramatiq",
            "dramatiq --version",
        ),
        *(
            "huey_consumer",
            "docker compose up dramatiq worker",
            "python manage.py rqstats",
            "python manage.py rqenqueue app.f",
            "grep rq worker",
        ),
    ],
)
def test_what_starts_no_worker(line: str) -> None:
    assert list(in_script(line)) == []
