"""A judge reads now and then; what keeps it from judging is known, whatever it is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.live import judging
from migrator.shadow.live.judging import Judge
from tests.shadow.synthetic import ArmPlan, write_ledger


def settle(judge: Judge) -> object:
    """The next answer, or None once there was none."""
    found = judge.answer()
    while found is None and judge._thread is not None and judge._thread.is_alive():
        judge._thread.join(10)
        found, judge._due = judge._answer, time.monotonic() + 60
    return found


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "EVERY", 0.0)


def test_an_answer(tmp_path: Path) -> None:
    write_ledger(tmp_path / "x.ledger", [ArmPlan(arm="a", jobs=5), ArmPlan(arm="b", jobs=5)])
    judge = Judge(lambda: SqliteLedger.open(tmp_path / "x.ledger"))
    assert settle(judge) is not None
    assert judge.trouble == ""


@pytest.mark.parametrize("error", [OSError("no file handles left"), KeyError("arm")])
def test_why_there_is_none(error: Exception) -> None:
    """Not of ours alone: a thread that died would leave the ramp without a judge, and nobody would hear."""

    def fail() -> SqliteLedger:
        raise error

    judge = Judge(fail)
    assert settle(judge) is None
    assert judge.trouble == f"{type(error).__name__}: {error}"


def test_no_ledger(tmp_path: Path) -> None:
    judge = Judge(lambda: SqliteLedger.open(tmp_path / "none.ledger"))
    assert settle(judge) is None
    assert "there is no ledger here" in judge.trouble
