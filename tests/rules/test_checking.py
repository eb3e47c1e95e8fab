"""What becomes of each rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.jobs.findings import Spot
from migrator.rules import check, checking, selection
from migrator.rules.evidence import Evidence
from migrator.rules.registry import rules
from migrator.rules.rule import Fail, Outcome, Pass, Rule, Undecided
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

    rule: Rule = replace(rules()[0], check=look, systems=systems)
    monkeypatch.setattr(checking, "selected", lambda *_, **__: (rule,))
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


def test_a_rule_about_systems_that_are_not_there_is_not_applicable(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert became(app, monkeypatch, Fail(HERE, "wrong"), systems=("bullmq",))[0].state == "not-applicable"


def test_a_rule_that_fails_itself_says_so_and_the_audit_goes_on(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, findings = became(app, monkeypatch, Fail(HERE, "wrong"), error=KeyError("x"))
    assert (told.state, findings) == ("unknown", ())
    assert "KeyError: 'x'" in told.reason


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
    first, second, *_ = rules()
    preview = replace(first, tier="preview")
    stable = replace(second, tier="stable")
    monkeypatch.setattr(selection, "rules", lambda: (preview, stable))
    assert selected() == (stable,)
    assert selected(preview=True) == (preview, stable)
    assert selected(ignore=[stable.id], preview=True) == (preview,)
    assert selected([preview.id]) == (preview,)
    # Who names rules gets these alone.
    assert selected([stable.id], preview=True) == (stable,)


def test_what_became_of_rules_is_told_in_their_order(app: Path) -> None:
    assert [c.id for c in check(scan(app), app).checks] == [r.id for r in rules() if r.tier == "stable"]
