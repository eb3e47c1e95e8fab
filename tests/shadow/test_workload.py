"""The jobs of a workload: exactly the declared mix, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import MigratorError
from migrator.shadow.config.experiment import Mix, Workload
from migrator.shadow.workload import job_count, planned_jobs, quotas

MIX = (
    Mix(name="quick", weight=70, payload={"ms": {"low": 10, "high": 20}}),
    Mix(name="slow", weight=20, payload={"ms": 5000, "tags": ["s", "{n}"]}, delay=1.5),
    Mix(name="poison", weight=10, payload={"poison": True}),
)


def jobs(workload: Workload, unit: str = "job", folder: Path = Path()):
    return list(planned_jobs(workload, unit=unit, folder=folder))


def test_the_mix_is_exact() -> None:
    made = jobs(Workload(count=300, mix=MIX))
    assert Counter(job.label for job in made) == {"quick": 210, "slow": 60, "poison": 30}
    assert {job.delay for job in made if job.label == "slow"} == {1.5}
    assert [job.number for job in made] == list(range(1, 301))


@given(st.integers(0, 5000), st.lists(st.integers(1, 100), min_size=1, max_size=9))
def test_quotas_total_and_are_within_one_of_their_share(count: int, weights: list[int]) -> None:
    found = quotas(count, weights)
    assert sum(found) == count
    assert all(abs(quota - count * weight / sum(weights)) < 1 for quota, weight in zip(found, weights, strict=True))


def test_the_same_seed_makes_the_same_jobs_and_another_makes_others() -> None:
    assert jobs(Workload(count=50, seed=4, mix=MIX)) == jobs(Workload(count=50, seed=4, mix=MIX))
    one, two = (jobs(Workload(count=50, seed=seed, mix=MIX)) for seed in (4, 5))
    assert [job.label for job in one] != [job.label for job in two]


def test_draws_are_within_bounds_and_reach_them() -> None:
    drawn = {job.payload["ms"] for job in jobs(Workload(count=500, mix=MIX)) if job.label == "quick"}
    assert drawn == set(range(10, 21))


def test_numbers_are_filled_in_wherever_a_text_stands() -> None:
    job = jobs(Workload(count=3, payload={"id": "a-{n}", "deep": {"list": ["{n}", 7, None]}, "ms": {"low": 1, "high": 1}}))[1]
    assert job.payload == {"id": "a-2", "deep": {"list": ["2", 7, None]}, "ms": 1}


def test_units() -> None:
    workload = Workload(count=4, payload={"tenant": "t{n}", "size": 3, "ok": True})
    assert [job.unit_key for job in jobs(workload)] == ["job:1", "job:2", "job:3", "job:4"]
    assert [job.unit_key for job in jobs(workload, "tenant")] == ["t1", "t2", "t3", "t4"]
    assert {job.unit_key for job in jobs(workload, "size")} == {"3"}
    for unit in ("absent", "ok"):
        with pytest.raises(MigratorError, match=f"job 1 has no `{unit}` to route by"):
            jobs(workload, unit)


def test_a_file_of_payloads(tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text('{"id": 1}\n\n{"id": "zwei", "x": [1]}\n')
    workload = Workload(file="w.jsonl")
    assert [(job.unit_key, job.label) for job in jobs(workload, "id", tmp_path)] == [("1", None), ("zwei", None)]
    assert job_count(workload, unit="id", folder=tmp_path) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{oops", "w.jsonl:2: this line is not JSON"),
        ("[1]", "w.jsonl:2: this line is not a JSON object"),
        ('{"id": NaN}', "w.jsonl:2: this line is not JSON: it has no NaN"),
    ],
)
def test_a_broken_line_of_a_file(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "w.jsonl").write_text('{"id": 1}\n' + line)
    with pytest.raises(MigratorError) as caught:
        jobs(Workload(file="w.jsonl"), folder=tmp_path)
    assert said in str(caught.value)


def test_what_cannot_be_routed_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text('{"id": 1}\n' * 99 + '{"di": 1}\n')
    with pytest.raises(MigratorError, match="job 100 has no `id` to route by"):
        job_count(Workload(file="w.jsonl"), unit="id", folder=tmp_path)
    mix = (Mix(name="large", payload={"id": "{n}"}), Mix(name="small", payload={"size": 3}))
    with pytest.raises(MigratorError, match="a job of the sort `small` has no `id` to route by"):
        job_count(Workload(count=1000, mix=mix), unit="id", folder=tmp_path)
    (tmp_path / "w.jsonl").write_text("\n")
    with pytest.raises(MigratorError, match=r"w\.jsonl: there is no job in it"):
        job_count(Workload(file="w.jsonl"), unit="job", folder=tmp_path)
