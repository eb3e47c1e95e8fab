"""Replays that cannot go on end the run: nobody takes a candidate without copies for one that has done them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import pytest

from migrator.shadow.config.reading import read_experiment
from migrator.shadow.ledger import LedgerError, SqliteLedger
from migrator.shadow.live import replaying
from migrator.shadow.live.replaying import Replayer
from migrator.shadow.run.board import ArmBoard

FILE = """
[experiment]
name = "shop"
current = "old"
mode = "mirror"
[job]
name = "mail"
max_attempts = 1
[arms.old]
system = "rq"
connection = "OLD_URL"
job_name = "app.mail"
[arms.new]
system = "celery"
connection = "NEW_URL"
"""


class Arm:
    """The current one."""

    def __init__(self) -> None:
        self.board = ArmBoard("old", answer_within=5.0)


def test_a_ledger_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "LAG", 0.0)
    for variable in ("OLD_URL", "NEW_URL"):
        monkeypatch.setenv(variable, "redis://127.0.0.1:1/0")
    (tmp_path / "shop.toml").write_text(FILE)
    failures: list[Exception] = []
    told = threading.Event()

    def fail(error: Exception) -> None:
        failures.append(error)
        told.set()

    def unreadable(*_: object) -> None:
        raise LedgerError("the disk is gone", place="shop.ledger")

    with SqliteLedger.create(tmp_path / "shop.ledger") as ledger:
        monkeypatch.setattr(ledger, "job", unreadable)
        replayer = Replayer.of(read_experiment(tmp_path / "shop.toml"), ledger, fail)
        assert replayer is not None
        arm = Arm()
        replayer.listen({"old": cast("Any", arm)})
        replayer.start()
        try:
            assert arm.board.on_end is not None
            arm.board.on_end("job-1")
            assert told.wait(60)
        finally:
            replayer.close()
    assert [str(failure) for failure in failures] == ["shop.ledger: the disk is gone"]
