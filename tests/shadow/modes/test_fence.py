"""Around a body: who has the claim runs it, everybody else lets the job go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.modes.claims import Claim, ClaimsDown
from migrator.shadow.modes.delivery import Delivery, delivered
from migrator.shadow.modes.fence import Fence


class Memory:
    """Claims in this process, which can be out of reach for the next few questions."""

    def __init__(self) -> None:
        self.claims: dict[str, Claim] = {}
        self.down = 0

    def claim(self, job_key: str, holder: str) -> Claim:
        self._answer()
        return self.claims.setdefault(job_key, Claim(holder))

    def done(self, job_key: str, holder: str) -> None:
        self._answer()
        self.claims[job_key] = Claim(holder, done=True)

    def look(self, job_keys: Iterable[str]) -> dict[str, Claim]:
        return {key: self.claims[key] for key in job_keys if key in self.claims}

    def close(self) -> None: ...

    def _answer(self) -> None:
        if self.down:
            self.down -= 1
            raise ClaimsDown("no answer in time")


class Stage:
    def __init__(self, patience: float = 5.0) -> None:
        self.claims, self.notes, self.runs = Memory(), list[tuple[str, bool]](), list[object]()
        self.fence = Fence(self.claims, patience=patience, note=lambda delivery, won: self.notes.append((delivery.holder, won)))
        self.fails = False

    def body(self, payload: dict[str, object]) -> str:
        self.runs.append(payload.get("n"))
        if self.fails:
            raise ValueError("the body's own")
        return "done"


def fenced(holder: str, key: str = "9ce71829-7") -> dict[str, object]:
    return {"n": 7, MARKER: {"ledger": "9ce71829", "key": key, "holder": holder}}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr("migrator.shadow.modes.fence.PAUSE", 0.001)
    return Stage()


def test_only_one_of_two_copies_runs(stage: Stage) -> None:
    body = stage.fence.around(stage.body)
    assert [body(fenced("new:1")), body(fenced("old:2"))] == ["done", None]
    assert stage.notes == [("new:1", True), ("old:2", False)]
    assert stage.runs == [7]


def test_a_job_that_is_not_fenced_is_run_and_nobody_is_asked(stage: Stage) -> None:
    body = stage.fence.around(stage.body)
    for payload in ({"n": 1}, {"n": 2, MARKER: {"ledger": "9ce71829", "key": "k"}}, {"n": 3, MARKER: "something else"}):
        assert body(payload) == "done"
    assert stage.runs == [1, 2, 3]
    assert not stage.claims.claims


def test_a_retry_runs_again_and_a_success_does_not(stage: Stage) -> None:
    body = stage.fence.around(stage.body)
    stage.fails = True
    with pytest.raises(ValueError, match="the body's own"):
        body(fenced("new:1"))
    assert not stage.claims.claims["9ce71829-7"].done
    stage.fails = False
    assert body(fenced("new:1")) == "done"
    assert body(fenced("new:1")) is None, "handed out again after its end"
    assert stage.runs == [7, 7]


def test_a_worker_that_cannot_ask_waits_and_then_does_not_run(stage: Stage) -> None:
    stage.claims.down = 3
    assert stage.fence.around(stage.body)(fenced("new:1")) == "done"
    impatient = Stage(patience=0.0)
    impatient.claims.down = 1
    with pytest.raises(ClaimsDown):
        impatient.fence.around(impatient.body)(fenced("new:1"))
    assert impatient.runs == []


def test_a_job_does_not_fail_because_its_success_could_not_be_written_down(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(patience=0.0)
    with stage.fence.claiming(Delivery("9ce71829", "9ce71829-7", holder="new:1")) as ours:
        assert ours
        stage.claims.down = 1
    assert "9ce71829-7 is done, which could not be written down" in caplog.text


def test_coroutines(stage: Stage) -> None:
    async def body(payload: dict[str, object]) -> str:
        await asyncio.sleep(0)
        return stage.body(payload)

    around = stage.fence.around(body)

    async def both() -> list[str | None]:
        return [await around(fenced("new:1")), await around(fenced("old:2")), await around({"n": 9})]

    assert asyncio.run(both()) == ["done", None, "done"]
    assert stage.claims.claims["9ce71829-7"].done


def test_the_mark_is_found_among_what_the_body_was_called_with() -> None:
    assert delivered(("text", 7, fenced("new:1"))) == Delivery("9ce71829", "9ce71829-7", holder="new:1")
    assert delivered(("text", {MARKER: {"ledger": 1}}, {})) is None, "what is no mark of ours is none"
    assert delivered() is None


@pytest.mark.parametrize("later", [False, True])
def test_a_body_that_calls_another_of_its_job_is_done_at_its_own_end(stage: Stage, later: bool) -> None:
    inner = stage.fence.around(stage.body)
    fails = [True, False]

    def outer(payload: dict[str, object]) -> str | None:
        said = inner(payload)
        if fails.pop(0):
            raise ValueError("after the inner one")
        return said

    async def later_outer(payload: dict[str, object]) -> str | None:
        return outer(payload)

    around = stage.fence.around(later_outer) if later else stage.fence.around(outer)

    def run() -> object:
        made: Any = around(fenced("new:1"))
        return asyncio.run(made) if later else made

    with pytest.raises(ValueError, match="after the inner one"):
        run()
    assert run() == "done", "the retry is not taken for a second delivery"
    assert run() is None
    assert stage.runs == [7, 7]
