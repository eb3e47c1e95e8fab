"""`migrate plan` as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MIGRATE = [sys.executable, "-c", "from migrator.cli import main; main()", "plan"]
TASKS = "from celery import Celery\napp = Celery('a', broker='redis://localhost')\n\n@app.task\ndef send(user): ...\n\n"


def migrate(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "80", "NO_COLOR": "1"}
    return subprocess.run([*MIGRATE, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False, env=environment)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text(TASKS)
    return tmp_path


def test_the_current_folder_is_planned_by_default(app: Path) -> None:
    done = migrate("--to", "rq", folder=app)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("To RQ from what is in .\n1 job moves: 1 of Celery.\n")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_blocked_jobs_are_a_no(app: Path) -> None:
    done = migrate("--to", "pg_cron", folder=app)
    assert done.returncode == 1
    assert "Blocked (1)" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--compare", "rq", "dramatiq", "huey"],
        ["--compare", "rq", "dramatiq", "huey", "."],
        ["--compare", "rq", "--compare", "dramatiq", "--compare", "huey"],
    ],
)
def test_systems_follow_on_compare(app: Path, arguments: list[str]) -> None:
    done = migrate(*arguments, "--format", "json", folder=app)
    assert done.returncode == 0
    assert [row["target"] for row in json.loads(done.stdout)["rows"]] == ["rq", "dramatiq", "huey"]


def test_a_comparison_says_yes_where_one_target_takes_them_all(app: Path) -> None:
    assert migrate("--compare", "pg_cron", "pg-boss", folder=app).returncode == 1
    assert migrate("--compare", "pg_cron", "rq", folder=app).returncode == 0


@pytest.mark.parametrize(
    ("file", "begins"), [("plan.json", "{"), ("plan.md", "# To RQ"), ("plan.html", "<!doctype html>"), ("plan.txt", "To RQ")]
)
def test_the_ending_of_a_file_says_the_form(app: Path, file: str, begins: str) -> None:
    done = migrate("--to", "rq", "--output", file, folder=app)
    assert (done.returncode, done.stdout) == (0, "")
    assert (app / file).read_text().startswith(begins)


def test_a_form_that_is_asked_for_counts_more(app: Path) -> None:
    migrate("--to", "rq", "--output", "plan.md", "--format", "json", folder=app)
    assert json.loads((app / "plan.md").read_text())["schema"] == "migrator.plan/1"


def test_names_of_the_application_stay_text_in_markdown(app: Path) -> None:
    (app / "tasks.py").write_text(TASKS.replace("@app.task", r"@app.task(name='a|`<script>x</script>\n# b')"))
    text = migrate("--to", "rq", "--format", "markdown", folder=app).stdout
    assert "### ``a|`<script>x</script> # b``\n" in text
    assert "\n# b" not in text


def test_files_that_are_not_to_be_read(app: Path) -> None:
    done = migrate("--to", "rq", "--exclude", "tasks.py", folder=app)
    assert "No jobs to move were found." in done.stdout
    (app / "migrate.toml").write_text('[audit]\nexclude = ["tasks.py"]\n')
    assert "No jobs to move were found." in migrate("--to", "rq", folder=app).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["say where to", "--to SYSTEM or --compare"]),
        (["--to", "rq", "--compare", "huey"], ["--to and --compare ask for different things"]),
        (["--to", "rqq"], ["rqq: is no job system", "Did you mean rq?"]),
        (["--to", "hangfire"], ["Known: agenda"]),
        (["--to", "cron"], ["Possible targets: apscheduler"]),
        (["--to", "rq", "nowhere"], ["nowhere", "does not exist"]),
        (["--to", "rq", ".", ".."], ["only one folder"]),
        (["--compare", "rq", "hangfire", "."], ["hangfire: is no job system"]),
        (["--compare", "rq", "hangfire"], ["hangfire: is no job system"]),
        (["--to", "rq", "--assume", "many"], ["--assume many", "SIZE=NUMBER"]),
        (["--to", "rq", "--from", "rq"], ["where the jobs come from and where they go"]),
    ],
)
def test_what_cannot_be_done_is_told_with_a_remedy(app: Path, arguments: list[str], words: list[str]) -> None:
    done = migrate(*arguments, folder=app)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_with_the_name_of_a_system(app: Path) -> None:
    (app / "huey").mkdir()
    (app / "huey" / "tasks.py").write_text(TASKS)
    (app / "tasks.py").unlink()
    done = migrate("--compare", "rq", "dramatiq", "./huey", "--format", "json", folder=app)
    found = json.loads(done.stdout)
    assert [row["target"] for row in found["rows"]] == ["rq", "dramatiq"]
    assert found["sources"] == {"celery": 1}
