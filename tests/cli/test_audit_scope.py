"""`migrate audit` narrowed by options and by settings files."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

MIGRATE = str(Path(sys.executable).with_name("migrate"))
APP = {
    "lib/queue.ts": 'import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\n',
    "web/route.ts": 'import { mails } from "../lib/queue";\nmails.add("welcome", {});\n',
    "legacy/old.ts": 'import { mails } from "../lib/queue";\nmails.add("goodbye", {});\n',
    "jobs/tasks.py": "from celery import shared_task\n\n@shared_task\ndef clean():\n    pass\n",
}


def audit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MIGRATE, "audit", *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def shown(folder: Path, *arguments: str) -> tuple[set[str], dict[str, object]]:
    """The names of the jobs and enqueues that are shown, and the scope that the report gives."""
    done = audit(folder, "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    return {i["name"] for i in report["items"] if i["kind"] in ("definition", "enqueue")}, report["scope"]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for path, text in APP.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ([], {"welcome", "goodbye", "jobs.tasks.clean"}),
        (["--exclude", "legacy"], {"welcome", "jobs.tasks.clean"}),
        (["--exclude", "legacy/", "--exclude", "*.py"], {"welcome"}),
        # What is not shown is still read: the queue that `welcome` goes to stands elsewhere.
        (["--include", "web"], {"welcome"}),
        (["--include", "web/", "--include", "*.py"], {"welcome", "jobs.tasks.clean"}),
        (["--include", "*.ts", "--exclude", "legacy"], {"welcome"}),
        (["--system", "celery"], {"jobs.tasks.clean"}),
        (["--system", "celery", "--system", "bullmq"], {"welcome", "goodbye", "jobs.tasks.clean"}),
        (["--system", "rq"], set()),
    ],
)
def test_what_is_shown(app: Path, arguments: list[str], names: set[str]) -> None:
    found, scope = shown(app, *arguments)
    assert found == names
    assert [v for v in scope.values() if v] == [
        v for option in ("include", "exclude", "system") if (v := [b for a, b in pairwise(arguments) if a == f"--{option}"])
    ]


def test_what_was_left_out_is_said_for_people(app: Path) -> None:
    for form in ("text", "markdown"):
        said = audit(app, "--format", form, "--system", "bullmq", "--include", "web", "--exclude", "legacy").stdout
        assert "Shows only systems BullMQ and files web. Not read: legacy." in said


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(app: Path) -> Path:
    git(app, "init", "-q", "-b", "main")
    git(app, "add", ".")
    git(app, "commit", "-q", "-m", "first")
    return app


def test_only_what_changed_since_the_branch_left(repository: Path) -> None:
    git(repository, "switch", "-q", "-c", "work")
    (repository / "web/route.ts").write_text(APP["web/route.ts"] + 'mails.add("reminder", {});\n')
    git(repository, "commit", "-q", "-a", "-m", "committed")
    (repository / "web/new ä.ts").write_text('import { mails } from "../lib/queue";\nmails.add("untracked", {});\n')
    (repository / "legacy/old.ts").unlink()
    git(repository, "switch", "-q", "main")
    (repository / "jobs/tasks.py").write_text(APP["jobs/tasks.py"].replace("clean", "sweep"))
    git(repository, "commit", "-q", "-m", "elsewhere", "jobs/tasks.py")
    git(repository, "switch", "-q", "work")
    found, scope = shown(repository, "--since", "main")
    assert found == {"welcome", "reminder", "untracked"}
    assert scope["since"] == "main"


def test_paths_are_those_of_the_audited_folder(repository: Path) -> None:
    (repository / "web/route.ts").write_text(APP["web/route.ts"].replace("../lib", "./lib"))
    (repository / "web/lib").mkdir()
    (repository / "web/lib/queue.ts").write_text(APP["lib/queue.ts"])
    (repository / "legacy/old.ts").write_text(APP["legacy/old.ts"] + "\n")
    assert shown(repository, "web", "--since", "HEAD")[0] == {"welcome"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "nowhere"], ["nowhere", "is no revision", "commit, tag or branch"]),
        (["--since", "--output=x"], ["--output=x", "is no revision"]),
        (["--system", "celry"], ["celry", "is no job system", "Did you mean celery?"]),
        (["--system", "cobol"], ["cobol", "Known:", "bullmq"]),
        (["--exclude", "a["], ["a[", "cannot be read as a pattern", ".gitignore"]),
        (["--include", "!a"], ["!a", "is no pattern that stands by itself"]),
        (["--exclude", ""], ["''", "is no pattern"]),
        (["--live-window", "5"], ["--live-window: there is no server to look at twice", "--live redis://"]),
    ],
)
def test_bad_options_are_told_in_words(repository: Path, arguments: list[str], words: list[str]) -> None:
    done = audit(repository, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert [w for w in words if w not in done.stderr] == []


def test_outside_of_a_repository(app: Path) -> None:
    done = audit(app, "--since", "main")
    assert done.returncode == 2
    assert "not a git repository" in done.stderr
    assert "leave out --since" in done.stderr


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("migrate.toml", '[audit]\nexclude = ["legacy/"]\nsystem = ["bullmq"]\n'),
        ("pyproject.toml", '[project]\nname = "app"\n\n[tool.migrator.audit]\nexclude = ["legacy/"]\nsystem = ["bullmq"]\n'),
    ],
)
def test_settings_of_the_project(app: Path, file: str, text: str) -> None:
    (app / file).write_text(text)
    assert shown(app)[0] == {"welcome"}
    # Options win, one by one.
    assert shown(app, "--system", "celery")[0] == {"jobs.tasks.clean"}
    assert shown(app, "--exclude", "web")[0] == {"goodbye"}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"migrate.toml": "[audit]\nexclud = []\n"}, ["migrate.toml:2", "unknown key `exclud`", "Did you mean `exclude`?"]),
        ({"migrate.toml": '[audit]\nexclude = "legacy"\n'}, ["migrate.toml:2", "`audit.exclude` is to be a list, not text"]),
        ({"migrate.toml/x": ""}, ["migrate.toml: the settings file cannot be read"]),
        ({"migrate.toml": "[audit\n"}, ["migrate.toml:1", "this is not TOML"]),
        ({"pyproject.toml": "[tool.migrator]\naudt = {}\n"}, ["pyproject.toml:2", "unknown key `audt`", "Did you mean `audit`?"]),
        (
            {"pyproject.toml": "[tool.migrator.audit]\n", "migrate.toml": "[audit]\n"},
            ["migrate.toml: ", "pyproject.toml beside it", "Keep one of the two"],
        ),
    ],
)
def test_settings_that_cannot_be_followed(app: Path, files: dict[str, str], words: list[str]) -> None:
    for name, text in files.items():
        (app / name).parent.mkdir(exist_ok=True)
        (app / name).write_text(text)
    done = audit(app)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert [w for w in words if w not in done.stderr] == []


def test_a_byte_order_mark_is_no_part_of_the_settings(app: Path) -> None:
    (app / "migrate.toml").write_bytes(b'\xef\xbb\xbf[audit]\r\nsystem = ["celery"]\r\n')
    assert shown(app)[0] == {"jobs.tasks.clean"}


def test_a_manifest_that_says_nothing_to_us_is_not_judged(app: Path) -> None:
    (app / "pyproject.toml").write_text("[project\n")
    assert shown(app)[0] == {"welcome", "goodbye", "jobs.tasks.clean"}


def test_names_of_the_application_do_not_steer_a_terminal(app: Path) -> None:
    (app / "jobs/tasks.py").write_text("from celery import shared_task\n\n@shared_task(name='red\\x1b[31m')\ndef clean():\n    pass\n")
    done = audit(app)
    assert "red␛[31m" in done.stdout
    assert "\x1b[31m" not in done.stdout
