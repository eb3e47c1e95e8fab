"""Whole plans: what adds up, what is in them once, and what the rewrite says."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from migrator.codemods import load
from migrator.errors import MigratorError
from migrator.jobs import Job
from migrator.planning.assumptions import parse
from migrator.planning.plan import Plan
from migrator.planning.planner import compare, make_plan
from migrator.planning.score import NOTHING, Hours
from migrator.rules.evidence import Evidence
from migrator.systems import SYSTEMS
from tests.planning.applications import evidence

FIXTURES = Path(__file__).parents[2] / "fixtures"
TARGETS = sorted(name for name, system in SYSTEMS.items() if system.capabilities)
CELERY = {"tasks.py": "from celery import Celery\napp = Celery('a')\n\n@app.task\ndef one(): ...\n\n@app.task\ndef two(): ...\n"}


@pytest.fixture(scope="module", params=["articles", "notifier"])
def application(request: pytest.FixtureRequest) -> Evidence:
    return evidence(FIXTURES / request.param)


@pytest.fixture(scope="module")
def articles() -> Evidence:
    return evidence(FIXTURES / "articles")


def summed(parts: list[Hours]) -> Hours:
    return sum(parts, NOTHING)


@pytest.mark.parametrize("target", TARGETS)
def test_every_job_is_in_one_phase_and_everything_adds_up(application: Evidence, target: str) -> None:
    plan = make_plan(application, target)
    expected = [job for job in application.of(Job) if job.system != target]
    ids = [job for phase in plan.phases for group in phase.groups for job in group.jobs]
    assert sorted(ids) == sorted(job.id for job in plan.jobs)
    assert len(set(ids)) == len(ids) == len(expected) == plan.totals.jobs
    assert plan.there == len(application.of(Job)) - len(expected)
    by_id = {job.id: job for job in plan.jobs}
    for phase in plan.phases:
        assert phase.jobs == sum(len(group.jobs) for group in phase.groups)
        assert phase.effort == summed([group.effort for group in phase.groups])
        for group in phase.groups:
            assert group.effort == summed([by_id[job].effort for job in group.jobs])
            assert {(by_id[job].phase, by_id[job].group) for job in group.jobs} == {(phase.number, group.number)}
            assert len(group.jobs) == 1 or group.why
    assert plan.totals.effort == summed([phase.effort for phase in plan.phases])
    assert sum(plan.totals.ways.values()) == plan.totals.jobs == sum(plan.sources.values())
    assert sum(plan.totals.bands.values()) + plan.totals.ways["idle"] == plan.totals.jobs
    assert [phase.number for phase in plan.phases] == list(range(1, len(plan.phases) + 1))
    for job in plan.jobs:
        for scored in (job.difficulty, job.risk):
            assert scored.points == min(100, round(sum(part.points for part in scored.parts), 1))
        assert set(job.traps) <= set(plan.traps)
        assert (job.way == "blocked") == bool(job.blockers) or job.way == "idle"


def test_the_same_code_gives_the_same_bytes(articles: Evidence) -> None:
    first = msgspec.json.encode(make_plan(articles, "bullmq"))
    items = list(articles.inventory.items)
    assert msgspec.json.encode(make_plan(evidence(FIXTURES / "articles"), "bullmq")) == first
    assert len(items) > 50


def test_a_plan_is_read_back_as_it_was(articles: Evidence) -> None:
    plan = make_plan(articles, "pg-boss", assumptions=parse(["pieces=200", "plugins=4"]))
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan


@pytest.mark.parametrize(("fixture", "source", "target"), [("articles", "inngest", "bullmq"), ("notifier", "celery", "dramatiq")])
def test_what_is_planned_is_what_the_rewrite_does(fixture: str, source: str, target: str) -> None:
    found = evidence(FIXTURES / fixture)
    plan = make_plan(found, target, sources=[source])
    changes = load(source, target)(found.inventory, found.root, unsafe=True)
    decided = {(d.location.path, d.location.line): d for d in changes.decisions if d.kind == "definition"}
    assert plan.rewrites == (source,)
    for job in plan.jobs:
        decision = decided[(job.path, job.line)]
        moved = job.way in ("automatic", "helper")
        assert moved == (decision.outcome == "rewritten"), job.id
        assert job.rewrite is not None
        assert job.rewrite.summary == decision.summary
        assert set(job.traps) == set(decision.traps)
        if decision.safety == "unsafe":
            assert job.way == "helper"
        if moved:
            assert not job.blockers


def test_ways_of_the_articles(articles: Evidence) -> None:
    plan = make_plan(articles, "bullmq", sources=["inngest"])
    ways = {job.name: job.way for job in plan.jobs}
    assert ways["await-review"] == "blocked"
    assert ways["evaluate-article"] == ways["notify-subscribers"] == "hand"
    assert ways["rebuild-search"] == "idle"
    assert plan.phases[-1].title == "Not running today"
    assert plan.phases[-1].effort == NOTHING
    together = [set(group.jobs) for phase in plan.phases for group in phase.groups if len(group.jobs) > 1]
    assert together == [{"inngest:index-article", "inngest:summarize-article"}, {"inngest:evaluate-article", "inngest:grade-evaluation"}]


def test_steps_are_held_against_the_system_that_is_left(articles: Evidence) -> None:
    plan = make_plan(articles, "pg-boss", sources=["inngest"], assumptions=parse(["pieces=200", "plugins=4"]))
    job = next(job for job in plan.jobs if job.name == "evaluate-article")
    steps = next(use for use in job.limits if use.id == "MIG01")
    assert steps.formula == "pieces·plugins + 6 = 200·4 + 6 = 806"
    assert (steps.today, steps.exceeded, steps.share) == (True, False, 0.806)
    assert steps.bounds[:2] == ("fits up to pieces = 248 with plugins = 4", "fits up to plugins = 4 with pieces = 200")


def test_two_jobs_of_one_name_have_two_ids(articles: Evidence) -> None:
    plan = make_plan(articles, "celery")
    named = [job.id for job in plan.jobs if job.name == "article-import"]
    assert sorted(named) == ["bullmq:article-import", "pg-boss:article-import"]


def test_ids_are_told_apart_by_their_place(tmp_path: Path) -> None:
    worker = 'import { Worker } from "bullmq";\nnew Worker("mail", async () => 1);\n'
    found = evidence(tmp_path, {"a.ts": worker, "b.ts": worker + 'new Worker("mail", async () => 2);\n'})
    assert sorted(job.id for job in make_plan(found, "pg-boss").jobs) == ["bullmq:mail@a.ts", "bullmq:mail@b.ts:2", "bullmq:mail@b.ts:3"]


def test_another_language_blocks(tmp_path: Path) -> None:
    plan = make_plan(evidence(tmp_path, CELERY), "pg-boss")
    assert plan.totals.ways["blocked"] == 2
    assert plan.jobs[0].blockers == ("language: pg-boss is for typescript and javascript, the job is written in python",)
    assert make_plan(evidence(tmp_path), "bullmq").totals.ways["blocked"] == 0


def test_a_system_that_runs_no_code_blocks(tmp_path: Path) -> None:
    plan = make_plan(evidence(tmp_path, CELERY), "pg_cron")
    assert {blocker for job in plan.jobs for blocker in job.blockers} == {"language: pg_cron runs no code of an application"}


def test_nothing_to_move(tmp_path: Path) -> None:
    there = make_plan(evidence(tmp_path, CELERY), "celery")
    assert (there.totals.jobs, there.there, there.phases) == (0, 2, ())
    nothing = make_plan(evidence(tmp_path / "empty", {"a.py": "print(1)\n"}), "celery")
    assert (nothing.totals.jobs, nothing.there, nothing.jobs) == (0, 0, ())


@pytest.mark.parametrize(
    ("target", "sources", "assume", "said"),
    [
        ("bulmq", [], [], "Did you mean bullmq?"),
        ("hangfire", [], [], "Known: agenda, apscheduler"),
        ("trigger.dev", [], [], "Possible targets: apscheduler"),
        ("rq", ["celry"], [], "Did you mean celery?"),
        ("celery", ["celery"], [], "Give two systems."),
        ("rq", [], ["chunks=3"], "Sizes that do: payload_kb, result_kb."),
        ("rq", [], ["mail:chunks=3"], "Give the job's name as the plan has it."),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, target: str, sources: list[str], assume: list[str], said: str) -> None:
    found = evidence(tmp_path, CELERY)
    with pytest.raises(MigratorError) as refused:
        make_plan(found, target, sources=sources, assumptions=parse(assume))
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["chunks", "=3", "chunks=", "chunks=many", "chunks=-1", "chunks=1.5", "chunks=nan", "chunks=inf"])
def test_sizes_are_numbers(text: str) -> None:
    with pytest.raises(MigratorError, match="--assume"):
        parse([text])


def test_a_comparison_is_the_plans_side_by_side(articles: Evidence) -> None:
    targets = ["bullmq", "pg-boss", "celery"]
    compared = compare(articles, [*targets, "bullmq"])
    assert [row.target for row in compared.rows] == targets
    for row in compared.rows:
        plan = make_plan(articles, row.target)
        assert (row.totals, row.there, row.rewrites) == (plan.totals, plan.there, plan.rewrites)
    assert compared.rows[0].reasons[0] == "Wait for an event is missing (1)"
    assert compared.rows[2].reasons[0] == "is not for code in this language (23)"


def test_the_order_of_the_inventory_does_not_matter(articles: Evidence) -> None:
    """Two scans give items in one order; a plan does not depend on it where ids and phases are concerned."""
    shuffled = list(articles.inventory.items)
    random.Random(7).shuffle(shuffled)
    other = Evidence(msgspec.structs.replace(articles.inventory, items=tuple(shuffled)), articles.root)
    plans = [make_plan(found, "bullmq") for found in (articles, other)]
    assert Counter(job.id for job in plans[0].jobs) == Counter(job.id for job in plans[1].jobs)
    assert {job.id: (job.phase, job.way, job.difficulty.points, job.risk.points) for job in plans[0].jobs} == {
        job.id: (job.phase, job.way, job.difficulty.points, job.risk.points) for job in plans[1].jobs
    }
