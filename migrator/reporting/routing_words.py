"""Routing in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from migrator.shadow.policy.patterns import matches
from migrator.shadow.policy.policy import Policy, Reason, Routed
from migrator.shadow.policy.ramp import ramped
from migrator.shadow.policy.state import State

NAMED = 12  #: jobs of the file that are listed beside a name that none of them has

_WHY: dict[Reason, str] = {
    "killed": "switched off ({rule})",
    "excluded": "excluded ({rule})",
    "inherited": "as the job that it belongs to",
    "job": "[[routing.jobs]] names it",
    "pattern": "[[routing.jobs]] has the pattern {rule}",
    "split": "by its share",
}


def routed_text(routed: Routed) -> str:
    """Where a job goes and why, in a line."""
    wanted = f"; it would go to {routed.wanted}" if routed.wanted else ""
    return f"{routed.arm}: {_WHY[routed.reason].format(rule=routed.rule)}{wanted} (bucket {routed.bucket})\n"


def stranger_text(name: str, jobs: Sequence[str], current: str) -> str:
    """What there is to say of a job, or pattern of jobs, that the experiment file does not name; empty where it does, or names none.

    >>> stranger_text("mial.*", ("mail.reset", "report"), "rq")
    'No job of the file is called `mial.*`: a Dispatcher sends it to rq anyhow.\\nIts jobs: mail.reset, report\\n'
    >>> stranger_text("mail.*", ("mail.reset", "report"), "rq"), stranger_text("mail", (), "rq")
    ('', '')
    """
    if not jobs or any(matches(job, name) for job in jobs):
        return ""
    shown = ", ".join(jobs[:NAMED]) + (f" and {len(jobs) - NAMED} more" if len(jobs) > NAMED else "")
    return f"No job of the file is called `{name}`: a Dispatcher sends it to {current} anyhow.\nIts jobs: {shown}\n"


def state_text(policy: Policy, state: State, place: str) -> str:
    """What holds now, in lines."""
    progress = policy.steps[min(state.step, len(policy.steps) - 1)] if policy.steps else Fraction(1)
    split = ramped(policy.split, policy.current, progress)
    off = set(state.arms)
    lines = [f"{policy.name}: version {state.version} in {place}"]
    if state.everything:
        lines.append(f"  everything goes to {policy.current}")
    else:
        shares = {arm: 0.0 if arm in off else split.share(arm) for arm in policy.arms}
        # What an arm that is switched off does not get, the current one does.
        shares[policy.current] += 1 - sum(shares.values())
        lines += [f"  {arm:<20} {'off' if arm in off else f'{share:.2%}'}" for arm, share in shares.items()]
    if policy.steps:
        held = ", held" if state.held else ""
        lines.append(f"  step {min(state.step, len(policy.steps) - 1) + 1} of {len(policy.steps)} of the ramp{held}")
    lines += [f"  {job} goes to {policy.current}" for job in state.jobs]
    if state.said:
        lines.append(f"  {state.said}")
    return "\n".join(lines) + "\n"
