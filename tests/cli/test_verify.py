"""`migrate freeze`, `attest` and `verify`, as they are typed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migrator.cli import app
from tests.cutover.migration import AFTER, BEFORE, EXPERIMENT


def migrate(*arguments: object) -> tuple[int, str]:
    """Exit status and output."""
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    return done.exit_code, done.output if done.exception is None or isinstance(done.exception, SystemExit) else str(done.exception)


def write(folder: Path, files: dict[str, str]) -> None:
    """The application becomes these files."""
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """An application whose migration was begun, and whose code has moved."""
    write(tmp_path, BEFORE)
    assert migrate("freeze", "--from", "celery", "--to", "dramatiq", tmp_path)[0] == 0
    write(tmp_path, AFTER)
    return tmp_path


def test_a_migration_from_its_beginning_to_its_end(moved: Path) -> None:
    status, text = migrate("verify", moved)
    assert status in (1, 3)
    assert "Celery to Dramatiq: not finished" in text
    (moved / "report.json").write_text(json.dumps(EXPERIMENT))
    status, text = migrate("verify", moved, "--experiment", moved / "report.json", "--format", "json")
    report = json.loads(text)
    for gate in report["gates"]:
        if gate["answer"]["state"] == "open":
            assert migrate("attest", gate["id"], "--by", "Ada", "--note", "seen", "--path", moved)[0] == 0
    status, text = migrate("verify", moved, "--experiment", moved / "report.json", "--format", "json")
    states = {gate["id"]: gate["answer"]["state"] for gate in json.loads(text)["gates"]}
    unmet = {gate for gate, state in states.items() if state == "unmet"}
    # The toy measures nothing, logs nothing and has no dead letters: those gates no word opens.
    assert unmet <= {"G04", "G05", "G18", "G20", "G25"}
    assert states["G13"] == "attested"
    assert (status, json.loads(text)["finished"]) == ((1, False) if unmet else (0, True))


def test_markdown_names_every_gate(moved: Path) -> None:
    text = migrate("verify", moved, "--format", "markdown")[1]
    assert [f"## G{n:02} " in text for n in range(1, 26)] == [True] * 25


def test_a_lock_is_not_replaced_without_being_told(moved: Path) -> None:
    before = (moved / "inventory.lock.json").read_bytes()
    status, text = migrate("freeze", "--from", "dramatiq", "--to", "rq", moved)
    assert "is there already" in text
    assert (moved / "inventory.lock.json").read_bytes() == before
    assert migrate("freeze", "--from", "dramatiq", "--to", "rq", moved, "--again")[0] == 0
    assert status != 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("freeze", "--from", "celery", "--to", "celery"), "is both where you come from and where you go"),
        (("freeze", "--from", "celry", "--to", "rq"), "Did you mean celery?"),
        (("verify", "--from", "rq"), "is rq, but"),
        (("verify", "--lock", "nowhere.json"), "migrate freeze"),
        (("verify", "--attestations", "nowhere.json"), "nowhere.json: is not there"),
        (("attest", "G13", "--by", "a", "--note", "b", "--when", "2999-01-01"), "--when 2999-01-01: has not come yet"),
        (("attest", "G99", "--by", "a", "--note", "b"), "is no gate"),
        (("attest", "G07", "--by", "a", "--note", "b"), "is answered by a check, not by a person"),
        (("attest", "G13", "--by", " ", "--note", "b"), "--by: is empty"),
        (("attest", "G01", "--by", "a", "--note", "b", "--job", "mail.digst"), "Did you mean mail.digest?"),
        (("attest", "G13", "--by", "a", "--note", "b", "--job", "x"), "Only G01 is vouched for job by job"),
        (("attest", "G01", "--by", "a", "--note", "b", "--becomes", "x"), "needs --job"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_remedy(
    moved: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(moved)
    (moved / "inventory.lock.json").rename(moved / "kept.json") if arguments[0] == "freeze" else None
    status, text = migrate(*arguments)
    assert status != 0
    assert words in text


def test_a_plan_says_which_systems_and_must_know_the_jobs(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    plan = tmp_path / "plan.json"
    assert migrate("plan", "--to", "dramatiq", tmp_path, "--output", plan)[0] == 0
    assert migrate("freeze", "--plan", plan, "--to", "rq", tmp_path)[1].startswith("--to: is rq, but")
    assert "of which" in migrate("freeze", "--plan", plan, "--from", "rq", tmp_path)[1]
    status, text = migrate("codemod", tmp_path, "--plan", plan, "--no-diff")
    assert status == 0
    assert "Celery to Dramatiq" in text
    assert migrate("freeze", "--plan", plan, tmp_path)[0] == 0
    lock = json.loads((tmp_path / "inventory.lock.json").read_text())
    assert (lock["source"], lock["target"]) == ("celery", "dramatiq")
    (tmp_path / "more.py").write_text("from mail import app\n@app.task\ndef later(): ...\n")
    for command in (("codemod", tmp_path, "--plan", plan), ("freeze", "--plan", plan, "--again", tmp_path)):
        assert "is older than the code: it does not know more.later" in migrate(*command)[1]
    plan.write_text("{}")
    assert "is no plan" in migrate("codemod", tmp_path, "--plan", plan)[1]
    assert "--from: is missing" in migrate("codemod", tmp_path, "--to", "dramatiq")[1]


def test_broken_files_are_told_with_their_place(moved: Path) -> None:
    (moved / "attestations.json").write_text('{"attestations": [{"gate": "G13"}]}')
    assert "attestations.json: is no file of attestations" in migrate("verify", moved)[1]
    (moved / "attestations.json").unlink()
    (moved / "report.json").write_text("{}")
    assert "report.json: is no report of an experiment" in migrate("verify", moved, "--experiment", moved / "report.json")[1]


def test_the_lock_names_the_commit(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "one")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()
    assert migrate("freeze", "--from", "celery", "--to", "dramatiq", tmp_path)[0] == 0
    assert json.loads((tmp_path / "inventory.lock.json").read_text())["commit"] == head


def test_what_settings_and_baselines_hide_counts(moved: Path) -> None:
    def unmet() -> set[str]:
        gates = json.loads(migrate("verify", moved, "--format", "json")[1])["gates"]
        return {gate["id"] for gate in gates if gate["answer"]["state"] == "unmet"}

    before = unmet()
    assert "G20" in before
    migrate("audit", moved, "--select", "ALL", "--write-baseline", moved / "known.json")
    (moved / "migrate.toml").write_text(
        '[audit]\nseverity = "critical"\nconfidence = "certain"\nignore = ["JOB"]\nbaseline = "known.json"\n'
    )
    assert unmet() == before
