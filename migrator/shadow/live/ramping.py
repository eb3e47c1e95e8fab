"""Whether the ramp is to be taken a step further, or back. Pure: from what holds and what was found to the move, with its reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from migrator.shadow.config.experiment import Ramp
from migrator.shadow.policy.ramp import step_of
from migrator.shadow.policy.state import State
from migrator.shadow.wording import listed

if TYPE_CHECKING:
    # Whoever only asks where a ramp is need not load what judges.
    from migrator.shadow.judging.validity import Check
    from migrator.shadow.judging.verdict import Verdict

#: what is asked of the data that no candidate may go on without
GUARDS = ("split", "recorder")


class Step(msgspec.Struct, frozen=True):
    """One step of a ramp: as it is written, and the seconds that it is held at least; None: to the end."""

    text: str
    seconds: float | None


class Move(msgspec.Struct, frozen=True):
    """Go to a step (from 0), hold the ramp there or not, and why. `findings`: the arms and guards that it is about."""

    step: int
    held: bool
    reason: str
    findings: tuple[str, ...] = ()


def steps_of(ramp: Ramp | None) -> tuple[Step, ...]:
    """The steps that a file says; none without a ramp."""
    return tuple(Step(text.partition("/")[0].strip(), step_of(text)[1]) for text in ramp.steps) if ramp else ()


def findings(verdicts: Sequence[Verdict], checks: Sequence[Check], off: Collection[str] = ()) -> dict[str, str]:
    """What speaks against candidates, by arm or guard, each with its reason. Nothing is asked of an arm that is switched `off`."""
    found = {v.arm: f"{v.arm} is inferior: {v.reason}" for v in verdicts if v.answer == "inferior" and v.arm not in off}
    found |= {v.arm: v.guards[0] for v in verdicts if v.guards and v.arm not in off}
    return found | {check.name: check.finding for check in checks if check.name in GUARDS and check.state == "invalid"}


def move(
    steps: Sequence[Step],
    state: State,
    held_for: float,
    verdicts: Sequence[Verdict],
    checks: Sequence[Check],
    acted: Collection[str],
    idle: Collection[str] = (),
) -> Move | None:
    """What to do now; None: nothing.

    `held_for`: seconds since this step was taken. `acted`: findings for which the ramp was taken back already; what people do after that
    is theirs. `idle`: arms of which no job has ended: that nothing speaks against them says nothing.
    """
    if not steps or state.held or state.everything:
        return None
    at = min(state.step, len(steps) - 1)
    against = findings(verdicts, checks, state.arms)
    fresh = {name: reason for name, reason in against.items() if name not in acted}
    if fresh:
        where = f"back to step {at} ({steps[at - 1].text})" if at else f"held at step 1 ({steps[0].text})"
        return Move(max(0, at - 1), held=True, reason=f"{where}: {listed(list(fresh.values()))}", findings=tuple(sorted(against)))
    if set(idle) - set(state.arms):
        return None
    last, seconds = at == len(steps) - 1, steps[at].seconds
    if last or seconds is None or held_for < seconds or against or any(v.answer == "invalid" for v in verdicts if v.arm not in state.arms):
        return None
    return Move(at + 1, held=False, reason=f"step {at + 2} ({steps[at + 1].text}): nothing speaks against it after {steps[at].text}")
