"""What a volume of jobs can show, in 80 columns, with the numbers of the reference."""

from __future__ import annotations

import pytest

from migrator.reporting.volume_text import volume_text
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.volume import Traffic, recommend


def text(jobs: float, base: float = 0.05, *, arms: int = 3, criteria: Criteria | None = None, candidates: int | None = None) -> str:
    criteria = criteria or Criteria()
    traffic = Traffic(jobs_per_day=jobs, current_share=1 / arms, candidate_share=1 / arms, candidates=candidates or arms - 1)
    found = recommend(criteria, traffic, {"first_attempt_failure": base, "discarded": base / 10})
    return volume_text(found, traffic, criteria, base, assumed=("the pace is that of the ledger",))


def row(shown: str, beginning: str) -> list[str]:
    return next(line for line in shown.splitlines() if line.startswith(beginning)).removeprefix(beginning).split("  ")


def cells(shown: str, beginning: str) -> list[str]:
    return [cell.strip() for cell in row(shown, beginning) if cell.strip()]


def test_fifty_jobs_a_day_over_three_arms() -> None:
    """Reference: 15 days for 5 points, 89 for 2; here for one claim of one candidate, as there."""
    shown = text(50, candidates=1)
    assert cells(shown, "worse by at most") == ["1 point", "2 points", "5 points", "10 points"]
    assert cells(shown, "split ")[1:3] == ["89 d", "15 d"]
    assert cells(shown, "mirror ")[1:3] == ["30 d", "5 d"]
    assert "Recommended: mirror." in shown
    assert "The pace is that of the ledger." in shown


def test_ten_a_day_take_seventy_one() -> None:
    assert cells(text(10, candidates=1), "split ")[2] == "71 d"


def test_many_jobs_are_split() -> None:
    shown = text(100_000)
    assert "Recommended: split. A split answers within 7 days." in shown
    assert "mirror" not in shown.split("Recommended")[1]


@pytest.mark.parametrize("jobs", [0.5, 10, 50, 1000, 5e6])
@pytest.mark.parametrize("base", [0.01, 0.3])
def test_it_fits(jobs: float, base: float) -> None:
    shown = text(jobs, base)
    assert max(map(len, shown.splitlines())) <= 80, shown


def test_what_loss_and_times_can_be_told() -> None:
    """231 jobs in an arm: loss below 1.29 %, medians within 1.26, p95 within 1.47."""
    shown = text(231 * 3 / 28)
    assert cells(shown, "jobs an arm  ")[0] == "231"
    assert cells(shown, "no job lost: loss is below")[0] == "1.29 %"
    assert cells(shown, "median times known within")[0] == "×/÷ 1.26"
    assert cells(shown, "95th percentiles within")[0] == "×/÷ 1.47"
