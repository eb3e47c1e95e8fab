import math

import numpy as np
import pytest

from migrator.shadow.statistics.clusters import bootstrap_ratio_by_cluster, design_effect
from migrator.shadow.statistics.quantile_ratio import bootstrap_ratio


def test_clusters_that_are_wholly_alike() -> None:
    cluster = np.repeat(np.arange(40), 5)
    assert design_effect(np.repeat(np.arange(40) % 4 == 0, 5), cluster) == 5.0  # as many clusters as it counts


def test_clusters_that_mean_nothing() -> None:
    generator = np.random.default_rng(2)
    found = [design_effect(generator.random(2000) < 0.1, np.arange(2000) % 400) for _ in range(40)]
    assert 1.0 <= np.mean(found) < 1.06


def test_half_way_between() -> None:
    # Shares that differ from cluster to cluster by Beta(1, 9): the correlation within is 1/11, so 50 count for (1 + 49/11) to one.
    generator = np.random.default_rng(3)
    found = []
    for _ in range(40):
        share = generator.beta(1, 9, 300)
        found.append(design_effect((generator.random((300, 50)) < share[:, None]).ravel(), np.repeat(np.arange(300), 50)))
    assert np.mean(found) == pytest.approx(1 + 49 / 11, rel=0.05)


def test_without_events_a_cluster_may_be_one_piece() -> None:
    assert design_effect(np.zeros(6, dtype=bool), np.array([1, 1, 1, 1, 2, 2])) == pytest.approx((16 + 4) / 6)
    assert design_effect(np.ones(4, dtype=bool), np.array([1, 2, 3, 4])) == 1.0
    assert design_effect(np.array([True, False]), np.array([1, 1])) == 2.0
    assert design_effect(np.array([], dtype=bool), np.array([], dtype=np.int64)) == 1.0


def test_clusters_of_one_are_the_plain_bootstrap() -> None:
    generator = np.random.default_rng(5)
    first, second = (np.sort(generator.lognormal(mean, 1.0, 300)) for mean in (0.0, 0.3))
    plain = bootstrap_ratio(first, second, 0.9)
    found = bootstrap_ratio_by_cluster(first, np.arange(300), second, np.arange(300), 0.9)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), rel=0.06)


def test_whole_clusters_are_drawn() -> None:
    # Ten tenants, each with a time of its own: the upper decile is the slowest tenant's or the one below, whatever the number of jobs.
    times = np.repeat(np.arange(1.0, 11.0), 100)
    tenants = np.repeat(np.arange(10), 100)
    found = bootstrap_ratio_by_cluster(times, tenants, np.ones(1000), tenants, 0.95)
    plain = bootstrap_ratio(times, np.ones(1000), 0.95)
    assert (plain.low, plain.high) == (10.0, 10.0)
    assert found.low < 9.0


def test_nothing_to_compare_and_jobs_that_never_ended() -> None:
    empty, none = np.array([]), np.array([], dtype=np.int64)
    interval = bootstrap_ratio_by_cluster(empty, none, np.ones(3), np.arange(3), 0.5)
    assert (interval.low, interval.high) == (0.0, math.inf)
    stuck = np.concatenate([np.ones(80), np.full(20, np.inf)])
    assert math.isinf(bootstrap_ratio_by_cluster(stuck, np.arange(100), np.ones(100), np.arange(100), 0.95).high)


def test_worked_by_hand() -> None:
    # Three clusters of 4 with 0, 1 and 3 events: p = 1/3, sum of (s - 4/3)^2 = 42/9; 3/2 * 42/9 / 144 over (2/9) / 12.
    events = np.array([False] * 4 + [True, False, False, False] + [True, True, True, False])
    assert design_effect(events, np.repeat([1, 2, 3], 4)) == pytest.approx(1.5 * (42 / 9) / 144 / ((2 / 9) / 12))
