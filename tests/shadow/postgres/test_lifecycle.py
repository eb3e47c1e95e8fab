"""What changes of rows mean, for tables that retry in place, by new rows, and by deleting and inserting."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.shadow.postgres.lifecycle import States, sightings
from migrator.shadow.postgres.transitions import Transition

STATES = States(
    waiting=frozenset(("P", "retry")), active=frozenset("R"), completed=frozenset("C"), discarded=frozenset("F"), cancelled=frozenset("X")
)


def change(at: int, old: str | None, new: str | None, *, row: str = "1", **more: Any) -> Transition:
    operation = "INSERT" if old is None else "DELETE" if new is None else "UPDATE"
    fields: dict[str, Any] = {"id": at, "at_us": at, "xid": at, "operation": operation, "native_id": row, "job_key": "k"}
    return Transition(**{**fields, "old_state": old, "new_state": new, **more})


def seen(*changes: Transition, parents: dict[str, str] | None = None) -> list[tuple[str, str]]:
    found = sightings(changes, STATES, lambda text: ("E", text), {} if parents is None else parents)
    assert [s.id for s in found] == sorted(s.id for s in found)
    return [(s.kind, s.native_id) for s in found]


def test_works_at_once() -> None:
    assert seen(change(1, None, "P"), change(2, "P", "R"), change(3, "R", "C")) == [
        ("available", "1"),
        ("started", "1"),
        ("completed", "1"),
    ]


def test_retries_in_place() -> None:
    changes = [change(1, "R", "P", error="boom", due_us=500), change(600, "P", "R"), change(601, "R", "F", error="bang")]
    found = sightings(changes, STATES, lambda text: ("E", text), {})
    assert [(s.kind, s.err_message, s.until_ns) for s in found] == [
        ("attempt_failed", "boom", None),
        ("delayed", None, 500_000),
        ("started", None, None),
        ("discarded", "bang", None),
    ]


def test_retries_by_a_new_row_in_the_same_transaction() -> None:
    failed = change(5, "R", "F", xid=9, error="boom")
    again = change(6, None, "P", row="2", parent="1", xid=9)
    assert seen(failed, again, change(7, "P", "R", row="2", parent="1"), change(8, "R", "F", row="2", parent="1")) == [
        ("attempt_failed", "1"),
        ("available", "1"),
        ("started", "1"),
        ("discarded", "1"),
    ]


def test_a_chain_of_rows_is_one_job_across_calls() -> None:
    parents: dict[str, str] = {}
    assert seen(change(1, "R", "F", xid=3), change(2, None, "P", row="2", parent="1", xid=3), parents=parents)[-1] == ("available", "1")
    second = [change(5, "R", "F", row="2", parent="1", xid=7), change(6, None, "P", row="3", parent="2", xid=7)]
    assert seen(*second, parents=parents) == [("attempt_failed", "1"), ("available", "1")]
    assert seen(change(9, "R", "C", row="3", parent="2"), parents=parents) == [("completed", "1")]


def test_a_retry_by_hand_comes_later_and_so_the_first_end_was_an_end() -> None:
    assert seen(change(1, "R", "F"), change(2, None, "P", row="2", parent="1")) == [("discarded", "1"), ("available", "1")]


def test_a_failure_written_as_delete_and_insert() -> None:
    changes = [change(1, "R", None, xid=4), change(2, None, "retry", xid=4, due_us=90, error="boom")]
    assert seen(*changes) == [("attempt_failed", "1"), ("delayed", "1")]
    assert seen(change(1, "R", None, xid=4), change(2, None, "F", xid=4)) == [("discarded", "1")]


@pytest.mark.parametrize(("state", "expected"), [("P", [("removed", "1")]), ("R", [("removed", "1")]), ("C", []), ("F", []), ("X", [])])
def test_a_deleted_row(state: str, expected: list[tuple[str, str]]) -> None:
    assert seen(change(1, state, None)) == expected


def test_other_rows_of_the_transaction_are_left_alone() -> None:
    changes = [change(1, "R", None, xid=4), change(2, "R", "C", row="2", xid=4), change(3, None, "retry", xid=4)]
    assert seen(*changes) == [("completed", "2"), ("attempt_failed", "1"), ("available", "1")]


def test_a_job_that_is_marked_done_without_a_start() -> None:
    assert seen(change(1, "P", "C")) == [("completed", "1")]


def test_cancelled_and_put_back() -> None:
    assert seen(change(1, "P", "X"), change(2, "X", "P")) == [("cancelled", "1"), ("available", "1")]


def test_unknown_words_say_nothing() -> None:
    assert seen(change(1, "P", "ARCHIVED"), change(2, "ARCHIVED", "HELD")) == []
