"""What a look found, in every form of the report and from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from typer.testing import CliRunner

from migrator.cli import app
from migrator.jobs.contract import AuditReport
from tests.live.test_bullmq import fill

pytestmark = pytest.mark.behaviour


@pytest.fixture
def late(store: str) -> str:
    """A Redis with three jobs that nobody works off."""
    fill(store, *[("welcome|now", {"to": "anna@example.org"}, {})] * 3)
    return store


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["audit", *arguments], env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert result.exit_code == code, result.output
    return result.stdout


def test_every_form_shows_it_and_no_password_and_no_payload(late: str, code: Path) -> None:
    password = urlsplit(late).password
    assert password
    for form in ("text", "markdown", "html", "json", "sarif", "junit", "github", "csv"):
        said = run(str(code), "--live", late, "--format", form)
        assert password not in said
        assert "anna" not in said
        if form != "csv":
            assert "LIV09" in said
            assert "#bull:mail" in said
            assert "bull:mail:0<" not in said


def test_text_fits_a_terminal(late: str, code: Path) -> None:
    lines = run(str(code), "--live", late, "--select", "LIV").splitlines()
    assert max(map(len, lines)) <= 80
    assert "  critical  LIV09 no-workers" in lines
    assert "    3 jobs of `mail` are due and no worker is there." in lines
    row = next(line for line in lines if line.strip().startswith("mail (BullMQ)"))
    assert row.split()[2:7] == ["3", "0", "0", "0", "0"]


def test_the_table_of_markdown_holds_together(late: str, code: Path) -> None:
    lines = run(str(code), "--live", late, "--format", "markdown").splitlines()
    (row,) = [line for line in lines if line.startswith("| mail | BullMQ |")]
    assert "welcome\\|now 3" in row
    assert row.replace("\\|", "").count("|") == 11


def test_json_is_its_schema(late: str, code: Path) -> None:
    report = msgspec.json.decode(run(str(code), "--live", late, "--format", "json"), type=AuditReport)
    assert report.live is not None
    assert report.live.window_seconds is None
    (queue,) = report.live.queues
    assert (queue.queue, queue.due, queue.workers, queue.names) == ("mail", 3, 0, {"welcome|now": 3})
    assert all(finding.fingerprint for finding in report.findings if finding.id.startswith("LIV"))
    assert len({c.id for c in report.checks if c.id.startswith("LIV")}) == 23


def test_sarif_names_the_checks_and_the_place(late: str, code: Path) -> None:
    (log,) = json.loads(run(str(code), "--live", late, "--format", "sarif"))["runs"]
    (result,) = [one for one in log["results"] if one["ruleId"] == "LIV09" and one["kind"] == "fail"]
    assert log["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "LIV09"
    (place,) = result["locations"]
    assert place["logicalLocations"][0]["fullyQualifiedName"].endswith("/0#bull:mail")


def test_the_limits_of_the_project(late: str, code: Path) -> None:
    (code / "migrate.toml").write_text('[live]\ndepth = 2\n\n[live.queues.other]\ndepth = 1\n\n[audit]\nignore = ["LIV09"]\n')
    said = run(str(code), "--live", late, "--select", "LIV0", "--fail-on", "high", code=1)
    assert "3 jobs of `mail` are due (limit 2)." in said
    assert "LIV09" not in said
    (code / "migrate.toml").write_text("[live.queues.mail]\ndepth = 5\n")
    assert "LIV01" not in run(str(code), "--live", late, "--select", "LIV01", "--fail-on", "high")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[live]\ndepht = 2\n", ["migrate.toml:2", "depht", "Did you mean `depth`?"]),
        ("[live]\nfailure-rate = 5\n", ["migrate.toml:2", "failure-rate"]),
        ('[live]\ntarget = "bulmq"\n', ["bulmq", "Did you mean bullmq?"]),
        ("[live.queues.mail]\nmemory = 2\n", ["migrate.toml", "memory"]),
    ],
)
def test_settings_that_mean_nothing(late: str, code: Path, text: str, words: list[str]) -> None:
    (code / "migrate.toml").write_text(text)
    result = CliRunner().invoke(app, ["audit", str(code), "--live", late])
    assert result.exit_code != 0
    assert [word for word in words if word not in str(result.exception)] == []


def test_only_live_checks_are_looked_at_when_only_they_are_selected(late: str, code: Path) -> None:
    (code / "tasks.py").write_text("from celery import Celery\napp = Celery()\n\n@app.task\ndef send(): ...\n")
    report = json.loads(run(str(code), "--live", late, "--select", "queue-depth", "--format", "json"))
    assert [check["id"] for check in report["checks"]] == ["LIV01"]
    both = json.loads(run(str(code), "--live", late, "--select", "LIV01", "--select", "JOB101", "--format", "json"))
    assert [check["id"] for check in both["checks"]] == ["JOB101", "LIV01"]
    without = json.loads(run(str(code), "--live", late, "--ignore", "LIV", "--format", "json"))
    assert not [check for check in without["checks"] if check["id"].startswith("LIV")]


def test_a_live_check_without_a_server(code: Path) -> None:
    result = CliRunner().invoke(app, ["audit", str(code), "--select", "LIV01"])
    assert "LIV01: looks at a running server" in str(result.exception)
    assert "--live redis://localhost" in str(result.exception)


def test_narrowed_to_a_system(late: str, code: Path) -> None:
    assert "`mail`" in run(str(code), "--live", late, "--system", "bullmq")
    assert "`mail`" not in run(str(code), "--live", late, "--system", "celery")
