"""Deciding: kill switch, exclusions, the arm of the root, what is said of the job, the shares. The first that has an answer gives it."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from fractions import Fraction
from typing import Literal as OneOf

import msgspec

from migrator.shadow.ledger.event import Role
from migrator.shadow.policy.patterns import matches
from migrator.shadow.policy.ramp import ramped
from migrator.shadow.policy.state import State
from migrator.shadow.routing import Split, bucket

#: `killed`: switched off; `excluded`: never taken part; `inherited`: as the job that it belongs to; `job`, `pattern`: said of the job;
#: `split`: by its bucket; `failed`: by nothing, since something of ours went wrong; `fallback`: its candidate did not take it up;
#: `mirror`: it is a copy
Reason = OneOf["killed", "excluded", "inherited", "job", "pattern", "split", "failed", "fallback", "mirror"]


class Rule(msgspec.Struct, frozen=True):
    """Jobs with shares of their own. `exact`: `match` is a name, not a pattern."""

    match: str
    split: Split
    exact: bool


class Policy(msgspec.Struct, frozen=True):
    """What the file says. `steps`: how far candidates are at each step of the ramp; empty: they have their share from the beginning."""

    name: str
    salt: str
    current: str
    split: Split
    rules: tuple[Rule, ...] = ()
    excluded_jobs: tuple[str, ...] = ()
    excluded_tenants: frozenset[str] = frozenset()
    payload_bytes: int | None = None
    deadline: float | None = None
    steps: tuple[Fraction, ...] = ()
    noise: frozenset[str] = frozenset()  #: arms that run the current system once more

    def role_of(self, arm: str) -> Role:
        """What an arm is there for."""
        return "current" if arm == self.current else "noise" if arm in self.noise else "candidate"

    @property
    def arms(self) -> tuple[str, ...]:
        """Every arm, in the order of the file."""
        return tuple(dict.fromkeys(self.split.arms))


class Routed(msgspec.Struct, frozen=True, gc=False):
    """Where a job goes and why. `rule` is what matched: a name, a pattern, a tenant; `wanted` is where it would have gone, if elsewhere."""

    arm: str
    reason: Reason
    bucket: int
    rule: str = ""
    wanted: str = ""


class Decider:
    """A policy and a state, made ready for deciding: everything that does not depend on the job is worked out once."""

    def __init__(self, policy: Policy, state: State) -> None:
        self.policy, self.state = policy, state
        #: how far candidates have come up the ramp
        self.progress = policy.steps[min(state.step, len(policy.steps) - 1)] if policy.steps else Fraction(1)
        self._split = ramped(policy.split, policy.current, self.progress)
        self._arms, self._cuts = self._split.arms, self._split.cuts
        self._names = {rule.match: rule for rule in reversed(policy.rules) if rule.exact}
        self._patterns = tuple(rule for rule in policy.rules if not rule.exact)
        self._killed = frozenset(state.arms)
        excludes = policy.excluded_jobs or policy.excluded_tenants or policy.payload_bytes is not None or policy.deadline is not None
        #: only the shares decide
        self.is_plain = not (state.everything or state.jobs or state.arms or excludes or policy.rules)
        self.digest = self._digest() + _off(state)

    def _digest(self) -> str:
        """Names the configuration: the shares as far as the ramp has come, and the exceptions."""
        policy = self.policy
        rules = [(rule.match, rule.split) for rule in policy.rules]
        excluded = (policy.excluded_jobs, sorted(policy.excluded_tenants), policy.payload_bytes, policy.deadline)
        return hashlib.sha256(msgspec.json.encode((policy.salt, policy.current, self._split, rules, excluded))).hexdigest()[:16]

    def decide(
        self, job: str, unit: str, *, tenant: str = "", payload_bytes: int = 0, deadline: float | None = None, inherited: str = ""
    ) -> Routed:
        """The arm of a job.

        `unit` is what is hashed: units that belong together go together. `deadline`: seconds within which it is to be done. `inherited`:
        the arm of the job that it retries or continues.
        """
        if self.is_plain and not inherited:
            return self.by_shares(job, unit)
        policy = self.policy
        number = bucket(policy.salt, job, unit)
        if self.state.everything:
            return Routed(policy.current, "killed", number, "everything")
        if self.state.jobs and (killed := _matching(job, self.state.jobs)):
            return Routed(policy.current, "killed", number, killed)
        if why := self._excluded(job, tenant, payload_bytes, deadline):
            return Routed(policy.current, "excluded", number, why)
        if inherited:
            # What a system has begun it ends, switched off or not: the other knows nothing of it.
            return Routed(inherited, "inherited", number)
        rule = self._names.get(job) or next((r for r in self._patterns if matches(job, r.match)), None)
        arm = (rule.split if rule is not None else self._split).owner(number)
        if arm in self._killed:
            return Routed(policy.current, "killed", number, arm, wanted=arm)
        return Routed(arm, "job" if rule.exact else "pattern", number, rule.match) if rule is not None else Routed(arm, "split", number)

    def by_shares(self, job: str, unit: str) -> Routed:
        """The arm of a job where only the shares decide.

        As `Split.owner` has it: this is done in the midst of an enqueue, where each call counts.
        """
        number = bucket(self.policy.salt, job, unit)
        return Routed(self._arms[bisect_right(self._cuts, number)], "split", number)

    def _excluded(self, job: str, tenant: str, payload_bytes: int, deadline: float | None) -> str:
        policy = self.policy
        if policy.excluded_jobs and (match := _matching(job, policy.excluded_jobs)):
            return match
        if tenant and tenant in policy.excluded_tenants:
            return f"tenant {tenant}"
        if policy.payload_bytes is not None and payload_bytes > policy.payload_bytes:
            return f"{payload_bytes} bytes"
        if policy.deadline is not None and deadline is not None and deadline < policy.deadline:
            return f"{deadline:g} s"
        return ""


def _off(state: State) -> str:
    """What is switched off gets no share: another configuration.

    >>> _off(State(arms=("b", "a"))), _off(State(everything=True, arms=("a",))), _off(State(jobs=("mail.*",)))
    ('!a,b', '!*', '')
    """
    return "!*" if state.everything else f"!{','.join(sorted(state.arms))}" if state.arms else ""


def _matching(job: str, patterns: tuple[str, ...]) -> str:
    return next((p for p in patterns if matches(job, p)), "")
