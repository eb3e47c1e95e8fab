"""Forms that tempt a rewrite into something that looks right and is not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import JOB, check_left, move

BOUND = "from celery import shared_task\n\n\n@shared_task(bind=True, max_retries=5)\ndef f(self, x):\n    {line}\n    raise self.retry()\n"


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('print(f"{self.max_retries}")', "print(f\"{f.options['max_retries']}\")"),
        ("print(f'{self.max_retries}')", "print(f'{f.options[\"max_retries\"]}')"),
        ('print(f"""{self.max_retries}""")', 'print(f"""{f.options[\'max_retries\']}""")'),
        ('print("{}".format(self.max_retries))', 'print("{}".format(f.options["max_retries"]))'),
        ('print(f"{self.name} {self.request.id}")', 'print(f"{f.actor_name} {message_id(f)}")'),
    ],
)
def test_within_an_f_string_other_quotes_are_used(tmp_path: Path, line: str, after: str) -> None:
    moved = move(tmp_path, {"shop/jobs.py": BOUND.format(line=line)})
    assert after in moved.files["shop/jobs.py"]


def test_an_f_string_that_would_need_its_own_quotes_keeps_the_job(tmp_path: Path) -> None:
    use = "from shop.jobs import f\n\n\ndef go():\n    print(f\"{f.apply_async((1,), queue='mail').id}\")\n"
    check_left(tmp_path, {"shop/jobs.py": JOB, "shop/use.py": use}, "MIG114")


@pytest.mark.parametrize("line", ["self.name = x", "self.max_retries = 7", "self.name, y = x", "del self.name", "self.max_retries += 1"])
def test_what_is_set_on_the_task_keeps_it(tmp_path: Path, line: str) -> None:
    check_left(tmp_path, BOUND.format(line=line), "MIG109")


@pytest.mark.parametrize(
    ("use", "trap"),
    [
        ("from billiard import Pool\nprint(Pool)\n", "MIG156"),
        ("from django_celery_beat.models import PeriodicTask\nPeriodicTask.objects.all()\n", "MIG142"),
    ],
)
def test_packages_beside_celery_are_known(tmp_path: Path, use: str, trap: str) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/use.py": f"from shop.jobs import f\n{use}f.delay(1)\n"})
    assert f"TODO(migrate {trap})" in moved.files["shop/use.py"]
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}


def test_a_name_that_is_made_from_itself_leads_nowhere(tmp_path: Path) -> None:
    use = "from shop.jobs import f\n\n\ndef go(node):\n    app = node\n    while app.x:\n        app = app.x\n    f.delay(app)\n"
    assert "f.send(app)" in move(tmp_path, {"shop/jobs.py": JOB, "shop/use.py": use}).files["shop/use.py"]


DJANGO = {
    "shop/app.py": """
        import os
        from celery import Celery

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
        app = Celery("shop")
        app.config_from_object("django.conf:settings", namespace="CELERY")
        """,
    "shop/settings.py": """
        CELERY_BROKER_URL = "redis://localhost:6379/0"
        CELERY_BEAT_SCHEDULE = {"it": {"task": "shop.jobs.f", "schedule": 60.0}}
        """,
    "shop/jobs.py": JOB,
}


def test_the_scheduler_of_django_sets_it_up_before_it_imports_jobs(tmp_path: Path) -> None:
    scheduler = move(tmp_path, DJANGO).generated["shop/dramatiq_scheduler.py"]
    names = [ast.unparse(n) for n in ast.parse(scheduler).body]
    order = [names.index(n) for n in ("import shop.dramatiq_app", "django.setup()", "from shop.jobs import f")]
    assert order == sorted(order)
