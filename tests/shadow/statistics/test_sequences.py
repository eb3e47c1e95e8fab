"""Bounds that may be looked at every day: known answers of the reference, then races against the fixed-size intervals they replace."""

import math

import numpy as np
import pytest
from scipy.special import betaln
from scipy.stats import binom

from migrator.shadow.statistics.asymptotic_sequence import estimate_sequence, tuning, upper_sequence
from migrator.shadow.statistics.beta_binomial_sequence import log_odds_against, proportion_sequence
from migrator.shadow.statistics.proportions import wilson
from migrator.shadow.statistics.quantiles import quantile_interval
from migrator.shadow.statistics.rank_sequence import log_evidence, ranks_in_sequence


@pytest.mark.parametrize(("trials", "high"), [(10, 0.41688), (30, 0.19291), (100, 0.07328), (231, 0.03589), (1000, 0.00986)])
def test_beta_binomial_without_events(trials: int, high: float) -> None:
    interval = proportion_sequence(0, trials)
    assert (interval.low, round(interval.high, 5)) == (0.0, high)
    assert interval.high == pytest.approx(1 - (0.05 / (trials + 1)) ** (1 / trials))


@pytest.mark.parametrize(("events", "trials", "low", "high"), [(5, 100, 0.00658, 0.16026), (50, 1000, 0.02824, 0.08017)])
def test_beta_binomial(events: int, trials: int, low: float, high: float) -> None:
    interval = proportion_sequence(events, trials)
    assert (round(interval.low, 5), round(interval.high, 5)) == (low, high)


def test_beta_binomial_ends() -> None:
    assert (proportion_sequence(0, 0).low, proportion_sequence(0, 0).high) == (0.0, 1.0)
    assert proportion_sequence(20, 20).high == 1.0
    assert proportion_sequence(20, 20).low == pytest.approx(1 - proportion_sequence(0, 20).high, abs=1e-9)
    assert log_odds_against(0.0, 1, 9) == math.inf


def test_asymptotic_sequence_of_a_relative_lift() -> None:
    assert tuning(0.05, 5000) == pytest.approx(0.0398401, abs=5e-8)
    interval = estimate_sequence(0.50386, 0.03386, 3000 + 3461)
    assert (interval.low, interval.high) == pytest.approx((0.40098, 0.60675), abs=2e-5)


def test_asymptotic_sequence_of_a_difference() -> None:
    p, q = 2422 / 3461, 1396 / 3000
    error = math.sqrt(p * (1 - p) / 3461 + q * (1 - q) / 3000)
    interval = estimate_sequence(p - q, error, 3000 + 3461)
    assert (interval.low, interval.high) == pytest.approx((0.198049, 0.270880), abs=5e-5)


def test_one_side_alone_is_tighter() -> None:
    assert 0.1 < upper_sequence(0.1, 0.02, 400) < estimate_sequence(0.1, 0.02, 400).high
    assert upper_sequence(0.1, 0.02, 0) == math.inf


@pytest.mark.parametrize("n", [1, 2, 7, 60, 411, 3000])
@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("alpha", [0.4, 0.05, 1e-6])
def test_the_shortcut_misses_no_rank(n: int, q: float, alpha: float) -> None:
    evidence = [
        np.logaddexp(*(betaln(m * q + k, m * (1 - q) + n - k) - betaln(m * q, m * (1 - q)) for m in (2, 200)))
        - math.log(2) - k * math.log(q) - (n - k) * math.log1p(-q)
        for k in range(n + 1)
    ]  # fmt: skip
    plausible = [k for k in range(n + 1) if evidence[k] < -math.log(alpha)]
    assert ranks_in_sequence(n, q, alpha) == (plausible[0], plausible[-1] + 1)


def test_no_values_bound_nothing() -> None:
    assert ranks_in_sequence(0, 0.95) == (0, 1)


def test_a_proportion_watched_for_sixty_days() -> None:
    generator = np.random.default_rng(21)
    runs, share, a_day = 300, 0.05, 17
    wrong = fixed_wrong = 0
    for _ in range(runs):
        seen = generator.binomial(a_day, share, 60).cumsum()
        looks = [(int(events), a_day * (day + 1)) for day, events in enumerate(seen)]
        wrong += any(log_odds_against(share, e, n) >= -math.log(0.05) for e, n in looks)
        fixed_wrong += any(share not in wilson(e, n) for e, n in looks)
    assert wrong / runs <= 0.05
    assert fixed_wrong / runs > 0.2


def test_the_quick_check_above_is_the_interval() -> None:
    for events, trials in [(0, 17), (3, 60), (9, 100)]:
        for share in (0.01, 0.05, 0.2):
            inside = log_odds_against(share, events, trials) < -math.log(0.05)
            assert inside == (share in proportion_sequence(events, trials))


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_a_quantile_watched_at_every_job(q: float) -> None:
    generator = np.random.default_rng(55)
    runs, wrong, fixed_wrong = 200, 0, 0
    truth = -math.log(1 - q)
    sizes = range(20, 600, 5)
    ranks = {n: ranks_in_sequence(n, q) for n in sizes}
    for _ in range(runs):
        values = generator.exponential(1.0, 600)
        below = (values <= truth).cumsum()
        # The interval misses when the number at or below the truth falls outside the ranks.
        wrong += any(not ranks[n][0] <= below[n - 1] < ranks[n][1] for n in sizes)
        fixed_wrong += any(truth not in quantile_interval(np.sort(values[:n]), q) for n in range(20, 600, 25))
    assert wrong / runs <= 0.05
    assert fixed_wrong / runs > 0.1


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_the_evidence_about_ranks_has_a_mean_of_one(q: float) -> None:
    # Over every count of 300 values, with its chance: not a simulation, the sum itself.
    counts = np.arange(301)
    assert float(np.exp(binom.logpmf(counts, 300, q) + log_evidence(counts, 300, q)).sum()) == pytest.approx(1.0)
