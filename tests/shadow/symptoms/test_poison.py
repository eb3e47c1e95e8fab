from migrator.shadow.measuring.named_jobs import NamedJob, troubles
from migrator.shadow.symptoms.poison import poison, poison_check
from tests.shadow.histories import attempt, history


def dead(key: str, arm: str, unit: str = "") -> NamedJob:
    ended = attempt(1, 2, "failed", error="ValueError")
    (named,) = troubles(history(key, unit=unit, arm=arm, outcome="discarded", attempts=[ended], terminal=2))
    return named


def test_copies_of_one_job_that_fail_everywhere() -> None:
    (found,) = poison([dead("j1", "old"), dead("j2", "old"), dead("j1", "new"), dead("j3", "new")])
    assert (found.key, found.arms, found.deaths, found.whole_unit) == ("j1", ("old", "new"), 2, False)
    assert found.detail == "after 1 attempt: ValueError"
    check = poison_check([found])
    assert check.state == "warning"
    assert check.finding == "failed for good in more than one arm, which points at the jobs and not at a system: import_article j1"


def test_jobs_of_one_unit_that_fail_everywhere() -> None:
    found = poison([dead("j1", "old", "article-7"), dead("j2", "new", "article-7"), dead("j3", "new", "article-7"), dead("j4", "new", "x")])
    assert [(p.key, p.whole_unit, p.deaths) for p in found] == [("article-7", True, 3)]
    assert poison_check(found).finding.endswith(": jobs import_article of unit article-7"), "not that all of them failed"


def test_a_unit_that_tells_no_more_than_its_job_is_told_once() -> None:
    found = poison([dead("j1", "old", "article-7"), dead("j1", "new", "article-7")])
    assert [(p.key, p.whole_unit) for p in found] == [("j1", False)]


def test_one_arm_alone_is_no_poison() -> None:
    assert poison([dead("j1", "new", "u"), dead("j2", "new", "u"), dead("j3", "new", "u")]) == ()
    assert poison_check(()).state == "ok"
