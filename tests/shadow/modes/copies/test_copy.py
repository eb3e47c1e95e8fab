"""What a copy replays is what was seen of the job; where something was not seen, there is no copy, and a reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from migrator.shadow.ledger import Attempt, JobHistory
from migrator.shadow.modes.copies.copy import Copy, Replayed, decoded, encoded, name_in, replay_of

MS = 1_000_000


def attempt(number: int, result: Any, *, start: int = 0, ms: int | None = 20, err: str | None = None) -> Attempt:
    began = start * MS
    ended = None if ms is None else began + ms * MS
    return Attempt(number=number, native_id="n", started_ns=began, ended_ns=ended, result=result, err_type=err)


def history(outcome: Any, *attempts: Attempt) -> JobHistory:
    return JobHistory(
        job_key="k", unit_key="u", job_name="mail", arm="old", role="current", config_epoch=1, outcome=outcome, attempts=attempts
    )


def copied(outcome: Any, *attempts: Attempt) -> Copy | str:
    return replay_of(history(outcome, *attempts), arm="new", max_attempts=3, retry_delay=1.0)


def test_run_times_and_ends_of_every_attempt() -> None:
    copy = copied("completed", attempt(1, "failed", err="ValueError", ms=5), attempt(2, "completed", start=50, ms=20))
    assert isinstance(copy, Copy)
    assert copy.attempts == (Replayed(seconds=0.005, failed=True, error="ValueError"), Replayed(seconds=0.02))
    assert (copy.level, copy.job, copy.arm, copy.allowed(), copy.retry_delay) == ("replay", "mail", "new", 3, 1.0)
    assert (copy.payload, copy.fill) == ({}, ""), "nothing of the job itself goes along"


def test_a_copy_is_as_large_as_the_job_was() -> None:
    large = msgspec.structs.replace(history("completed", attempt(1, "completed")), bytes=300)
    copy = replay_of(large, arm="new", max_attempts=1, retry_delay=None, fill=True)
    assert isinstance(copy, Copy)
    assert copy.fill == "." * 300


def test_what_the_system_did_of_itself_is_not_replayed() -> None:
    copy = copied("completed", attempt(1, "stalled"), attempt(1, "completed", start=50, ms=7), attempt(1, "completed", start=90, ms=9))
    assert isinstance(copy, Copy)
    assert copy.attempts == (Replayed(seconds=0.007),), "taken back, and delivered twice: the first delivery that ended counts"


@pytest.mark.parametrize(
    ("outcome", "attempts", "reason"),
    [
        ("in_flight", [attempt(1, "open")], "in flight"),
        ("presumed_lost", [], "presumed lost"),
        ("cancelled", [attempt(1, "cancelled")], "cancelled"),
        ("completed", [], "not all of its attempts were seen"),
        ("completed", [attempt(2, "completed")], "not all of its attempts were seen"),
        ("completed", [attempt(1, "completed", ms=None)], "how long it ran was not seen"),
        ("completed", [attempt(1, "completed", ms=-3)], "how long it ran was not seen"),
        ("completed", [attempt(1, "failed")], "its last attempt was not seen"),
        ("discarded", [attempt(1, "completed")], "its last attempt was not seen"),
    ],
)
def test_what_was_not_seen_is_not_made_up(outcome: str, attempts: list[Attempt], reason: str) -> None:
    said = copied(outcome, *attempts)
    assert isinstance(said, str)
    assert reason in said


def test_a_copy_is_the_same_after_its_way_through_a_payload() -> None:
    copy = Copy(level="dry_run", job="mail", arm="new", payload={"to": "ada", "n": [1, None]}, path="app.mail", arguments="payload")
    assert decoded(encoded(copy)) == copy


def test_a_job_of_its_own_name_in_every_system() -> None:
    assert name_in("celery") == name_in("bullmq") == "migrator.shadow"
    assert name_in("rq") == "migrator.shadow.modes.copies.rq.run", "RQ knows import paths only"
