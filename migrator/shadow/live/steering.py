"""Who gets which share now: the file, and what people and the ramp have changed. Every change is a mark in the ledger."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from fractions import Fraction

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded
from migrator.shadow.ledger import Ledger, Mark
from migrator.shadow.live.ramping import Move, Step, findings, move, steps_of
from migrator.shadow.policy.changing import current, state_of, written
from migrator.shadow.policy.policy import Decider
from migrator.shadow.policy.ramp import ramped
from migrator.shadow.policy.reading import read_policy
from migrator.shadow.policy.state import State
from migrator.shadow.routing import Split
from migrator.shadow.summary import ExperimentSummary
from migrator.shadow.wording import listed


class Steering:
    """Looks at file and store when told to. What cannot be read changes nothing, and is complained of once."""

    def __init__(self, loaded: Loaded, ledger: Ledger, say: Callable[[str], None]) -> None:
        self._loaded, self._ledger, self._say = loaded, ledger, say
        self._policy, self.state, _ = current(loaded.file)
        self.decider = Decider(self._policy.policy, self.state)
        self._told = ""
        self._waiting: list[str] = []
        self._since, self._acted = time.time_ns(), set[str]()

    def begin(self) -> None:
        """The run begins, and with it the time of a step that no earlier run has seen."""
        marks = self._ledger.marks(kind="ramp")
        acted = next((str(mark.data.get("findings", "")) for mark in reversed(marks) if mark.data.get("by") == "run"), "")
        self._acted = set(acted.split())
        if marks and marks[-1].data.get("step") == self.state.step + 1:
            self._since = marks[-1].ts_ns
        elif self.steps:
            self._arrive(self.state.step, self.state.said or "as the experiment began")

    def look(self) -> bool:
        """See what people have changed; True when the shares are others than they were."""
        try:
            state, _ = state_of(self._policy)
        except MigratorError as error:
            self._complain(f"routing goes on with what it knows: {error}")
            return False
        self._complain("")
        if state != self.state:
            self._note(self.state, state)
            self.state = state
        return self._decide()

    def follow(self, loaded: Loaded) -> bool:
        """The file was read anew; True when the shares are others than they were."""
        before = self._here
        try:
            policy = read_policy(loaded.file)
        except MigratorError as error:  # it has changed once more: what it says now is looked at next
            self._complain(f"routing goes on with what it knows: {error}")
            return False
        self._loaded, self._policy = loaded, policy
        if self._here is not None and self._here != before:
            self._arrive(self.state.step, "as the file says now")
        return self._decide()

    @property
    def _here(self) -> str | None:
        """The step of the ramp that holds, as it is written; None without a ramp."""
        return self.steps[min(self.state.step, len(self.steps) - 1)].text if self.steps else None

    def _arrive(self, step: int, said: str) -> None:
        """A step (from 0) holds from now on."""
        self._since = time.time_ns()
        self._mark("ramp", f"step {step + 1}: {said}", step=step + 1, by="")

    def _decide(self) -> bool:
        before, self.decider = self.decider, Decider(self._policy.policy, self.state)
        return before.digest != self.decider.digest

    @property
    def split(self) -> Split:
        """Who gets which share, as far as the ramp has come; what an arm that is switched off does not get, the current one does."""
        policy, state = self._policy.policy, self.state
        progress = policy.steps[min(self.state.step, len(policy.steps) - 1)] if policy.steps else Fraction(1)
        split = ramped(policy.split, policy.current, progress)
        return Split(tuple(policy.current if state.everything or arm in state.arms else arm for arm in split.arms), split.cuts)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Of the ramp; empty without one."""
        return steps_of(self._loaded.experiment.routing.ramp)

    def judged(self, summary: ExperimentSummary) -> bool:
        """Take the ramp further or back, if that is what follows; True when the shares are others than they were."""
        against = findings(summary.verdicts, summary.checks, self.state.arms)
        # What has been put right may be found wrong again.
        self._acted &= against.keys()
        held_for = (time.time_ns() - self._since) / 1e9
        idle = idle_arms(summary)
        wanted = move(self.steps, self.state, held_for, summary.verdicts, summary.checks, self._acted, idle)
        self._tell_of_waiting(idle, held_for)
        return wanted is not None and self._take(wanted) and self._decide()

    def _tell_of_waiting(self, idle: Collection[str], held_for: float) -> None:
        at = min(self.state.step, len(self.steps) - 1)
        due = bool(self.steps) and at < len(self.steps) - 1 and held_for >= (self.steps[at].seconds or math.inf)
        waiting = [arm for arm in idle if due and arm not in self.state.arms and not (self.state.held or self.state.everything)]
        if waiting and waiting != self._waiting:
            self._say(f"the ramp stays at step {at + 1} ({self.steps[at].text}): no job of {listed(waiting)} has ended yet")
        self._waiting = waiting

    def _take(self, wanted: Move) -> bool:
        """Write the move, unless somebody has changed something since: then what they did holds."""
        try:
            state, store = state_of(self._policy)
            if state != self.state:
                return False
            said = f"migrate shadow run: {wanted.reason}"
            after = msgspec.structs.replace(state, step=wanted.step, held=wanted.held, version=state.version + 1, said=said)
            written(store, after)
        except MigratorError as error:
            self._complain(f"the ramp could not be moved: {error}")
            return False
        self._acted |= set(wanted.findings)
        self._mark("ramp", wanted.reason, step=wanted.step + 1, by="run", findings=" ".join(wanted.findings))
        self._since, self.state = time.time_ns(), after
        self._say(wanted.reason)
        return True

    def _note(self, before: State, after: State) -> None:
        """What somebody else has changed."""
        said = after.said or "nobody said why"
        if before.step != after.step:
            self._arrive(after.step, said)
            self._say(f"the ramp is at step {after.step + 1}: {said}")
        switched = [
            *(["everything goes to the current arm"] if after.everything > before.everything else []),
            *(["candidates get jobs again"] if after.everything < before.everything else []),
            *(f"{arm} is switched off" for arm in after.arms if arm not in before.arms),
            *(f"{arm} is switched on again" for arm in before.arms if arm not in after.arms),
            *(f"{job} goes to the current arm" for job in after.jobs if job not in before.jobs),
            *(f"{job} takes part again" for job in before.jobs if job not in after.jobs),
            *(["the ramp is held"] if after.held > before.held else []),
            *(["the ramp may go on"] if after.held < before.held else []),
        ]
        for words in switched:
            self._mark("switched", f"{words}: {said}")
            self._say(f"{words}: {said}")

    def _mark(self, kind: str, text: str, **data: int | str) -> None:
        self._ledger.mark(msgspec.convert({"kind": kind, "ts_ns": time.time_ns(), "text": text, "data": data}, Mark))

    def _complain(self, words: str) -> None:
        if words != self._told:
            self._told = words
            if words:
                self._say(words)


def idle_arms(summary: ExperimentSummary) -> tuple[str, ...]:
    """Candidates that are to get jobs, and of which none has ended."""
    ended = {arm.arm: arm.classes["completed"] + arm.classes["discarded"] for arm in summary.arms}
    return tuple(arm.arm for arm in summary.arms if arm.role == "candidate" and arm.target_share > 0 and not ended[arm.arm])
