"""What becomes of each rule."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.jobs.findings import Check, Spot
from migrator.rules import check, checking, selection
from migrator.rules.catalogue import PREVIEWS
from migrator.rules.evidence import Evidence
from migrator.rules.registry import listed, rules
from migrator.rules.rule import Fail, Outcome, Pass, Undecided
from migrator.rules.selection import selected
from migrator.scanners import scan

HERE = Spot("tasks.py", 3)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text("from celery import shared_task\n\n@shared_task\ndef send():\n    ...\n")
    return tmp_path


def became(app: Path, monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome, systems: tuple[str, ...] = (), error: Exception | None = None):
    def look(_: Evidence) -> Iterator[Outcome]:
        yield from outcomes
        if error is not None:
            raise error

    first = copy(listed()[0])
    first.rule = replace(first.rule, check=look, systems=systems)
    monkeypatch.setattr(checking, "selected", lambda *_, **__: (first,))
    found = check(scan(app), app)
    return found.checks[0], found.findings


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([], "not-applicable"),
        ([Pass(HERE)], "pass"),
        ([Pass(HERE), Undecided("why", HERE)], "unknown"),
        ([Pass(HERE), Undecided("why"), Fail(HERE, "wrong")], "fail"),
    ],
)
def test_the_worst_that_is_said_counts(app: Path, monkeypatch: pytest.MonkeyPatch, outcomes: list[Outcome], state: str) -> None:
    assert became(app, monkeypatch, *outcomes)[0].state == state


def test_what_cannot_be_told_is_said_beside_what_is_wrong(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, _ = became(app, monkeypatch, Fail(HERE, "wrong"), Undecided("who knows", HERE), Undecided("why"), Undecided("why"))
    assert told == Check(told.id, told.name, "fail", "who knows; why", (HERE,), (HERE,))


def test_a_rule_about_systems_that_are_not_there_is_not_applicable(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert became(app, monkeypatch, Fail(HERE, "wrong"), systems=("bullmq",))[0].state == "not-applicable"


def test_a_rule_that_fails_itself_says_so_and_the_audit_goes_on(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, findings = became(app, monkeypatch, Fail(HERE, "wrong"), error=KeyError("x"))
    assert (told.state, findings) == ("unknown", ())
    assert "KeyError: 'x'" in told.reason


def test_a_rule_is_called_what_its_file_is_called() -> None:
    assert [(each.id, each.name, each.is_preview) for each in listed()] == [(r.id, r.name, r.tier == "preview") for r in rules()]
    assert {each.id for each in listed()} >= PREVIEWS


def test_no_rule_is_loaded_where_there_are_no_jobs(tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    code = (
        "import sys; from pathlib import Path; from migrator.rules import check; from migrator.scanners import scan\n"
        "root = Path(sys.argv[1]); checks = check(scan(root), root).checks\n"
        "loaded = [name for name in sys.modules if name.startswith('migrator.rules.catalogue.')]\n"
        "assert not loaded, loaded\n"
        "assert {c.state for c in checks} == {'not-applicable'}, checks\n"
        "print(*(f'{c.id} {c.name}' for c in checks), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{r.id} {r.name}" for r in rules() if r.tier == "stable"]


def test_what_is_selected() -> None:
    stable = {r.id for r in rules() if r.tier == "stable"}
    assert {r.id for r in selected()} == stable
    assert {r.id for r in selected(["ALL"])} == {r.id for r in rules()}
    assert {r.id for r in selected(["JOB10"])} == {r.id for r in rules() if r.id.startswith("JOB10")}
    assert [r.id for r in selected(["cron-collision"])] == ["JOB301"]
    assert {r.id for r in selected(ignore=["JOB1"])} == {i for i in stable if not i.startswith("JOB1")}


@pytest.mark.parametrize("word", ["JOB9999", "cron-colision", "job101"])
def test_what_means_no_rule_is_an_error(word: str) -> None:
    with pytest.raises(MigratorError, match="is no rule"):
        selected([word])


def test_previews_come_with_the_stable_ones_or_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    preview, stable, *_ = map(copy, listed())
    preview.is_preview, stable.is_preview = True, False
    monkeypatch.setattr(selection, "listed", lambda: (preview, stable))
    assert selected() == (stable,)
    assert selected(preview=True) == (preview, stable)
    assert selected(ignore=[stable.id], preview=True) == (preview,)
    assert selected([preview.id]) == (preview,)
    # Who names rules gets these alone.
    assert selected([stable.id], preview=True) == (stable,)


def test_what_became_of_rules_is_told_in_their_order(app: Path) -> None:
    assert [c.id for c in check(scan(app), app).checks] == [r.id for r in rules() if r.tier == "stable"]
