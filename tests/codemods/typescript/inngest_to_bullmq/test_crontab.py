"""Schedules that BullMQ's parser takes, and those over which a worker would not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemods.typescript.inngest_to_bullmq.crontab import problem
from tests.codemods.typescript.inngest_to_bullmq.application import rewrite, tree


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "* * * * *",
            "*/15 8-18 * * 1-5",
            "0 9 ? * MON",
            "0 0 1,15 * *",
            "0 0 * * SUN-TUE",
            "0 9 1 JAN,jul 1",
            "0 0 29 2 *",
            "0 0 31 2,3 *",
        ),
        *("5/10 * * * *", "0 9 * * 7", "*/90 * * * *", "0 0-23/2 * * *", "0  9 * * *"),
    ],
)
def test_schedules_that_are_taken(pattern: str) -> None:
    assert problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("@every 30m", "five plain fields"),
        ("*/10 * * * * *", "five plain fields"),
        ("0 25 * * *", "no hour `25`"),
        ("5-70 * * * *", "no minute `5-70`"),
        ("50-10 * * * *", "no minute `50-10`"),
        ("*/0 * * * *", "no minute `*/0`"),
        ("0 0 0 * *", "no day of the month `0`"),
        ("0 0 * 13 *", "no month `13`"),
        ("0 0 * JANUARY *", "no month `JANUARY`"),
        ("0 0 * * FUN", "no day of the week `FUN`"),
        ("0 0 L * *", "no day of the month `L`"),
        ("0 0 31 4 *", "a day that no month has"),
        ("0 0 30,31 2 *", "a day that no month has"),
    ],
)
def test_schedules_over_which_a_worker_would_not_start(pattern: str, said: str) -> None:
    assert said in problem(pattern)


def test_such_a_function_stays(tmp_path: Path) -> None:
    function = 'export const f1 = inngest.createFunction({ id: "one" }, { cron: "0 0 30 2 *" }, async () => 1);\n'
    after = rewrite(tmp_path, tree(function, "f1"))
    assert after.outcome() == ("left", "Stays on Inngest: its schedule names a day that no month has.")
