"""The synthetic ledger and the reader agree on everything that happened, whatever the store's clock says."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.shadow.ledger import SqliteLedger
from tests.shadow.synthetic import ArmPlan, write_ledger


@pytest.mark.parametrize("clock_offset", [0.0, 2.0, -3.5])
def test_reader_finds_the_truth(tmp_path: Path, clock_offset: float) -> None:
    path = tmp_path / "x.ledger"
    plans = [
        ArmPlan(arm="old", jobs=120, lost=3, enqueue_failed=4, in_flight=5, cancelled=2, duplicated=6, clock_offset=clock_offset),
        ArmPlan(arm="new", system="bullmq", jobs=80, first_attempt_fails=0.5, attempt_fails=0.7),
    ]
    truth = write_ledger(path, plans)
    with SqliteLedger.open(path) as ledger:
        assert [a.arm for a in ledger.arms()] == ["old", "new"]
        assert ledger.missing_sequences() == {}
        for plan in plans:
            told, books = truth[plan.arm], ledger.conservation(plan.arm)
            assert books.holds
            assert books.assigned == plan.jobs
            for outcome, keys in (
                ("completed", told.completed),
                ("discarded", told.discarded),
                ("cancelled", told.cancelled),
                ("in_flight", told.in_flight),
                ("presumed_lost", told.lost),
                ("enqueue_failed", told.enqueue_failed),
            ):
                assert books.count(outcome) == len(keys), outcome
                assert set(books.jobs[outcome]) == (told.duplicated if outcome == "completed" else keys), "by name, but ordinary jobs"
            jobs = {j.job_key: j for j in ledger.jobs(plan.arm)}
            assert {k for k, j in jobs.items() if j.first_attempt_failed} == told.first_attempt_failed
            assert {k: j.attempts_made for k, j in jobs.items() if j.attempts} == told.attempts
            assert {k for k, j in jobs.items() if j.duplicate_effects} == told.duplicated
            assert {k for k, j in jobs.items() if j.duplicate_deliveries} == told.duplicated
            for key, wait in told.waits.items():
                measured = jobs[key].wait_ns
                assert measured is not None
                assert measured / 1e9 == pytest.approx(wait, abs=1e-5)
            for key, runs in told.runs.items():
                measured_runs = [a.run_ns / 1e9 for a in jobs[key].attempts if a.run_ns is not None and a.native_id == key]
                assert measured_runs == pytest.approx(runs, abs=1e-5)
            for key, seconds in told.end_to_end.items():
                measured = jobs[key].end_to_end_ns
                assert measured is not None
                assert measured / 1e9 == pytest.approx(seconds, abs=1e-5)
