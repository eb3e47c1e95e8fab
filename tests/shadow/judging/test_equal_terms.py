from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from migrator.shadow.judging import equal_terms
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.ledger.folded import DAY
from migrator.shadow.retention import fold_away
from migrator.shadow.summarizing import summarize
from tests.shadow.arms import arm, epoch
from tests.shadow.synthetic import START_NS, ArmPlan, write_events


def test_unequal_workers_spoil_waits() -> None:
    assert equal_terms.capacity([arm("current"), arm("new")]).spoils == ()
    found = equal_terms.capacity([arm("current", slots=4), arm("new", slots=1)])
    assert found.state == "warning"
    assert found.spoils == ("queue_wait_p95", "end_to_end_p95")
    assert equal_terms.capacity([arm("current", slots=9, share=0.9), arm("new", slots=1, share=0.1)]).state == "ok"
    assert equal_terms.capacity([arm("current", slots=None), arm("new")]).state == "unknown"


def test_workers_that_did_not_match_while_jobs_came_spoil_waits() -> None:
    """At the last step of a ramp four beside four are alike; nine in ten jobs came while one arm had a hundredth of them."""
    ramp = [
        epoch([arm("current", share=0.99), arm("new", share=0.01)]),
        epoch([arm("current"), arm("new")], 2),
    ]
    lines = [np.array([1] * 180 + [2] * 20), np.array([2] * 200)]
    arms = [replace(a, timeline=replace(a.timeline, epoch=line)) for a, line in zip([arm("current"), arm("new")], lines, strict=True)]
    found = equal_terms.capacity(arms, ramp)
    assert (found.state, found.spoils) == ("warning", ("queue_wait_p95", "end_to_end_p95"))
    assert "when 180 of 400 jobs were assigned" in found.finding
    later = [replace(a, timeline=replace(a.timeline, epoch=np.full(200, 2))) for a in arms]
    assert equal_terms.capacity(later, ramp).spoils == (), "nobody's wait is of that configuration"


@pytest.mark.parametrize("folds", [False, True])
def test_jobs_of_an_arm_that_is_no_more_are_told_of(tmp_path: Path, folds: bool) -> None:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="a", jobs=5), ArmPlan(arm="b", jobs=7)])
        if folds:
            assert fold_away(ledger, 1, START_NS + 30 * DAY) > 0
        epochs = ledger.epochs()
        named = replace(epochs[0].arms[1], arm="b2")
        ledger.begin_epoch("synthetic", '{"criteria": {"alpha": 0.1}}', "renamed", [epochs[0].arms[0], named])
        (check,) = [check for check in summarize(ledger).checks if check.name == "configuration"]
    assert check.state == "warning"
    assert "7 jobs of b, which is no longer an arm, are in the ledger and not in them" in check.finding
    assert "what counts as not worse was declared anew after jobs had come" in check.finding


def test_attempts_that_nobody_says_are_not_known_to_be_alike() -> None:
    found = equal_terms.retries([arm("current", max_attempts=None), arm("new", max_attempts=None)])
    assert (found.state, found.spoils) == ("unknown", ())
    assert equal_terms.retries([arm("current", max_attempts=3), arm("new", max_attempts=None)]).state == "warning"


def test_unequal_retries_spoil_final_failures() -> None:
    assert equal_terms.retries([arm("current"), arm("new")]).spoils == ()
    found = equal_terms.retries([arm("current", max_attempts=3), arm("new", max_attempts=5)])
    assert (found.state, found.spoils) == ("warning", ("discarded",))


def test_transactions() -> None:
    assert equal_terms.transactions([arm("current"), arm("new")]).state == "ok"
    found = equal_terms.transactions([arm("current", transactional=True), arm("new")])
    assert "current, not in new" in found.finding


def test_a_changed_question_is_said() -> None:
    arms = [arm("current"), arm("new")]
    assert equal_terms.configuration([epoch(arms)]).state == "ok"
    assert "changed 1 time" in equal_terms.configuration([epoch(arms), epoch(arms, 2)]).finding


def test_more_attempts_than_allowed_are_said() -> None:
    within, beyond = {1: 985, 3: 15}, {1: 985, 4: 15}
    assert equal_terms.retries([replace(arm("current"), attempts=within)]).state == "ok"
    found = equal_terms.retries([arm("current"), replace(arm("new"), attempts=beyond)])
    assert (found.state, found.spoils) == ("warning", ("discarded",))
    assert "more than one in a hundred jobs of new took more" in found.finding
