"""What becomes of a capability on a target."""

from __future__ import annotations

import pytest

from migrator.jobs.findings import Spot
from migrator.planning import fit, weights
from migrator.planning.fit import Fit, fits, general_traps
from migrator.planning.usage import Usage
from migrator.systems import SYSTEMS
from migrator.systems.trap import Trap

HERE = (Spot("a.ts", 1),)


def one(capability: str, source: str, target: str, *, doubt: str = "", most: weights.Cost = "blocked") -> Fit:
    return fits((Usage(capability, "here", HERE, doubt),), source, target, most)[0]


@pytest.fixture(autouse=True)
def _no_traps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "traps_between", lambda *_: ())


def test_native_emulated_and_absent() -> None:
    assert one("delay", "celery", "bullmq").cost == "same"
    assert one("steps", "inngest", "bullmq").cost == "adapted"
    assert one("transactional-enqueue", "pg-boss", "bullmq").cost == "redesigned"
    assert one("positional-arguments", "celery", "bullmq").cost == "adapted"
    missing = one("wait-for-event", "inngest", "bullmq")
    assert (missing.support, missing.cost, missing.points) == ("absent", "blocked", 0)


def test_what_nobody_has_looked_at_counts_in_the_middle() -> None:
    unknown = one("delay", "celery", "trigger.dev")
    assert (unknown.support, unknown.known, unknown.points) == ("unknown", False, 4)


def test_what_is_not_certain_blocks_nothing_and_counts_half() -> None:
    doubtful = one("wait-for-event", "inngest", "bullmq", doubt="it may not be")
    assert (doubtful.cost, doubtful.points, doubtful.known) == ("redesigned", 4, False)


def test_what_a_rewrite_does_costs_no_more_than_reading_it() -> None:
    assert one("steps", "inngest", "bullmq", most="renamed").cost == "renamed"
    assert one("wait-for-event", "inngest", "bullmq", most="adapted").cost == "adapted"
    assert one("delay", "celery", "bullmq", most="renamed").cost == "same"


@pytest.mark.parametrize(
    ("capability", "handling", "cost"),
    [("delay", "automatic", "renamed"), ("delay", "helper", "adapted"), ("delay", "human", "adapted"), ("steps", "human", "redesigned")],
)
def test_a_trap_makes_it_more(monkeypatch: pytest.MonkeyPatch, capability: str, handling: str, cost: str) -> None:
    trap = Trap("MIG999", "A trap", handling, "", capability=capability)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(fit, "traps_between", lambda *_: (trap,))
    found = one(capability, "inngest", "bullmq")
    assert (found.cost, found.traps) == (cost, ("MIG999",))


def test_traps_of_code_and_of_the_application_are_no_jobs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    traps = tuple(
        Trap(f"MIG99{n}", "A trap", "human", "", capability="delay", scope=scope) for n, scope in enumerate(("code", "application"))
    )
    monkeypatch.setattr(fit, "traps_between", lambda *_: (*traps, Trap("MIG998", "For all", "human", "", scope="application")))
    assert one("delay", "celery", "bullmq").traps == ()
    assert [trap.id for trap in general_traps("celery", "bullmq", scope="application")] == ["MIG991", "MIG998"]
    assert general_traps("celery", "bullmq", scope="job") == ()


def test_every_essential_capability_of_a_target_says_what_to_do_instead() -> None:
    for name, system in SYSTEMS.items():
        for capability in weights.ESSENTIAL & set(system.capabilities):
            support = system.capabilities[capability]
            assert support.kind != "absent" or support.how, (name, capability)
