"""The file that a migration begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.cutover.lock import freeze, read_lock, written
from migrator.errors import MigratorError
from migrator.jobs.ours import is_ours
from migrator.scanners import scan
from tests.cutover.migration import BEFORE, audit, begin


def test_a_lock_holds_what_gates_ask_for(tmp_path: Path) -> None:
    lock = begin(tmp_path / "app")
    mail, digest = lock.jobs
    assert (mail.name, mail.module, mail.symbol, mail.line, mail.enqueued, mail.payload) == (
        "mail.send_mail", "mail", "send_mail", 7, 1, ("address", "subject"),
    )  # fmt: skip
    assert mail.retry is not None
    assert (mail.retry.max_attempts.value, mail.retry.backoff, mail.retry.automatic) == (4, "exponential", True)  # pyright: ignore
    assert digest.enqueued == 0
    assert [(s.name, s.job, s.timezone) for s in lock.schedules] == [("digest", "mail.digest", "Europe/Berlin")]


def test_a_lock_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    lock = begin(tmp_path / "app")
    (tmp_path / "lock.json").write_bytes(written(lock))
    assert read_lock(tmp_path / "lock.json") == lock


def test_a_lock_in_the_tree_is_no_part_of_the_application(tmp_path: Path) -> None:
    data = written(begin(tmp_path / "app"))
    (tmp_path / "app" / "inventory.lock.json").write_bytes(data)
    assert is_ours(data)
    again = scan(tmp_path / "app")
    assert again.stats.files_skipped == {"written by migrate": 1}
    assert {i.location.path for i in again.items} == {"mail.py", "requirements.txt"}


def test_secrets_are_not_frozen(tmp_path: Path) -> None:
    code = BEFORE["mail.py"].replace("max_retries=3", 'max_retries=len("postgres://me:hunter2@host/db")')
    assert b"hunter2" not in written(begin(tmp_path / "app", {**BEFORE, "mail.py": code}))


def test_an_application_without_such_jobs_cannot_be_frozen(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match=r"has no job of rq\n  Job systems in it: celery"):
        freeze(audit(tmp_path, BEFORE), "rq", "dramatiq", "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "is not there"),
        (b"{", "is no inventory lock"),
        (b'{"schema": "migrator.audit/1"}', "is no inventory lock"),
        (b"[]", "is no inventory lock"),
    ],
)
def test_a_lock_that_is_missing_or_broken_is_told(tmp_path: Path, data: bytes | None, words: str) -> None:
    if data is not None:
        (tmp_path / "lock.json").write_bytes(data)
    with pytest.raises(MigratorError, match=words) as error:
        read_lock(tmp_path / "lock.json")
    assert str(tmp_path / "lock.json") in str(error.value)
    assert error.value.remedy
