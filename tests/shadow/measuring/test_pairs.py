from __future__ import annotations

import numpy as np
import pytest

from migrator.shadow.judging import fairness
from migrator.shadow.judging.comparison import compare
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.ledger import Epoch, JobHistory
from migrator.shadow.measuring.pairs import PairJobs, PairWatch, disagreement, pairing
from tests.shadow.arms import arm
from tests.shadow.histories import attempt, history


def job(key: str, wait: float = 1.0, run: float = 1.0, *, fails: bool = False, dies: bool = False) -> JobHistory:
    attempts = [attempt(wait, wait + run, "failed" if fails or dies else "completed")]
    end = wait + run
    if fails and not dies:
        attempts.append(attempt(end + 1, end + 2, number=2))
        end += 2
    return history(key, outcome="discarded" if dies else "completed", attempts=attempts, terminal=end)


def watched(*jobs: JobHistory) -> PairJobs:
    watch = PairWatch()
    for one in jobs:
        watch.see(one, hash(one.job_key))
    return watch.close()


def test_pairs_are_of_one_key() -> None:
    current = watched(job("a"), job("b", fails=True), job("c", fails=True), job("d", dies=True), job("only-here"))
    new = watched(job("d"), job("c"), job("b", fails=True), job("a", fails=True), job("only-there", fails=True))
    first = disagreement(current, new, "first_attempt_failure")
    assert (first.pairs, first.both, first.only_current, first.only_candidate) == (4, 1, 2, 1)
    dead = disagreement(current, new, "discarded")
    assert (dead.pairs, dead.both, dead.only_current, dead.only_candidate) == (4, 0, 1, 0)


def test_what_is_not_known_of_either_is_no_pair() -> None:
    current = watched(job("a"), history("b", outcome="in_flight"), history("c", outcome="enqueue_failed"))
    new = watched(history("a", outcome="in_flight", started=[3]), job("b"), job("c"))
    assert disagreement(current, new, "discarded").pairs == 0
    found = pairing("new", current, new)
    assert (found.jobs, found.copied, found.wait.pairs, found.wait.ratio) == (2, 2, 1, None)


def test_job_to_job_variation_cancels_out() -> None:
    generator = np.random.default_rng(2)
    waits = generator.lognormal(0, 2, 200)
    current = watched(*(job(f"j{i}", wait) for i, wait in enumerate(waits)))
    new = watched(*(job(f"j{i}", wait * 1.2 * generator.lognormal(0, 0.1)) for i, wait in enumerate(waits)))
    found = pairing("new", current, new).wait
    assert found.ratio == pytest.approx(1.2, rel=0.03)
    assert found.interval is not None
    assert found.interval.high / found.interval.low < 1.06
    assert found.p_value is not None
    assert found.p_value < 1e-10


def test_a_mirror_is_judged_by_its_pairs() -> None:
    """Every fourth job fails at first in both: the pairs agree, so the candidate is as good; arms apart could not tell."""
    jobs = watched(*(job(f"j{i}", fails=i % 4 == 0) for i in range(600)))
    mirror = [arm(name, jobs=600, first_failed=150, pair_jobs=jobs) for name in ("current", "new")]
    found = compare(mirror[0], mirror[1], "first_attempt_failure", Criteria(), 1)
    assert (found.n_candidate, found.current, found.estimate) == (600, 0.25, 0.0)
    assert found.p_not_inferior < 0.05
    apart = [arm(name, jobs=600, first_failed=150) for name in ("current", "new")]
    assert compare(apart[0], apart[1], "first_attempt_failure", Criteria(), 1).p_not_inferior == 1.0


def test_a_mirror_without_pairs_yet() -> None:
    found = compare(arm("current", pair_jobs=watched(job("a"))), arm("new", pair_jobs=watched(job("b"))), "discarded", Criteria(), 1)
    assert (found.n_candidate, found.interval, found.obstacle) == (0, None, "no job has ended in both current and new yet")


def test_mode_is_read_from_the_configuration() -> None:
    def epoch(config: str) -> Epoch:
        return Epoch(config_epoch=1, experiment="x", config_hash="", config=config, started_ns=0, arms=())

    assert epoch('{"experiment": {"name": "x", "mode": "mirror"}, "arms": {}}').mode == "mirror"
    assert epoch('{"experiment": {"name": "x"}}').mode == epoch("{}").mode == epoch("").mode == epoch("[]").mode == "split"


def test_a_mirror_has_copies_in_place_of_a_split() -> None:
    current, new = arm("current", pair_jobs=watched(job("a"), job("b"))), arm("new", pair_jobs=watched(job("b")))
    found = fairness.copies([current, new])
    assert (found.state, found.finding) == ("ok", "a mirror: new has copies of 1 of 2 jobs")
    stranger = arm("new", pair_jobs=watched(job("z")))
    assert "and 1 job that current never had" in fairness.copies([current, stranger]).finding
