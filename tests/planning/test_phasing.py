"""What moves together, and in which order."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from migrator.planning.grouping import Tie, groups, ties
from migrator.planning.phasing import STAGES, Ranked, ordered, stage
from migrator.planning.score import band
from tests.planning.applications import application


@st.composite
def portfolios(draw: st.DrawFn) -> tuple[list[Ranked], list[tuple[int, ...]]]:
    size = draw(st.integers(1, 12))
    jobs: list[Ranked] = []
    for n in range(size):
        difficulty = draw(st.integers(0, 100))
        way = draw(st.sampled_from(("automatic", "helper", "hand", "blocked", "idle")))
        jobs.append(
            Ranked(
                way,
                band(difficulty, blocked=way == "blocked", mechanical=way in ("automatic", "helper")),
                difficulty,
                draw(st.integers(0, 100)),
                draw(st.sampled_from((0.5, 0.9))),
                tuple(draw(st.lists(st.integers(0, size - 1), max_size=3, unique=True))),
                f"job {n}",
            )
        )
    pairs = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=6))
    return jobs, groups(size, [Tie(pair, "") for pair in pairs if pair[0] != pair[1]])


@given(portfolios())
def test_every_job_has_one_place_and_groups_stay_whole(portfolio: tuple[list[Ranked], list[tuple[int, ...]]]) -> None:
    jobs, members = portfolio
    stages = ordered(jobs, members)
    assert sorted(group for part in stages.values() for group in part) == sorted(members)
    assert sorted(job for part in stages.values() for group in part for job in group) == list(range(len(jobs)))
    assert list(stages) == [name for name in STAGES if name in stages]
    assert all(stages.values())


@given(portfolios())
def test_what_is_blocked_or_doubtful_is_not_among_the_first(portfolio: tuple[list[Ranked], list[tuple[int, ...]]]) -> None:
    jobs, members = portfolio
    stages = ordered(jobs, members)
    for name in ("first", "bulk"):
        for group in stages.get(name, []):
            for job in group:
                assert jobs[job].way != "blocked"
                assert jobs[job].band in ("codemod", "assisted")
                assert jobs[job].risk <= 60
                assert jobs[job].confidence >= 0.6
    first, bulk = stages.get("first", []), stages.get("bulk", [])
    if first:
        assert len(first) <= len(first + bulk) / 4 + 1
        others = {n: index for index, group in enumerate(members) for n in group}
        assert not any(others[s] != others[group[0]] for group in first for job in group for s in jobs[job].starts)


@given(st.integers(1, 20), st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=20))
def test_groups_part_the_jobs(size: int, pairs: list[tuple[int, int]]) -> None:
    tied = [Tie((a, b), "") for a, b in pairs if a < size and b < size and a != b]
    found = groups(size, tied)
    assert sorted(job for group in found for job in group) == list(range(size))
    of = {job: group for group in found for job in group}
    assert all(of[tie.jobs[0]] == of[tie.jobs[1]] for tie in tied)
    assert len(found) >= size - len(tied)


def job(
    way: str = "automatic", difficulty: float = 5, risk: float = 5, confidence: float = 1, starts: tuple[int, ...] = (), name: str = "a"
) -> Ranked:
    return Ranked(way, band(difficulty, blocked=way == "blocked", mechanical=True), difficulty, risk, confidence, starts, name)  # type: ignore[arg-type]


def test_a_group_is_as_late_as_its_worst_member() -> None:
    assert stage([job()]) == "bulk"
    assert stage([job(), job(difficulty=50)]) == "care"
    assert stage([job(), job(risk=60)]) == "bulk"
    assert stage([job(), job(risk=61)]) == "care"
    assert stage([job(), job(confidence=0.6)]) == "bulk"
    assert stage([job(), job(confidence=0.59)]) == "care"
    assert stage([job(difficulty=50), job("blocked")]) == "redesign"
    assert stage([job(), job("idle")]) == "bulk"
    assert stage([job("idle"), job("idle")]) == "idle"


def test_what_is_started_moves_before_what_starts_it() -> None:
    chain = [job(name="starts the second", starts=(1,)), job(name="second", starts=(2,), risk=40), job(name="third", risk=44)]
    stages = ordered(chain, groups(3, []))
    assert [group for part in stages.values() for group in part] == [(2,), (1,), (0,)]


def test_jobs_that_start_each_other_come_to_an_end() -> None:
    circle = [job(name="a", starts=(1,)), job(name="b", starts=(0,))]
    assert sorted(group for part in ordered(circle, groups(2, [])).values() for group in part) == [(0,), (1,)]


# -- ties, from code -------------------------------------------------------------------------------------------------------


def tied(root: Path, files: dict[str, str]) -> list[tuple[set[str], str]]:
    app = application(root, files)
    return [({app.jobs[n].name.rpartition(".")[2] for n in tie.jobs}, tie.why) for tie in ties(app, app.jobs)]


TASKS = "from celery import Celery, chain\napp = Celery('a')\n\n" + "".join(
    f"@app.task(queue='q')\ndef {n}(x): ...\n\n" for n in ("one", "two", "three")
)


def test_a_chain_ties_its_parts_alone(tmp_path: Path) -> None:
    found = tied(tmp_path, {"tasks.py": f"{TASKS}def start():\n    chain(one.s(1), two.s())()\n    three.delay(1)\n"})
    assert found == [({"one", "two"}, "they are put together in a chain, tasks.py:14")]


def test_a_queue_of_celery_ties_nothing_unless_it_is_worked_off_one_by_one(tmp_path: Path) -> None:
    assert tied(tmp_path / "many", {"tasks.py": TASKS, "Procfile": "worker: celery -A tasks worker -Q q -c 4\n"}) == []
    alone = tied(tmp_path / "one", {"tasks.py": TASKS, "Procfile": "worker: celery -A tasks worker -Q q -c 1\n"})
    assert alone == [({"one", "two", "three"}, "the queue `q` is worked off one at a time, and they may rely on it")]


def test_starting_another_job_ties_nothing(tmp_path: Path) -> None:
    code = "from celery import Celery\napp = Celery('a')\n\n@app.task\ndef one(x): ...\n\n@app.task\ndef two(x):\n    one.delay(x)\n"
    assert tied(tmp_path, {"tasks.py": code}) == []


INNGEST = 'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "a" });\n'
CALLED = 'export const called = inngest.createFunction({ id: "called" }, { event: "a/called" }, async () => 1);\n'


def test_an_event_ties_those_that_it_starts(tmp_path: Path) -> None:
    other = CALLED.replace("called = ", "other = ").replace('"called"', '"other"')
    assert tied(tmp_path / "same", {"f.ts": INNGEST + CALLED + other}) == [({"called", "other"}, "the event `a/called` starts them all")]
    assert tied(tmp_path / "apart", {"f.ts": INNGEST + CALLED + other.replace("a/called", "a/other")}) == []


def test_waiting_for_a_result_ties(tmp_path: Path) -> None:
    caller = (
        'export const caller = inngest.createFunction({ id: "caller" }, { event: "a/b" }, async ({ step }) => {\n  await step.STEP;\n});\n'
    )
    waits = caller.replace("STEP", 'invoke("x", { function: called, data: {} })')
    sends = caller.replace("STEP", 'sendEvent("x", { name: "a/called" })')
    assert tied(tmp_path / "waits", {"f.ts": INNGEST + CALLED + waits}) == [
        ({"caller", "called"}, "`caller` waits for the result of `called`")
    ]
    assert tied(tmp_path / "sends", {"f.ts": INNGEST + CALLED + sends}) == []


def test_one_worker_of_bullmq_is_one_side(tmp_path: Path) -> None:
    code = (
        'import { Worker } from "bullmq";\n'
        'new Worker("mail", async (job) => 1);\nnew Worker("mail", async (job) => 2);\nnew Worker("other", async (job) => 3);\n'
    )
    assert tied(tmp_path, {"w.ts": code}) == [({"mail"}, "one worker takes all of the queue `mail`")]
