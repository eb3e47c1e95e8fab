import numpy as np

from migrator.shadow.judging.check import Check
from migrator.shadow.ledger import Epoch
from migrator.shadow.measuring.metrics import Timeline
from migrator.shadow.symptoms.staleness import staleness_check

SECOND = 1_000_000_000
EPOCHS = [
    Epoch(config_epoch=n, experiment="x", config_hash="h", config="{}", started_ns=at * SECOND, arms=()) for n, at in ((1, 100), (2, 200))
]


def checked(*jobs: tuple[float, int]) -> Check:
    """Jobs as (assigned, by which configuration)."""
    line = Timeline(
        assigned_ns=np.array([int(at * SECOND) for at, _ in jobs], dtype=np.int64),
        epoch=np.array([epoch for _, epoch in jobs], dtype=np.int64),
        first_failed=np.zeros(len(jobs), dtype=np.int8),
        end_to_end=np.ones(len(jobs)),
    )
    return staleness_check(EPOCHS, [line])


def test_a_process_with_an_old_file() -> None:
    found = checked((150, 1), (199, 1), (250, 2), (260, 1), (270, 2))
    assert (found.state, found.finding) == ("warning", "1 job (20 %) went by a configuration that no longer held")


def test_a_change_takes_a_moment_to_reach_everybody() -> None:
    assert checked((150, 1), (201.5, 1), (202.5, 2)).state == "ok"
    assert checked((10, 1)).finding == "every job was routed by the configuration that held"


def test_a_process_that_is_ahead_is_not_behind() -> None:
    assert checked((150, 2)).finding == "every job was routed by the configuration that held"


def test_one_in_a_thousand_is_said_and_forgiven() -> None:
    found = checked(*[(250.0, 2)] * 999, (260, 1))
    assert (found.state, found.finding) == ("ok", "1 job (0.1 %) went by a configuration that no longer held")
