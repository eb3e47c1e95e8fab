from migrator.shadow.symptoms.load import load_check
from tests.shadow.arms import durations


def test_ended_jobs_account_for_what_was_there() -> None:
    # 200 jobs of 3 s in 100 s: six at once.
    found = load_check([("old", durations([3.0] * 200))], 100.0)
    assert (found.state, found.finding) == ("ok", "by Little's law, jobs in the system on average: old 6 (6 accounted for)")


def test_open_jobs_that_are_not_like_those_that_ended() -> None:
    found = load_check([("old", durations([3.0] * 200)), ("new", durations([3.0] * 200, open_at=[90.0] * 5))], 100.0)
    assert found.state == "warning"
    assert "in new open jobs stay much longer than those that ended" in found.finding


def test_young_open_jobs_and_lost_ones_change_little() -> None:
    assert load_check([("old", durations([3.0] * 200, open_at=[1.0] * 5, lost=20))], 100.0).state == "ok"


def test_nothing_to_tell() -> None:
    assert load_check([("old", durations([], open_at=[4.0]))], 100.0).state == "unknown"
    assert load_check([("old", durations([3.0]))], 0.0).state == "unknown"
