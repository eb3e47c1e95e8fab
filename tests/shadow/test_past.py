from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from migrator.reporting.experiment import render
from migrator.shadow.past import KEPT, Past, present, remembered
from tests.reporting.experiments import experiment
from tests.shadow.synthetic import ArmPlan


def past(day: int, jobs: int | None = None) -> Past:
    return Past(at=f"2026-09-{day:02d}T12:00:00Z", assigned=100 * day if jobs is None else jobs, configurations=1, verdicts=())


def written(folder: Path, *history: Past, experiment: str = "import") -> Path:
    file = folder / "shadow.json"
    file.write_bytes(msgspec.json.encode({"experiment": experiment, "history": history, "more": 1}))
    return file


def test_what_was_said_before_is_remembered(tmp_path: Path) -> None:
    file = written(tmp_path, past(1), past(2))
    assert [p.assigned for p in remembered("import", [past(3)], file)] == [100, 200, 300]


def test_the_same_moment_is_one_report(tmp_path: Path) -> None:
    file = written(tmp_path, past(1), past(2))
    assert remembered("import", [past(2)], file) == (past(1), past(2))


def test_another_run_begins_anew(tmp_path: Path) -> None:
    assert remembered("import", [past(3, jobs=5)], written(tmp_path, past(1), past(2))) == (past(3, jobs=5),)
    assert remembered("export", [past(3)], written(tmp_path, past(1))) == (past(3),)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"experiment": 3}', '{"schema": "migrator.experiment/1"}'])
def test_what_cannot_be_read_is_no_memory(tmp_path: Path, text: str) -> None:
    file = tmp_path / "shadow.json"
    file.write_text(text)
    assert remembered("import", [past(3)], file) == (past(3),)
    assert remembered("import", [past(3)], tmp_path / "none.json") == (past(3),)


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    many = [replace(past(1), at=f"2026-01-01T00:{i // 60:02d}:{i % 60:02d}Z", assigned=i) for i in range(KEPT + 20)]
    found = remembered("import", [past(28, jobs=10**6)], written(tmp_path, *many))
    assert len(found) == KEPT
    assert found[-1].assigned == 10**6


def test_a_report_is_its_own_newest() -> None:
    summary = experiment()
    (now,) = summary.history
    assert (now.at, now.assigned) == (summary.last_seen, 300)
    assert [v.answer for v in now.verdicts] == ["inferior", "inconclusive"]
    spoilt = replace(summary.verdicts[0], comparisons=(replace(summary.verdicts[0].comparisons[0], obstacle="why"),))
    assert present("x", 1, 1, [spoilt]).verdicts[0].metrics[0].low is None


def test_open_bounds_are_remembered_as_open(tmp_path: Path) -> None:
    few = experiment([ArmPlan(arm="old", jobs=20), ArmPlan(arm="new", jobs=20)])
    file = tmp_path / "shadow.json"
    file.write_text(render(few, "json"))
    later = [replace(few.history[0], at="2026-12-01T00:00:00Z", assigned=50)]
    found = remembered(few.experiment, later, file)
    assert found == (*few.history, *later)
    assert [m.high for m in found[0].verdicts[0].metrics][2:] == [None, None]
