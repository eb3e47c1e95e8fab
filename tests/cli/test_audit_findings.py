"""Which findings `migrate audit` shows, counts and fails on: options, settings, baselines."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from migrator.cli import app as command
from migrator.errors import MigratorError
from migrator.rules.registry import rules

#: JOB105, high and certain; JOB103, critical and likely; JOB406, medium
TASK = """from celery import shared_task

@shared_task
def {name}(order):
    try:
        deliver(order)
    except Exception:
        print(1)
"""
FEW = ("--select", "JOB103", "--select", "JOB105", "--select", "JOB406")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text(TASK.format(name="send"))
    return tmp_path


@dataclass(frozen=True)
class Done:
    """What a run left behind."""

    returncode: int
    stdout: str
    stderr: str


def audit(folder: Path, *arguments: str) -> Done:
    with contextlib.chdir(folder):
        done = CliRunner().invoke(command, ["audit", *arguments])
    if isinstance(done.exception, MigratorError):
        # As `main` does it.
        return Done(done.exception.exit, done.stdout, f"{done.stderr}migrate: {done.exception}\n")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def report(folder: Path, *arguments: str, status: int = 0) -> dict[str, Any]:
    done = audit(folder, "--format", "json", *arguments)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def ids(told: dict[str, Any]) -> list[str]:
    return [f["id"] for f in told["findings"]]


@pytest.mark.parametrize(
    ("arguments", "found", "below"),
    [
        ((), ["JOB103", "JOB105", "JOB406"], 0),
        (("--severity", "info", "--confidence", "possible"), ["JOB103", "JOB105", "JOB406"], 0),
        (("--severity", "high"), ["JOB103", "JOB105"], 1),
        (("--severity", "critical"), ["JOB103"], 2),
        (("--confidence", "certain"), ["JOB105", "JOB406"], 1),
        (("--severity", "high", "--confidence", "certain"), ["JOB105"], 2),
    ],
)
def test_thresholds(app: Path, arguments: tuple[str, ...], found: list[str], below: int) -> None:
    told = report(app, *FEW, *arguments)
    assert (ids(told), told["below"]) == (found, below)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 0),
        (("--fail-on", "never"), 0),
        (("--fail-on", "critical"), 1),
        (("--fail-on", "info"), 1),
        # What is not shown does not count.
        (("--fail-on", "critical", "--confidence", "certain"), 0),
        (("--fail-on", "high", "--severity", "high", "--ignore", "JOB103", "--ignore", "JOB105"), 0),
        (("--fail-on", "high", "--include", "other.py"), 0),
        (("--fail-on", "high", "--system", "bullmq"), 0),
    ],
)
def test_exit_status(app: Path, arguments: tuple[str, ...], status: int) -> None:
    assert audit(app, *FEW, *arguments).returncode == status


def test_what_is_unknown_changes_no_exit_status(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(
        "from django.db import transaction\nfrom django.tasks import task\n\n@task()\ndef send():\n    ...\n\n"
        "def order():\n    with transaction.atomic():\n        send.enqueue()\n"
    )
    told = report(tmp_path, "--select", "JOB109", "--fail-on", "info")
    assert [(c["id"], c["state"]) for c in told["checks"]] == [("JOB109", "unknown")]


def test_contradictions_are_told(app: Path) -> None:
    done = audit(app, "--severity", "high", "--fail-on", "medium")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--fail-on medium: medium findings do not count with a severity threshold of high" in done.stderr
    assert "--fail-on high" in done.stderr
    for first, second in (("--baseline", "b"), ("--prune-baseline", ""), ("--no-baseline", "")):
        other = ("--write-baseline", "w") if first != "--no-baseline" else ("--prune-baseline",)
        done = audit(app, first, *filter(None, [second]), *other)
        assert done.returncode == 2
        assert "asks for the opposite" in done.stderr
        assert not (app / "w").exists()
    done = audit(app, "--prune-baseline")
    assert done.returncode == 2
    assert "there is no baseline to prune" in done.stderr


SETTINGS = """[audit]
select = ["JOB103", "JOB105", "JOB406"]
severity = "high"
fail-on = "high"
"""


def test_settings_and_options_that_win(app: Path) -> None:
    (app / "migrate.toml").write_text(SETTINGS)
    assert ids(report(app, status=1)) == ["JOB103", "JOB105"]
    assert ids(report(app, "--severity", "low", status=1)) == ["JOB103", "JOB105", "JOB406"]
    # Who asks for a short list for once has not asked for an error.
    assert ids(report(app, "--severity", "critical", status=1)) == ["JOB103"]
    assert ids(report(app, "--select", "JOB406", "--fail-on", "never")) == []
    assert audit(app, "--fail-on", "low").returncode == 2
    (app / "migrate.toml").write_text(SETTINGS + 'confidence = "certain"\nignore = ["JOB105"]\n')
    assert ids(report(app)) == []
    assert ids(report(app, "--ignore", "JOB406", "--confidence", "likely", status=1)) == ["JOB103", "JOB105"]


def test_settings_for_files(app: Path) -> None:
    (app / "legacy").mkdir()
    (app / "legacy/old.py").write_text(TASK.format(name="old"))
    (app / "pyproject.toml").write_text('[tool.migrator.audit.per-file-ignores]\n"legacy/" = ["JOB105"]\n')
    told = report(app, "--select", "JOB105")
    assert [f["path"] for f in told["findings"]] == ["tasks.py"]
    assert [(s["finding"]["path"], s["by"], s["path"]) for s in told["suppressed"]] == [("legacy/old.py", "settings", "pyproject.toml")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[audit]\nselect = ["JOB105"]\nignore = ["JOB1055"]\n', ["migrate.toml:3", "JOB1055 is no rule", "Did you mean JOB105?"]),
        ('[audit.per-file-ignores]\n"a/" = ["JOB105"]\n"b/" = ["x"]\n', ["migrate.toml:3", "x is no rule"]),
        ('[audit]\nseverity = "bad"\n', ["migrate.toml:2", "severity"]),
        ('[audit]\nfail_on = "high"\n', ["migrate.toml:2", "unknown key `fail_on`", "Did you mean `fail-on`?"]),
        ('[audit]\npreview = "yes"\n', ["migrate.toml:2", "true or false"]),
        ('[audit]\nbaseline = "none.json"\n', ["none.json", "there is no such baseline", "--write-baseline"]),
    ],
)
def test_settings_that_mean_nothing(app: Path, text: str, words: list[str]) -> None:
    (app / "migrate.toml").write_text(text)
    done = audit(app)
    assert (done.returncode, done.stdout) == (2, "")
    assert [w for w in words if w not in done.stderr] == []
    assert "Traceback" not in done.stderr


def test_the_life_of_a_baseline(app: Path) -> None:
    assert audit(app, *FEW, "--write-baseline", "known.json", "--fail-on", "info").stderr == "migrate: 3 findings written to known.json\n"
    (app / "migrate.toml").write_text('[audit]\nbaseline = "known.json"\nfail-on = "info"\n')
    told = report(app, *FEW)
    assert (told["findings"], told["baseline"]) == ([], {"path": "known.json", "known": 3, "new": 0, "mended": []})
    assert {s["by"] for s in told["suppressed"]} == {"baseline"}
    # The file with the baseline is no part of the application.
    assert [u for u in told["unresolved"] if "known.json" in u["path"]] == []

    (app / "tasks.py").write_text(f"# one more line\n{TASK.format(name='send')}")
    assert ids(report(app, *FEW)) == []
    (app / "more.py").write_text(TASK.format(name="more"))
    assert [(f["id"], f["path"]) for f in report(app, *FEW, status=1)["findings"]] == [("JOB105", "more.py")]
    assert len(ids(report(app, *FEW, "--no-baseline", status=1))) == 4

    (app / "more.py").unlink()
    (app / "tasks.py").write_text(TASK.format(name="send").replace("print(1)", "raise"))
    assert [m["rule"] for m in report(app, *FEW)["baseline"]["mended"]] == ["JOB105"]
    # A rule that is not looked at is not mended.
    assert report(app, "--select", "JOB103")["baseline"]["mended"] == []
    before = (app / "known.json").read_text()
    assert audit(app, "--select", "JOB103", "--prune-baseline").stderr == "migrate: nothing in known.json is mended; it stays as it is\n"
    assert (app / "known.json").read_text() == before
    assert audit(app, *FEW, "--prune-baseline").stderr == "migrate: 1 mended place taken out of known.json\n"
    assert [e["rule"] for e in json.loads((app / "known.json").read_text())["findings"]] == ["JOB103", "JOB406"]
    assert sorted(p.name for p in app.iterdir()) == ["known.json", "migrate.toml", "tasks.py"]


def test_a_broken_baseline_is_told_before_the_work(app: Path) -> None:
    (app / "b.json").write_text("{\n oops")
    done = audit(app, "--baseline", "b.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "b.json:2: this is not JSON" in done.stderr
    assert "Write it anew with --write-baseline" in done.stderr


def test_one_that_cannot_be_written(app: Path) -> None:
    done = audit(app, "--write-baseline", "no/such/b.json")
    assert done.returncode == 2
    assert "no/such/b.json: cannot be written" in done.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github", "junit", "sarif", "json"])
def test_critical_findings_that_a_baseline_hides_are_named_in_every_form(app: Path, form: str) -> None:
    audit(app, "--select", "JOB103", "--write-baseline", "b.json")
    said = audit(app, "--select", "JOB103", "--baseline", "b.json", "--format", form).stdout
    assert "JOB103" in said
    assert "tasks.py" in said
    if form != "json":
        assert "1 finding (1 critical) known before" in said


def test_previews_are_looked_at_when_they_are_asked_for(app: Path) -> None:
    previews = {rule.id for rule in rules() if rule.tier == "preview"}
    stable = {rule.id for rule in rules()} - previews

    def looked_at(*arguments: str) -> set[str]:
        return {c["id"] for c in report(app, *arguments)["checks"]}

    assert looked_at() == stable
    assert looked_at("--preview") == stable | previews
    (app / "migrate.toml").write_text("[audit]\npreview = true\n")
    assert looked_at() == stable | previews
    assert looked_at("--no-preview") == stable


def test_what_does_not_count_is_narrowed_like_all_else(app: Path) -> None:
    text = TASK.format(name="send").replace("Exception:", "Exception:  # migrate: ignore[JOB105] counted elsewhere")
    (app / "tasks.py").write_text(text)
    (app / "more.py").write_text(text.replace("send", "more"))

    def suppressed(*arguments: str) -> list[str]:
        return [s["finding"]["path"] for s in report(app, "--select", "JOB105", *arguments)["suppressed"]]

    assert suppressed() == ["more.py", "tasks.py"]
    assert suppressed("--include", "more.py") == ["more.py"]
    assert suppressed("--system", "bullmq") == []
    # Thresholds are about what counts.
    assert suppressed("--severity", "critical") == ["more.py", "tasks.py"]
