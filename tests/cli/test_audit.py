"""`migrate audit` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MIGRATE = str(Path(sys.executable).with_name("migrate"))
QUEUE = 'import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\nmails.add("welcome", {});\n'


def migrate(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MIGRATE, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "queue.ts").write_text(QUEUE)
    return tmp_path


def test_the_current_folder_is_audited_by_default(app: Path) -> None:
    done = migrate("audit", folder=app)
    assert done.returncode == 0
    assert "welcome" in done.stdout
    assert "BullMQ" in done.stdout
    assert done.stderr == ""


def test_json_goes_to_standard_output_alone(app: Path) -> None:
    done = migrate("audit", ".", "--format", "json", folder=app)
    assert json.loads(done.stdout)["systems"] == {"bullmq": {"enqueue": 1, "client": 1}}


def test_a_file_is_written_whole(app: Path) -> None:
    done = migrate("audit", "--format", "markdown", "--output", "jobs.md", folder=app)
    assert done.stdout == ""
    assert (app / "jobs.md").read_text().startswith("# Background jobs in")
    assert [p.name for p in app.iterdir() if p.name.startswith(".")] == []
    assert (app / "jobs.md").stat().st_mode == (app / "queue.ts").stat().st_mode


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], ["nowhere", "does not exist", "Give the folder"]),
        (["queue.ts"], ["queue.ts", "is not a folder"]),
        ([".", "--output", "no/such/folder/x.md"], ["no/such/folder/x.md", "cannot be written"]),
        ([".", "--format", "pdf"], ["pdf", "text", "json", "markdown"]),
        ([".", "--formt", "json"], ["--formt"]),
    ],
)
def test_bad_input_is_told_in_words_and_ends_with_2(app: Path, arguments: list[str], words: list[str]) -> None:
    done = migrate("audit", *arguments, folder=app)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert [w for w in words if w not in done.stderr] == []


def test_a_reader_that_goes_away_is_no_error(app: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{MIGRATE}' audit --format json | head -c 1"], cwd=app, capture_output=True, text=True, check=False
    )
    assert done.stdout == "{"
    assert done.stderr == ""


@pytest.mark.parametrize("command", [["--help"], ["audit", "--help"], ["codemod", "--help"], ["shadow", "--help"]])
def test_help_fits_80_columns_and_shows_what_to_type(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run(
        [MIGRATE, *command], cwd=tmp_path, capture_output=True, text=True, check=True, env={"COLUMNS": "80", "PATH": "", "NO_COLOR": "1"}
    )
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "migrate" in done.stdout


def test_starting_up_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'scipy', 'tree_sitter', 'psycopg', 'redis', 'jinja2', 'celery', 'bullmq'}"
    code = f"import sys; import migrator.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a device of Linux")
@pytest.mark.parametrize("arguments", [["audit"], ["--help"]])
def test_output_that_finds_no_room_is_told_in_words(app: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([MIGRATE, *arguments], cwd=app, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr == "migrate: standard output: No space left on device\n"


def test_a_reader_that_goes_ends_it_quietly(app: Path) -> None:
    (app / "many.ts").write_text(QUEUE + 'mails.add("again", {});\n' * 5000)
    done = subprocess.run(f"'{MIGRATE}' audit | head -1", shell=True, cwd=app, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.startswith("Background jobs in")
    assert done.stderr == ""


def test_requests_that_could_be_jobs_are_told_when_asked_for(app: Path) -> None:
    (app / "web.py").write_text(
        "from flask import Flask\nimport smtplib\napp = Flask(__name__)\n\n"
        "@app.post('/join')\ndef join():\n    smtplib.SMTP('x').sendmail('a', 'b', 'c')\n"
    )
    said = migrate("audit", "--candidates", folder=app).stdout
    assert "Requests that wait for what could be a job (1)\n  POST /join  web.py:6  likely\n" in said
    assert "    sends mail: smtplib.SMTP('x').sendmail, web.py:7\n" in said
    assert "<b>POST /join</b>" in migrate("audit", "--candidates", "--format", "html", folder=app).stdout
    assert (
        "- **POST /join** `web.py:6` (likely)\n  - sends mail"
        in migrate("audit", "--candidates", "--format", "markdown", folder=app).stdout
    )
    (candidate,) = json.loads(migrate("audit", "--candidates", "--format", "json", folder=app).stdout)["candidates"]
    assert [r["kind"] for r in candidate["reasons"]] == ["mail"]
    assert json.loads(migrate("audit", "--format", "json", folder=app).stdout)["candidates"] == []
