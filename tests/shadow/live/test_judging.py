"""A judge reads now and then; what keeps it from judging is known, whatever it is."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
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
        judge._thread.join(60)
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


def test_one_that_is_under_way_is_waited_for_and_no_other_begun() -> None:
    go, said = threading.Event(), list[str]()

    def slow() -> SqliteLedger:
        assert go.wait(60)
        raise OSError("at last")

    judge = Judge(slow)
    assert judge.answer() is None

    def say(words: str) -> None:
        said.append(words)
        go.set()

    judge.close(say)
    assert said == ["ending: a judgement is under way, and is waited for"]
    assert judge.trouble == "OSError: at last"
    thread = judge._thread
    assert judge.answer() is None
    assert judge._thread is thread, "after its end nothing is begun"


def test_python_is_not_aborted_in_the_midst_of_one() -> None:
    """As it is where it ends while a thread is in native code that does not let itself be ended."""
    code = """
    import threading
    import numpy as np
    from migrator.shadow.ledger import Ledger
    from migrator.shadow.live import judging

    begun = threading.Event()

    def summarize(ledger):
        begun.set()
        for _ in range(300):
            np.unique(np.arange(200_000) % 1_000)

    class Nothing:
        def __enter__(self): ...
        def __exit__(self, *_): ...

    judging.EVERY, judging.summarize = 0.0, summarize
    judge = judging.Judge(Nothing)
    judge.answer()
    begun.wait()
    judge.close(print)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
