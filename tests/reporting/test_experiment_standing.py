"""How an experiment stands: in lines, on a screen of 80 columns, and in a line for a log."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from rich.console import Console

from migrator.errors import MigratorError
from migrator.reporting.experiment_standing import run_words, standing_lines
from migrator.reporting.experiment_watch import Pace, line, screen
from migrator.reporting.run_outcome import standing_text
from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.ledger import Mark, SqliteLedger
from migrator.shadow.live.standing import Standing, standing_of
from migrator.shadow.policy import changing
from migrator.shadow.summarizing import summarize
from tests.shadow.synthetic import ArmPlan, write_ledger

FILE = """
[experiment]
name = "shop"
current = "old"
[job]
name = "mail"
[arms.old]
system = "rq"
connection = "REDIS_URL"
weight = 1
job_name = "app.mail"
[arms.new]
system = "celery"
connection = "REDIS_URL"
weight = 1
"""
RAMP = '[routing.ramp]\nsteps = ["1%/1d", "100%"]\n'
HOUR = 3600 * 10**9


def experiment(tmp_path: Path, text: str = FILE + RAMP) -> Loaded:
    file = tmp_path / "shop.toml"
    file.write_text(text)
    loaded = read_experiment(file)
    if not loaded.ledger.exists():
        loaded.ledger.parent.mkdir(exist_ok=True)
        write_ledger(loaded.ledger, [ArmPlan(arm="old", jobs=60), ArmPlan(arm="new", jobs=50)], experiment="shop")
    return loaded


def mark(loaded: Loaded, *marks: Mark) -> None:
    with SqliteLedger.create(loaded.ledger) as ledger:
        for each in marks:
            ledger.mark(each)


def standing(loaded: Loaded) -> Standing:
    with SqliteLedger.open(loaded.ledger) as ledger:
        return standing_of(loaded, ledger)


def test_a_run_goes_on_is_broken_off_or_ended(tmp_path: Path) -> None:
    loaded = experiment(tmp_path)
    assert run_words(standing(loaded)).startswith("finished 2026-09-21")
    began = Mark(kind="run_started", ts_ns=time.time_ns() - 1000)
    with SqliteLedger.create(loaded.ledger) as ledger:
        ledger.mark(began)
        assert run_words(standing_of(loaded, ledger)).startswith("running since ")
    assert run_words(standing(loaded)).startswith("broken off; run it again to go on")
    mark(loaded, Mark(kind="run_ended", ts_ns=time.time_ns(), text="watched"))
    assert run_words(standing(loaded)).startswith("ended ")


def test_the_ramp_its_time_and_what_people_did(tmp_path: Path) -> None:
    loaded = experiment(tmp_path)
    assert standing_lines(standing(loaded)) == [
        "Ramp: step 1 of 2 (1%)",
        "Recorders: no event lost, nothing waits",
    ]
    mark(loaded, Mark(kind="ramp", ts_ns=time.time_ns() - HOUR, data={"step": 1, "by": ""}))
    assert standing_lines(standing(loaded))[0] == "Ramp: step 1 of 2 (1%) for 1 h; the next in 23 hours, if nothing speaks against it"
    changing.change(loaded.file, changing.hold(True), "Ada: month end")
    changing.change(loaded.file, changing.kill(("new",), ()), "Ada: full")
    assert standing_lines(standing(loaded))[:3] == [
        "Ramp: step 1 of 2 (1%) for 1 h; held",
        "Switched off: new",
        "Last change: Ada: full",
    ]


def test_a_hold_needs_a_ramp(tmp_path: Path) -> None:
    loaded = experiment(tmp_path, FILE)
    for held in (True, False):
        with pytest.raises(MigratorError, match=r"shop: has no ramp\n  Write \[routing.ramp\]"):
            changing.change(loaded.file, changing.hold(held), "")
    assert not (tmp_path / ".migrator" / "shop.routing.json").exists()


def test_what_is_missing_of_the_record(tmp_path: Path) -> None:
    loaded = experiment(tmp_path)
    mark(loaded, Mark(kind="recorder_ended", ts_ns=1, data={"recorder": "f" * 32, "numbered": 7}))
    spool = tmp_path / ".migrator" / "shop.spool"
    spool.mkdir()
    (spool / f"{'a' * 32}-000001.jsonl").write_bytes(b"x" * 1234)
    assert standing_lines(standing(loaded))[-1] == "Recorders: 7 events lost, 1,234 bytes wait to be collected"


def test_a_state_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = experiment(tmp_path, FILE + RAMP.replace("[routing.ramp]", '[routing]\nstate = "NOWHERE_URL"\n[routing.ramp]'))
    monkeypatch.delenv("NOWHERE_URL", raising=False)
    (first, *_) = standing_lines(standing(loaded))
    assert first.startswith("Routing: NOWHERE_URL: is not set")


def test_status_screen_and_line_fit(tmp_path: Path) -> None:
    loaded = experiment(tmp_path)
    moment = time.time_ns()
    mark(loaded, Mark(kind="run_started", ts_ns=moment), Mark(kind="ramp", ts_ns=moment, text="step 1 (1%): " + "x " * 200))
    with SqliteLedger.open(loaded.ledger) as ledger:
        summary, now = summarize(ledger), standing_of(loaded, ledger)
        text = standing_text(ledger, now)
    out = io.StringIO()
    Console(file=out, width=80).print(screen(summary, now, {"old": 12.0, "new": None}, 80))
    shown = out.getvalue()
    assert max(len(row) for row in (*text.splitlines(), *shown.splitlines())) <= 80
    for words in ("new: inconclusive", "✓ add up", "jobs a minute", "Ramp: step 1 of 2 (1%)", "q or Ctrl-C ends this view, not the run."):
        assert words in shown
    assert "x…" in shown.replace("\n", "")
    assert "x " * 100 not in shown.replace("\n", "")
    logged = line(summary, now, Pace().see({"old": 60, "new": 50}, 0.0))
    assert "old: 60 assigned" in logged
    assert logged.endswith("new: inconclusive; step 1 of 2")
    assert "\n" not in logged
