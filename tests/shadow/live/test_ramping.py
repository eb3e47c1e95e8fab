"""When a ramp is taken a step further, when back, and when nothing is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.shadow.config.experiment import Ramp
from migrator.shadow.judging.validity import Check
from migrator.shadow.judging.verdict import Answer, Verdict
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.live.ramping import Move, findings, move, steps_of
from migrator.shadow.live.steering import idle_arms
from migrator.shadow.policy.state import State
from migrator.shadow.summarizing import summarize
from tests.shadow.synthetic import ArmPlan, write_events

STEPS = steps_of(Ramp(steps=("1%/1d", "10%/2d", "100%")))
DAY = 86400.0
SPLIT = Check("split", "invalid", "the arms did not get the shares asked for")
CLOCKS = Check("clocks", "invalid", "durations came out below zero")


def verdict(answer: Answer, arm: str = "new", guards: tuple[str, ...] = ()) -> Verdict:
    return Verdict(arm=arm, answer=answer, reason="It takes twice as long.", comparisons=(), guards=guards)


def after(
    seconds: float, *verdicts: Verdict, state: State | None = None, checks: tuple[Check, ...] = (), acted: tuple[str, ...] = ()
) -> Move | None:
    return move(STEPS, state or State(), seconds, verdicts or (verdict("inconclusive"),), checks, acted)


def test_the_steps_of_a_file() -> None:
    assert [(step.text, step.seconds) for step in STEPS] == [("1%", DAY), ("10%", 2 * DAY), ("100%", None)]
    assert steps_of(None) == ()


def test_a_step_is_taken_when_its_time_is_over() -> None:
    assert after(DAY - 1) is None
    assert after(DAY) == Move(1, held=False, reason="step 2 (10%): nothing speaks against it after 1%")
    assert after(DAY, state=State(step=1)) is None, "the second is held for two days"
    assert after(2 * DAY, state=State(step=1)) == Move(2, held=False, reason="step 3 (100%): nothing speaks against it after 10%")
    assert after(99 * DAY, state=State(step=2)) is None, "there is no further one"
    assert after(DAY, verdict("not-inferior")) is not None


def test_an_arm_of_which_no_job_has_ended_goes_no_further() -> None:
    """Nothing speaks against what nobody has seen: a ramp would give everything to an arm whose workers never ran."""
    verdicts = (verdict("inconclusive"),)
    assert move(STEPS, State(), DAY, verdicts, (), (), idle=("new",)) is None
    assert move(STEPS, State(), DAY, verdicts, (), (), idle=()) is not None
    assert move(STEPS, State(arms=("new",)), DAY, verdicts, (), (), idle=("new",)) is not None, "it is switched off"
    back = move(STEPS, State(step=1), 5.0, (verdict("inferior"),), (), (), idle=("new",))
    assert back is not None, "back it goes all the same"
    assert back.step == 0


def test_which_arms_are_idle(tmp_path: Path) -> None:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="old", jobs=5, in_flight=5), ArmPlan(arm="new", jobs=5, in_flight=5), ArmPlan(arm="c", jobs=5)])
        assert idle_arms(summarize(ledger)) == ("new",)


@pytest.mark.parametrize("answer", ["invalid", "inferior"])
def test_nothing_goes_further_on_such_an_answer(answer: Answer) -> None:
    found = after(9 * DAY, verdict(answer), acted=("new",))
    assert found is None
    found = after(9 * DAY, verdict("not-inferior", "other"), verdict(answer), acted=("new",))
    assert found is None


def test_back_where_a_candidate_is_inferior() -> None:
    found = after(5.0, verdict("inferior"), state=State(step=2))
    assert found == Move(1, held=True, reason="back to step 2 (10%): new is inferior: It takes twice as long.", findings=("new",))
    assert after(5.0, verdict("inferior"), state=State(step=2), acted=("new",)) is None, "once: what people do after that is theirs"


def test_at_the_first_step_it_is_held_there() -> None:
    found = after(5.0, verdict("inferior"))
    assert found is not None
    assert (found.step, found.held) == (0, True)
    assert found.reason.startswith("held at step 1 (1%): new is inferior")


def test_guards_take_it_back_as_well() -> None:
    lost = verdict("invalid", guards=("3 jobs of new were lost, none of old",))
    assert after(5.0, lost, state=State(step=1)) == Move(
        0, held=True, reason="back to step 1 (1%): 3 jobs of new were lost, none of old", findings=("new",)
    )
    found = after(5.0, verdict("invalid"), state=State(step=1), checks=(SPLIT,))
    assert found is not None
    assert (found.step, found.findings) == (0, ("split",))
    assert after(5.0, verdict("invalid"), state=State(step=1), checks=(CLOCKS,)) is None, "no guard: it goes no further, that is all"


@pytest.mark.parametrize("state", [State(step=1, held=True), State(step=1, everything=True)])
def test_what_people_have_stopped_stays(state: State) -> None:
    assert after(9 * DAY, state=state) is None
    assert after(9 * DAY, verdict("inferior"), state=state) is None


def test_an_arm_that_is_switched_off_is_not_asked() -> None:
    state = State(step=1, arms=("new",))
    assert after(5.0, verdict("inferior"), verdict("not-inferior", "other"), state=state) is None
    assert after(2 * DAY, verdict("inferior"), verdict("not-inferior", "other"), state=state) == Move(
        2, held=False, reason="step 3 (100%): nothing speaks against it after 10%"
    )
    assert findings([verdict("inferior")], [], off=("new",)) == {}


def test_a_file_with_fewer_steps_than_the_state_has() -> None:
    assert after(9 * DAY, state=State(step=7)) is None
    found = after(1.0, verdict("inferior"), state=State(step=7))
    assert found is not None
    assert found.step == 1
