"""Old jobs are folded while a run goes on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from migrator.shadow.ledger import LedgerError, SqliteLedger
from migrator.shadow.live.keeping import keeper
from tests.shadow.synthetic import ArmPlan, write_events

PATIENCE = 60.0


class Said:
    """What was said, and a wait until something is."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.heard = threading.Event()

    def __call__(self, text: str) -> None:
        self.lines.append(text)
        self.heard.set()


def test_old_jobs_are_folded_at_once_and_it_is_said(tmp_path: Path) -> None:
    said = Said()
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="old", jobs=30, first_attempt_fails=0.0)])
        with keeper(ledger, 1, said):
            assert said.heard.wait(PATIENCE)
        assert said.lines == ["30 jobs that completed more than 1 day ago: now kept as hourly sums and sketches"]
        assert list(ledger.events()) == []
        assert ledger.conservation("old").holds


def test_without_a_limit_everything_is_kept(tmp_path: Path) -> None:
    said = Said()
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="old", jobs=3)])
        before = ledger.recorded()
        with keeper(ledger, None, said):
            pass
        assert (sum(1 for _ in ledger.events()), said.lines) == (before, [])


def test_a_ledger_that_cannot_be_folded_does_not_end_the_run(tmp_path: Path) -> None:
    said = Said()
    SqliteLedger.create(tmp_path / "x.ledger").close()
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="old", jobs=3)])

        def broken(*_: object) -> int:
            raise LedgerError("somebody holds the ledger locked", place="x", remedy="Wait.")

        ledger.fold_away = broken  # pyright: ignore
        with keeper(ledger, 1, said):
            assert said.heard.wait(PATIENCE)
        assert said.lines[0].startswith("old jobs stay in the ledger as they are, for today: ")


def test_a_fold_that_is_under_way_ends_before_the_run_does(tmp_path: Path) -> None:
    said, go, folding = Said(), threading.Event(), threading.Event()
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="old", jobs=30, first_attempt_fails=0.0)])
        fold = ledger.fold_away

        def slow(*arguments: Any) -> int:
            folding.set()
            assert go.wait(PATIENCE)
            return fold(*arguments)

        def say(text: str) -> None:
            said(text)
            go.set()

        ledger.fold_away = slow  # pyright: ignore
        with keeper(ledger, 1, say):
            assert folding.wait(PATIENCE)
        assert not [thread for thread in threading.enumerate() if thread.name == "keeper"]
        assert said.lines[0] == "ending: old jobs are looked for, and that is waited for"
        assert list(ledger.events()) == [], "what was begun is done"
