"""Limits of a target, with the arithmetic, and blockers."""

from __future__ import annotations

from pathlib import Path

from migrator.planning.assumptions import parse
from migrator.planning.limit_use import LimitUse
from migrator.planning.plan import Plan
from migrator.planning.planner import make_plan
from migrator.planning.step_limits import bounds, executions
from migrator.systems import SYSTEMS
from tests.planning.applications import evidence

WORKFLOW = """import { serve } from "@upstash/workflow/nextjs";
export const { POST } = serve(async (context) => {
  const chunks = await context.run("split", () => split(context.requestPayload));
  for (const chunk of chunks) {
    ROUTING
    for (const plugin of ["tone", "facts", "style", "links"]) await context.run("check", () => check(chunk, plugin));
  }
  await context.run("sum", () => sum(chunks));
  await context.run("save", () => save(chunks));
});
"""
#: routing for each chunk as a step of its own, and not
EACH, ALL = 'await context.run("route", () => route(chunk));', ""
CELERY = "from celery import Celery\napp = Celery('a', broker='redis://localhost')\n\n@app.task(OPTIONS)\ndef send(user): ...\n\n"


def to_inngest(root: Path, routing: str, *assume: str) -> Plan:
    files = {
        "package.json": '{"dependencies": {"@upstash/workflow": "^0.2.0"}}',
        "app/api/audit/route.ts": WORKFLOW.replace("ROUTING", routing),
    }
    return make_plan(evidence(root, files), "inngest", assumptions=parse(assume))


def steps(plan: Plan) -> LimitUse:
    return next(use for job in plan.jobs for use in job.limits if use.id == "MIG01")


def test_eight_hundred_steps_fit(tmp_path: Path) -> None:
    plan = to_inngest(tmp_path, ALL, "chunks=200")
    use = steps(plan)
    assert (use.formula, use.value, use.maximum, use.share) == ("4·chunks + 3 = 4·200 + 3 = 803", 803, 1_000, 0.803)
    assert use.bounds[0] == "fits up to chunks = 249"
    assert plan.totals.ways["blocked"] == 0


def test_three_steps_too_many_are_a_blocker(tmp_path: Path) -> None:
    plan = to_inngest(tmp_path, EACH, "chunks=200")
    use = steps(plan)
    assert (use.formula, use.value, use.share, use.exceeded) == ("5·chunks + 3 = 5·200 + 3 = 1,003", 1_003, 1.003, True)
    assert use.bounds[:2] == (
        "fits up to chunks = 199",
        "one run is 1,004 executions: 49 a month on Free, 996 a month on Pro, 9,960 a month on Business",
    )
    assert plan.jobs[0].way == "blocked"
    assert plan.jobs[0].blockers == ("Steps in a run: 5·chunks + 3 = 5·200 + 3 = 1,003, and 1,000 at most",)
    assert to_inngest(tmp_path / "smaller", EACH, "chunks=199").totals.ways["blocked"] == 0


def test_what_is_not_known_is_asked_for_and_blocks_nothing(tmp_path: Path) -> None:
    plan = to_inngest(tmp_path, EACH)
    use = steps(plan)
    assert (use.formula, use.value, use.share, use.needs) == ("5·chunks + 3", None, None, ("chunks",))
    assert use.bounds == ("fits up to chunks = 199",)
    assert plan.totals.ways["blocked"] == 0
    state = next(use for use in plan.jobs[0].limits if use.id == "MIG03")
    assert state.needs == ("chunks", "result_kb")
    known = to_inngest(tmp_path / "known", EACH, "chunks=100", "result_kb=10")
    assert known.jobs[0].confidence > plan.jobs[0].confidence


def test_the_state_of_a_run(tmp_path: Path) -> None:
    plan = to_inngest(tmp_path, ALL, "chunks=200", "result_kb=40")
    state = next(use for use in plan.jobs[0].limits if use.id == "MIG03")
    assert state.formula == "803 results of 40 KiB"
    assert state.value == 803 * 40 * 1024
    assert state.share is not None
    assert state.share < 1
    assert state.bounds == ("fits up to a mean of 40.81 KiB a result",)
    more = to_inngest(tmp_path / "more", ALL, "chunks=200", "result_kb=41")
    assert [use.exceeded for use in more.jobs[0].limits if use.id == "MIG03"] == [True]


def test_executions() -> None:
    included = [limit for limit in SYSTEMS["inngest"].limits if limit.name == "executions" and limit.plan == "Free"]
    assert executions(804, included) == ("one run is 805 executions: 62 a month on Free",)
    assert executions(804, []) == ()


def test_bounds_name_what_they_were_worked_out_with() -> None:
    from migrator.planning.counting import name, number

    count = name("chunks") * name("plugins") + number(4)
    assert bounds(count, 1_000, {"plugins": 4}) == ("fits up to chunks = 249 with plugins = 4",)
    assert bounds(count, 1_000, {}) == ("fits while chunks·plugins is at most 996",)
    assert bounds(count, 3, {"plugins": 4}) == ("does not fit for any chunks with plugins = 4",)


def celery(root: Path, target: str, options: str = "", call: str = "") -> Plan:
    return make_plan(evidence(root, {"tasks.py": CELERY.replace("OPTIONS", options) + f"def caller():\n    {call or 'pass'}\n"}), target)


def test_a_delay_that_the_target_refuses(tmp_path: Path) -> None:
    plan = celery(tmp_path, "sqs", call="send.apply_async(countdown=3600)")
    assert plan.jobs[0].blockers == ("Delay of a message: a delay of 3,600 s, and 900 s at most",)
    assert celery(tmp_path / "short", "sqs", call="send.apply_async(countdown=600)").jobs[0].blockers == ()


def test_a_delay_that_one_plan_of_the_vendor_refuses_blocks_nothing(tmp_path: Path) -> None:
    plan = celery(tmp_path, "inngest", call="send.apply_async(countdown=864000)")
    said = [(use.plan, use.share) for use in plan.jobs[0].limits if use.id == "MIG08" and use.plan]
    assert said == [("Free", 1.4286)]
    assert plan.jobs[0].blockers == ()
    week = celery(tmp_path / "week", "inngest", call="send.apply_async(countdown=604800)")
    assert [use.plan for use in week.jobs[0].limits if use.id == "MIG08" and use.plan] == []


def test_retries_are_counted_as_the_target_counts(tmp_path: Path) -> None:
    plan = celery(tmp_path / "a", "inngest", "autoretry_for=(OSError,), max_retries=20")
    assert [use.formula for use in plan.jobs[0].limits if use.id == "MIG06"] == ["21 runs, which are 20 retries"]
    assert plan.jobs[0].blockers == ()
    assert celery(tmp_path / "b", "inngest", "autoretry_for=(OSError,), max_retries=21").jobs[0].way == "blocked"


def test_a_time_limit_that_is_too_long(tmp_path: Path) -> None:
    assert celery(tmp_path / "a", "sqs", "time_limit=900").jobs[0].blockers == ()
    assert "Longest run of a function" in celery(tmp_path / "b", "sqs", "time_limit=901").jobs[0].blockers[0]
