"""An application all of whose jobs move: it does the same as before, where no Celery is installed any more."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from migrator.servers import redis as redis_server
from tests.behaviour.notifier_stage import Stage, rewrite_in_place

pytestmark = pytest.mark.behaviour

FILES = {
    "shop/__init__.py": "from .app import app as celery_app\n",
    "shop/app.py": """
    from celery import Celery

    app = Celery("shop")
    app.config_from_object("shop.settings", namespace="CELERY")
    app.autodiscover_tasks(["shop"], related_name="jobs")
    """,
    "shop/settings.py": """
    import os

    CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0")
    CELERY_TASK_ROUTES = {"shop.jobs.pack": {"queue": "bulk"}}
    CELERY_BEAT_SCHEDULE = {"tick": {"task": "shop.jobs.tick", "schedule": 1.0, "args": ("tock",), "options": {"queue": "bulk"}}}
    """,
    "shop/effects.py": """
    import json
    import os


    def done(effect, key, attempt=1):
        line = json.dumps({"attempt": attempt, "effect": effect, "key": str(key)}) + "\\n"
        handle = os.open(os.environ["EFFECTS_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(handle, line.encode())
        os.close(handle)
    """,
    "shop/jobs.py": """
    from celery import chain, group, shared_task

    from shop.effects import done


    @shared_task
    def take(order):
        done("take", order)
        return order * 2


    @shared_task(bind=True, max_retries=3)
    def pack(self, taken, box, label="none"):
        done(f"pack-{box}-{label}", taken, self.request.retries + 1)
        if self.request.retries < 2:
            raise self.retry(exc=ValueError("no tape"), countdown=0)
        return f"{taken} in {box}"


    @shared_task
    def ship(parcel):
        done("ship", parcel)


    @shared_task(autoretry_for=(KeyError,), retry_kwargs={"max_retries": 1, "countdown": 0})
    def count(item):
        done("count", item)
        raise KeyError(item)


    @shared_task
    def tick(word):
        done("tick", word)


    def order(number):
        chain(take.s(number), pack.s("a box", label="fragile"), ship.s()).delay()
        group(count.s(item) for item in range(2))()
        (take.si(100) | ship.si("nothing"))()
    """,
    "shop/send.py": """
    import sys

    from shop import jobs

    if sys.argv[1] == "late":
        jobs.ship.apply_async(("too late",), expires=0.5)
        jobs.ship.apply_async(("in time",), expires=3600)
    else:
        jobs.order(int(sys.argv[1]))
    """,
    "Procfile": "worker: celery -A shop.app worker -Q celery,bulk -c 1\nbeat: celery -A shop.app beat -s beat.db\n",
    "requirements.txt": "celery[redis]\n",
}


def line(effect: str, key: object, attempt: int = 1) -> str:
    return f'{{"attempt": {attempt}, "effect": "{effect}", "key": "{key}"}}'


EXPECTED = Counter(
    [
        line("take", 21),
        *(line("pack-a box-fragile", 42, attempt) for attempt in (1, 2, 3)),
        line("ship", "42 in a box"),
        *(line("count", item) for item in (0, 0, 1, 1)),
        line("take", 100),
        line("ship", "nothing"),
        line("ship", "in time"),
    ]
)


def perform(stage: Stage) -> Counter[str]:
    stage.send("late")
    # Long enough for what expires to be over, however slow the machine: the worker is started afterwards.
    time.sleep(0.6)
    stage.send("21")
    with stage.running("worker"):
        stage.until(lambda: stage.settled(EXPECTED), "every job to be done")
    effects = stage.effects()
    with stage.running("worker", "beat"):
        stage.until(lambda: len(stage.named("tick")) >= 2, "two ticks")
    assert {tick["key"] for tick in stage.named("tick")} == {"tock"}
    return effects


def lay_out(root: Path) -> Path:
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text).lstrip("\n"))
    return root


def test_where_celery_cannot_be_imported_the_application_does_the_same(tmp_path: Path) -> None:
    with redis_server() as address:
        url = address.rpartition("/")[0]
        before = perform(Stage(lay_out(tmp_path / "before"), f"{url}/1", "shop.send"))
        assert before == EXPECTED

        root = lay_out(tmp_path / "after")
        rewrite_in_place(root, unsafe=False)
        assert not (root / "shop" / "app.py").exists()
        gone = tmp_path / "gone"
        for package in ("celery", "kombu"):
            (gone / package).mkdir(parents=True)
            (gone / package / "__init__.py").write_text("raise ImportError('not installed')\n")
        stage = Stage(root, f"{url}/2", "shop.send")
        stage.environ["PYTHONPATH"] = f"{gone}{os.pathsep}{root}"
        assert perform(stage) == before
