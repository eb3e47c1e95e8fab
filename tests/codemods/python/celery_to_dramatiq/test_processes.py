"""Command lines of workers and beat, in the files that start them; and the requirements."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import JOB, Moved, move

STAYS = '\n\n@shared_task(rate_limit="1/m")\ndef g():\n    pass\n'
SCHEDULED = """
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.beat_schedule = {"it": {"task": "shop.jobs.f", "schedule": 1}}
"""

W = "dramatiq shop.dramatiq_worker"
#: Celery's words -> Dramatiq's
WORKERS = {
    "celery -A shop.app worker": f"{W} -t 1 -Q default",
    "celery --app=shop.app worker --loglevel=INFO": f"{W} -t 1 -Q default",
    "celery -A shop.app worker -l debug": f"{W} -t 1 -Q default -v",
    "celery -A shop.app worker -c 4": f"{W} -p 4 -t 1 -Q default",
    "celery -A shop.app worker -c4 -Q celery,mail": f"{W} -p 4 -t 1 -Q default mail",
    "celery worker -A shop.app --concurrency 2 --queues mail": f"{W} -p 2 -t 1 -Q mail",
    "celery -A shop.app worker --concurrency=${WORKERS:-2}": f"{W} -p ${{WORKERS:-2}} -t 1 -Q default",
    "celery -A shop.app worker -P solo": f"{W} -p 1 -t 1 -Q default",
    "celery -A shop.app worker -P threads -c 8": f"{W} -p 1 -t 8 -Q default",
    "celery -A shop.app worker -E -n w@%h -O fair --without-gossip --prefetch-multiplier 1": f"{W} -t 1 -Q default",
    "exec celery -A shop.app worker": f"exec {W} -t 1 -Q default",
    "poetry run celery -A shop.app worker": f"poetry run {W} -t 1 -Q default",
    "python -m celery -A shop.app worker": f"python -m {W} -t 1 -Q default",
    "/venv/bin/celery -A shop.app worker": f"/venv/bin/{W} -t 1 -Q default",
    "./wait && celery -A shop.app worker; echo over": f"./wait && {W} -t 1 -Q default; echo over",
    "celery -A shop.app beat -l info -s /tmp/beat": "python -m shop.dramatiq_scheduler",
    "poetry run celery -A shop.app beat": "poetry run python -m shop.dramatiq_scheduler",
    "python -m celery -A shop.app beat": "python -m shop.dramatiq_scheduler",
}


@pytest.mark.parametrize("command", WORKERS)
def test_commands(tmp_path: Path, command: str) -> None:
    files = {"shop/jobs.py": JOB, "shop/app.py": SCHEDULED, "Procfile": f"web: x\nworker: {command}\n"}
    assert move(tmp_path, files).files["Procfile"] == f"web: x\nworker: {WORKERS[command]}\n"


LEFT = {
    "autoscaled": "celery -A shop.app worker --autoscale=10,3",
    "other pool": "celery -A shop.app worker -P gevent -c 100",
    "excluded queues": "celery -A shop.app worker -X mail",
    "queues of the environment": "celery -A shop.app worker -Q $QUEUES",
    "several": "celery multi start w1 -A shop.app",
    "monitor": "celery -A shop.app flower",
    "log file": "celery -A shop.app worker -f x.log",
    "unknown": "celery -A shop.app worker --frobnicate",
    "over two lines": "celery -A shop.app worker \\\n  -c 4",
}


@pytest.mark.parametrize("form", LEFT)
def test_commands_that_are_left(tmp_path: Path, form: str) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "run.sh": f"#!/bin/sh\n{LEFT[form]}\n"}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert LEFT[form] in moved.files["run.sh"]
    assert "# TODO(migrate MIG157)" in moved.files["run.sh"]


def test_renewed_processes_are_told(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "Procfile": "worker: celery -A shop.app worker --max-tasks-per-child 10\n"})
    assert moved.files["Procfile"] == f"worker: {W} -t 1 -Q default\n"
    assert moved.traps(of="worker") == {"MIG115"}


def test_time_limits_of_the_command_line_hold_for_every_job(tmp_path: Path) -> None:
    files = {"shop/jobs.py": JOB, "Procfile": "worker: celery -A shop.app worker --time-limit=300\n"}
    moved = move(tmp_path, files, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}


COMPOSE = """
services:
  worker:
    image: shop
    command: {worker}
    environment:
      A: b

  # starts things
  beat:
    image: shop
    command: {beat}

  db:
    image: postgres
"""


def test_a_compose_file(tmp_path: Path) -> None:
    text = COMPOSE.format(worker="celery -A shop.app worker -Q celery", beat='["celery", "-A", "shop.app", "beat"]')
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/app.py": SCHEDULED, "docker-compose.yml": text})
    expected = COMPOSE.format(worker=f"{W} -t 1 -Q default", beat='["python", "-m", "shop.dramatiq_scheduler"]')
    assert moved.files["docker-compose.yml"] == expected.lstrip("\n")


def test_beside_what_stays_a_second_process_is_started(tmp_path: Path) -> None:
    text = COMPOSE.format(worker="celery -A shop.app worker -Q celery", beat="celery -A shop.app beat")
    app = SCHEDULED.replace('"schedule": 1}', '"schedule": 1}, "other": {"task": "shop.jobs.g", "schedule": 2}')
    files = {
        "shop/jobs.py": JOB + STAYS,
        "shop/app.py": app,
        "docker-compose.yml": text,
        "Procfile": "worker: celery -A shop.app worker -c 2\nother: celery -A shop.app worker -Q mail\nbeat: celery -A shop.app beat\n",
    }
    moved = move(tmp_path, files)
    assert moved.files["Procfile"] == (
        f"worker: celery -A shop.app worker -c 2\nworker-dramatiq: {W} -p 2 -t 1 -Q default\n"
        # No job that moves goes to the queue `mail`.
        "other: celery -A shop.app worker -Q mail\n"
        "beat: celery -A shop.app beat\nscheduler: python -m shop.dramatiq_scheduler\n"
    )
    compose = moved.files["docker-compose.yml"]
    assert f"  worker-dramatiq:\n    image: shop\n    command: {W} -t 1 -Q default\n    environment:\n      A: b\n\n" in compose
    assert "  scheduler:\n    image: shop\n    command: python -m shop.dramatiq_scheduler\n\n  db:" in compose
    assert "    command: celery -A shop.app worker -Q celery\n" in compose


def test_a_worker_that_is_its_own_beat(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/app.py": SCHEDULED, "Procfile": "worker: celery -A shop.app worker -B\n"})
    assert moved.files["Procfile"] == f"worker: {W} -t 1 -Q default\nscheduler: python -m shop.dramatiq_scheduler\n"


def test_the_number_of_processes_from_the_settings(tmp_path: Path) -> None:
    app = SCHEDULED + "app.conf.worker_concurrency = 3\n"
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/app.py": app, "Procfile": "w: celery -A shop.app worker\n"})
    assert moved.files["Procfile"] == f"w: {W} -p 3 -t 1 -Q default\n"


def test_how_modules_are_imported_is_what_the_worker_says(tmp_path: Path) -> None:
    files = {
        "src/shop/__init__.py": "",
        "src/shop/app.py": 'from celery import Celery\n\napp = Celery("shop", broker="redis://localhost")\n',
        "src/shop/jobs.py": JOB,
        "Procfile": "worker: celery -A src.shop.app worker\n",
        "shop/app.py": "",
    }
    moved = move(tmp_path, files)
    assert moved.files["Procfile"] == "worker: dramatiq src.shop.dramatiq_worker -t 1 -Q default\n"
    assert "from src.shop.dramatiq_app import NO_LIMIT\n" in moved.files["src/shop/jobs.py"]
    assert 'actor_name="src.shop.jobs.f"' in moved.files["src/shop/jobs.py"]


REQUIREMENTS = {
    "requirements.txt": ("django\ncelery[redis]==5.4.0  # jobs\nredis\n", "django\n{0}  # jobs\nredis\n"),
    "requirements/base.in": ("celery\n", "{0}\n"),
    "pyproject.toml": (
        '[project]\nname = "shop"\nversion = "1"\ndependencies = [\n    "celery>=5",\n    "redis",\n]\n',
        '[project]\nname = "shop"\nversion = "1"\ndependencies = [\n    "{0}",\n    "redis",\n]\n',
    ),
    "one line": (
        '[project]\nname = "shop"\nversion = "1"\ndependencies = ["celery>=5", "redis"]\n',
        '[project]\nname = "shop"\nversion = "1"\ndependencies = ["{0}", "redis"]\n',
    ),
    "poetry": (
        '[tool.poetry.dependencies]\npython = "^3.11"\ncelery = {{extras = ["redis"], version = "^5.4"}}\n',
        '[tool.poetry.dependencies]\npython = "^3.11"\ndramatiq = {{version = ">=2.0,<3", extras = ["redis"]}}\n',
    ),
    "setup.py": (
        'from setuptools import setup\n\nsetup(\n    name="shop",\n    install_requires=["celery>=5"],\n)\n',
        'from setuptools import setup\n\nsetup(\n    name="shop",\n    install_requires=["{0}"],\n)\n',
    ),
}
DRAMATIQ = "dramatiq[redis]>=2.0,<3"


def manifest(form: str) -> str:
    return form if "." in form else "pyproject.toml"


@pytest.mark.parametrize("form", REQUIREMENTS)
def test_requirements(tmp_path: Path, form: str) -> None:
    before, after = (text.format(DRAMATIQ) for text in REQUIREMENTS[form])
    path = manifest(form)
    moved = move(tmp_path / "complete", {"shop/jobs.py": JOB, path: before})
    assert moved.files[path] == after
    # As long as a job stays, Celery does too.
    moved = move(tmp_path / "part", {"shop/jobs.py": JOB + STAYS, path: before})
    assert "celery" in moved.files[path]
    assert "dramatiq" in moved.files[path]


def test_the_scheduler_needs_a_package_of_its_own(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/app.py": SCHEDULED, "requirements.txt": "celery[redis]\n"})
    assert moved.files["requirements.txt"] == f"{DRAMATIQ}\napscheduler>=3.11,<4\n"


LOCKED: dict[str, tuple[str, str]] = {
    "progress": ("celery[redis]\ncelery-progress\n", "MIG158"),
    "locks": ("celery[redis]\ncelery_once==3\n", "MIG158"),
}


@pytest.mark.parametrize("form", LOCKED)
def test_plug_ins_keep_every_job(tmp_path: Path, form: str) -> None:
    text, trap = LOCKED[form]
    moved = move(tmp_path, {"shop/jobs.py": JOB, "requirements.txt": text}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}
    assert trap in moved.traps()


def test_schedules_of_a_database_need_unsafe(tmp_path: Path) -> None:
    files = {"shop/jobs.py": JOB, "requirements.txt": "celery[redis]\ndjango-celery-beat\n", "Procfile": "beat: celery -A shop.app beat\n"}
    moved = move(tmp_path / "safe", files)
    assert moved.outcomes() == {"shop.jobs.f": "unsafe left"}
    moved = move(tmp_path / "unsafe", files, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "unsafe rewritten"}
    assert "MIG142" in moved.traps()
    # Beat goes on with what the database says, and so does everything that it needs.
    assert "shop/app.py" not in moved.files
    assert "Procfile" not in moved.files
    assert "celery[redis]\n" in moved.files["requirements.txt"]


def test_a_store_of_results_is_left_to_a_person(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "requirements.txt": "celery[redis]\ndjango-celery-results\n"})
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert "# TODO(migrate MIG125)" in moved.files["requirements.txt"]


def test_a_monitor_is_left_to_a_person(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "requirements.txt": "celery[redis]\nflower\n"})
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert moved.files["requirements.txt"] == f"{DRAMATIQ}\n# TODO(migrate MIG158): `flower` belongs to Celery.\nflower\n"


def notes(moved: Moved) -> str:
    return "\n".join(moved.changes.notes)


def test_notes_say_what_to_start(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/app.py": SCHEDULED})
    assert "dramatiq shop.dramatiq_worker -t 1 -Q default" in notes(moved)
    assert "python -m shop.dramatiq_scheduler" in notes(moved)
