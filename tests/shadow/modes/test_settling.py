"""What becomes of a job that is due: every answer of the claims and of the candidate's store leads to one way."""
# ruff: noqa: ARG002, ARG005 - it answers as it is told, whatever it is asked

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from migrator.shadow.drivers.interface import EnqueueRefused, Record, StoreDown
from migrator.shadow.modes.claims import Claim, ClaimsDown
from migrator.shadow.modes.gate import Gate
from migrator.shadow.modes.pending import Pending
from migrator.shadow.modes.settling import LOOKS, Settling

JOB = Pending(key="k", job="mail", unit="u", arm="new", holder="new:1", payload={}, due=100.0)


class Stage:
    """Claims, the candidate's store and the current arm, all of which answer as they are told."""

    def __init__(self, *, removal: Any = "unknown", standing: Any = "absent", claim: Claim | None = None) -> None:
        self.removal, self.standing, self.claimed = removal, standing, claim
        self.refusals: list[Exception] = []
        self.claims_down = False
        self.did: list[Any] = []
        self.now = 100.0
        self.gate = Gate(failures=2, pause=10.0)
        self.settling = Settling(
            self,  # pyright: ignore[reportArgumentType]
            self,
            driver_of=lambda arm, job: self,  # pyright: ignore[reportArgumentType]
            gate_of=lambda arm: self.gate,
            pickup_timeout=30.0,
            clock=lambda: self.now,
        )

    def settle(self, job: Pending = JOB) -> list[Any]:
        self.did.clear()
        self.settling.settle([job])
        return self.did

    def look(self, job_keys: Iterable[str]) -> dict[str, Claim]:
        if self.claims_down:
            raise ClaimsDown("no answer in time")
        return {key: self.claimed for key in job_keys if self.claimed is not None}

    def remove(self, job_key: str, native_id: str | None) -> Any:
        if isinstance(self.removal, Exception):
            raise self.removal
        return self.removal

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        return Record(standing=self.standing)

    def send_instead(self, pending: Pending, why: str) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.did.append(f"sent: {why}")

    def taken_back(self, pending: Pending) -> None:
        self.did.append("taken back")

    def settled(self, pending: Pending, label: str) -> None:
        self.did.append(label)

    def again(self, pending: Pending) -> None:
        self.did.append((pending.due, pending.looks))


def test_who_is_claimed_in_time_is_left_alone() -> None:
    assert Stage(claim=Claim("new:1"), removal="removed").settle() == ["primary"]
    assert Stage(claim=Claim("new:1", done=True)).settle() == ["primary"]


def test_what_the_store_gives_back_only_the_current_arm_has() -> None:
    assert Stage(removal="removed").settle() == ["taken back", "sent: new did not take it up", "fallback_removed"]


@pytest.mark.parametrize("standing", ["absent", "unknown", "waiting", "cancelled"])
def test_what_nobody_can_tell_goes_to_both(standing: str) -> None:
    assert Stage(standing=standing).settle() == ["sent: new did not take it up", "fallback_fenced"]


def test_a_store_that_does_not_answer_is_not_asked_again_for_every_job() -> None:
    stage = Stage(removal=StoreDown("refused"))
    assert stage.settle() == ["sent: new does not answer: refused", "fallback_fenced"]
    stage.removal = AssertionError("asked again")
    assert stage.settle() == ["sent: new does not answer", "fallback_fenced"]
    stage.now += 5.0
    stage.removal = "removed"
    assert stage.settle()[-1] == "fallback_removed"


def test_a_job_that_cannot_be_asked_for_does_not_hold_up_others() -> None:
    stage = Stage(removal=ValueError("what a client may raise"))
    assert stage.settle() == ["sent: new cannot be asked for it: what a client may raise", "fallback_fenced"]
    stage.removal = "removed"
    assert stage.settle()[-1] == "fallback_removed", "the next one is asked for"


def test_what_a_worker_has_is_waited_for_and_not_for_ever() -> None:
    stage = Stage(removal="taken", standing="active")
    job, looks = JOB, 0
    while (did := stage.settle(job)) and isinstance(did[0], tuple):
        assert did == [(stage.now + 30.0, looks + 1)]
        job, looks = msgspec.structs.replace(job, looks=looks + 1), looks + 1
    assert looks == LOOKS
    assert did == ["sent: new did not take it up", "fallback_fenced"], "no body can have begun without a claim"


def test_a_job_that_has_ended_without_a_claim_is_not_done_again(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(removal="taken", standing="completed")
    assert stage.settle() == ["primary"]
    assert stage.settle() == ["primary"]
    assert caplog.text.count("run jobs without claiming them") == 1, "said once, and loudly: the fence is missing"


def test_whoever_was_stopped_half_way_had_sent_it() -> None:
    assert Stage(claim=Claim("old:7")).settle() == ["fallback_fenced"]


def test_without_claims_nothing_is_done() -> None:
    stage = Stage(removal="removed")
    stage.claims_down = True
    with pytest.raises(ClaimsDown):
        stage.settle()
    assert stage.did == []


def test_a_current_arm_that_is_down_is_tried_again_ever_more_slowly_and_never_given_up() -> None:
    stage = Stage(removal="unknown")
    waits: list[float] = []
    for _ in range(8):
        stage.refusals.append(StoreDown("down"))
        waits.append(stage.settle()[0][0] - stage.now)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert stage.settle()[-1] == "fallback_fenced"


def test_a_current_arm_that_says_no_is_the_end_of_it(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(removal="removed")
    stage.refusals.append(EnqueueRefused("no such queue"))
    assert stage.settle() == ["taken back", "failed_both"]
    assert "no such queue" in caplog.text


def test_the_gate_hears_of_it() -> None:
    stage = Stage(removal="removed")
    stage.settle()
    stage.settle()
    assert stage.gate.why_closed() == "2 jobs in a row were not taken up"
    stage.claimed = Claim("new:1")
    stage.settle()
    assert stage.gate.why_closed() == ""
