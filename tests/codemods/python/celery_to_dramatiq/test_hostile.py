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


@pytest.mark.parametrize(
    "setting",
    [
        "CELERY_TASK_DEFAULT_PRIORITY = 5",
        "CELERY_TASK_QUEUE_MAX_PRIORITY = 10",
        "CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = False",
        "CELERY_BROKER_READ_URL = 'redis://localhost:6380'",
    ],
)
def test_no_setting_below_a_namespace_is_overlooked(tmp_path: Path, setting: str) -> None:
    settings = f'CELERY_BROKER_URL = "redis://localhost:6379/0"\n{setting}\n'
    check_left(tmp_path, {**DJANGO, "shop/settings.py": settings}, "MIG151")


def test_a_schedule_of_a_job_that_is_not_here_stays_alone(tmp_path: Path) -> None:
    app = """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost:6379/0")
        app.conf.beat_schedule = {
            "mine": {"task": "shop.jobs.f", "schedule": 30},
            "theirs": {"task": "shop.jobs.g", "schedule": 30},
        }
        """
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB, "Procfile": "beat: celery -A shop.app beat\n"})
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert '"theirs"' in moved.files["shop/app.py"]
    assert '"mine"' not in moved.files["shop/app.py"]
    assert moved.files["Procfile"] == "beat: celery -A shop.app beat\nscheduler: python -m shop.dramatiq_scheduler\n"


PATCHED = "from unittest import mock\n\n\ndef test_it():\n    with mock.patch({target}) as it:\n        it()\n"


def test_a_patch_is_followed_through_the_name_it_is_looked_up_by(tmp_path: Path) -> None:
    use = "from shop.jobs import f as job\n\njob.delay(1)\n"
    test = PATCHED.format(target='"shop.use.job.delay"')
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/use.py": use, "tests/test_it.py": test})
    assert moved.files["tests/test_it.py"] == PATCHED.format(target='"shop.use.job.send"')


def test_a_job_that_is_patched_as_a_whole_stays(tmp_path: Path) -> None:
    use = "from shop.jobs import f\n\nf.delay(1)\n"
    test = PATCHED.format(target='"shop.use.f"')
    check_left(tmp_path, {"shop/jobs.py": JOB, "shop/use.py": use, "tests/test_it.py": test}, "MIG128")


@pytest.mark.parametrize(
    "send",
    [
        "def go(name):\n    globals()[name].delay(1)\n",
        "import importlib\n\n\ndef go(path, name):\n    module = importlib.import_module(path)\n    getattr(module, name).delay(1)\n",
        "import sys\n\n\ndef go(name):\n    job = getattr(sys.modules['shop.jobs'], name)\n    job.apply_async((1,))\n",
        "from django.utils.module_loading import import_string\n\n\ndef go(path):\n    import_string(path).delay(1)\n",
    ],
)
def test_a_job_that_only_the_run_knows_can_be_any(tmp_path: Path, send: str) -> None:
    check_left(tmp_path, {"shop/jobs.py": JOB, "shop/send.py": send}, "MIG126")


def test_a_job_that_is_handed_to_a_parameter_stays(tmp_path: Path) -> None:
    send = "from shop.jobs import f\n\n\ndef go(job):\n    job.delay(1)\n\n\ngo(f)\n"
    check_left(tmp_path, {"shop/jobs.py": JOB, "shop/send.py": send}, "MIG127")


def test_an_id_that_a_variable_is_asked_for(tmp_path: Path) -> None:
    use = "from shop.jobs import f\n\n\ndef go():\n    r = f.delay(1)\n    return r.id\n"
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/use.py": use})
    assert moved.files["shop/use.py"] == use.replace("delay", "send").replace("r.id", "r.message_id")


def test_an_application_with_the_name_of_its_package(tmp_path: Path) -> None:
    files = {
        "shop/app.py": "",
        "app/__init__.py": "",
        "app/celery.py": 'from celery import Celery\n\napp = Celery("app", broker="redis://localhost:6379/0")\n',
        "app/jobs.py": JOB + '\n\n@shared_task(rate_limit="1/m")\ndef g():\n    pass\n',
    }
    moved = move(tmp_path, files)
    assert "celery_app.set_default()" in moved.files["app/dramatiq_worker.py"]
    assert moved.outcomes() == {"app.jobs.f": "safe rewritten", "app.jobs.g": "manual left"}


def test_two_applications_are_named(tmp_path: Path) -> None:
    other = 'from celery import Celery\n\nother = Celery("other", broker="redis://localhost:6379/0")\n'
    moved = check_left(tmp_path, {"shop/jobs.py": JOB, "shop/other.py": other}, "MIG156")
    assert "also at shop/app.py:3" in moved.files["shop/other.py"]


LEFT = {
    "health.yaml": ('command: ["sh", "-c", "celery -A shop.app inspect ping"]\n', "a health check"),
    "ci.sh": ("celery -A shop.app purge -f\n", "a purge"),
    "start.py": ("import subprocess\n\nsubprocess.run(['celery', '-A', 'shop.app', 'worker'])\n", "a list of words"),
}


@pytest.mark.parametrize("path", LEFT)
def test_commands_that_nothing_else_reads_are_marked(tmp_path: Path, path: str) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, path: LEFT[path][0]})
    assert "TODO(migrate MIG157)" in moved.files[path], LEFT[path][1]


@pytest.mark.parametrize(
    ("path", "text"), [("notes.py", '"""Run celery -A shop.app worker."""\n'), ("x.sh", "# celery -A shop.app worker\necho\n")]
)
def test_commands_that_are_only_talked_about_are_not(tmp_path: Path, path: str, text: str) -> None:
    assert path not in move(tmp_path, {"shop/jobs.py": JOB, path: text}).files


def test_a_script_that_starts_a_worker_keeps_what_it_uses(tmp_path: Path) -> None:
    script = "from shop.app import app\n\nif __name__ == '__main__':\n    app.worker_main(['worker'])\n"
    moved = move(tmp_path, {"shop/jobs.py": JOB, "run.py": script})
    assert moved.files["run.py"].startswith("from shop.app import app\n")
    assert "TODO(migrate MIG157)" in moved.files["run.py"]


def test_an_application_that_is_still_called_stays(tmp_path: Path) -> None:
    use = "from shop.app import app\n\n\ndef ready():\n    app.autodiscover_tasks()\n"
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/use.py": use})
    assert "shop/use.py" not in moved.files
    assert "shop/app.py" not in moved.files


def test_beat_with_nothing_to_start_is_to_be_taken_out(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "Procfile": "beat: celery -A shop.app beat\n"})
    assert moved.files["Procfile"].startswith("# TODO(migrate MIG157): Nothing is left for beat")


def test_statements_in_a_row_get_one_comment(tmp_path: Path) -> None:
    app = """
        import config
        from celery import Celery

        app = Celery("shop", broker="redis://localhost:6379/0")
        config.values["A"] = 1
        config.values["B"] = 2
        """
    moved = check_left(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB}, "MIG156")
    assert moved.files["shop/app.py"].count("TODO") == 1
