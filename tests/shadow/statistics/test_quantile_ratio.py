import math

import numpy as np
import pytest

from migrator.shadow.measuring.sketch import Sketch, estimate
from migrator.shadow.statistics.quantile_ratio import REPLICATES, bootstrap_ratio
from migrator.shadow.statistics.quantiles import Values, quantile


def test_agrees_with_a_bootstrap_that_really_resamples() -> None:
    generator = np.random.default_rng(5)
    first, second = (np.sort(generator.lognormal(mean, 1.0, 231)) for mean in (0.0, 0.3))
    ratios = [
        quantile(np.sort(generator.choice(first, 231)), 0.95) / quantile(np.sort(generator.choice(second, 231)), 0.95) for _ in range(4000)
    ]
    interval = bootstrap_ratio(first, second, 0.95)
    assert (interval.low, interval.high) == pytest.approx(np.quantile(ratios, [0.025, 0.975]), rel=0.05)


@pytest.mark.parametrize(("q", "n", "factor"), [(0.5, 231, 1.26), (0.95, 231, 1.47), (0.5, 10_000, 1.035), (0.95, 10_000, 1.06)])
def test_known_width_on_lognormal_durations(q: float, n: int, factor: float) -> None:
    # The reference measured how well a volume pins down the ratio for durations with sigma 1.
    generator = np.random.default_rng(11)
    widths = []
    for _ in range(40):
        interval = bootstrap_ratio(*(np.sort(generator.lognormal(0, 1, n)) for _ in range(2)), q)
        widths.append(math.sqrt(interval.high / interval.low))
    # A single sample's width scatters; and the reference's own figures are rounded.
    assert math.log(float(np.median(widths))) == pytest.approx(math.log(factor), rel=0.25)


def test_same_seed_same_answer() -> None:
    values = np.arange(1.0, 100.0)
    assert bootstrap_ratio(values, values, 0.5, seed=3) == bootstrap_ratio(values, values, 0.5, seed=3)
    assert REPLICATES >= 1000


def test_jobs_that_never_ended_open_the_upper_side_only() -> None:
    finished = np.arange(1.0, 101.0)
    stuck = np.sort(np.concatenate([np.arange(1.0, 91.0), np.full(10, np.inf)]))
    assert math.isinf(bootstrap_ratio(stuck, finished, 0.95).high)
    assert bootstrap_ratio(finished, stuck, 0.95).low == 0.0
    assert bootstrap_ratio(stuck, finished, 0.5).bounded


def test_nothing_to_compare() -> None:
    interval = bootstrap_ratio(np.array([]), np.array([1.0]), 0.5)
    assert (interval.low, interval.high) == (0.0, math.inf)


def test_from_sketches_it_is_the_bootstrap_that_redraws_their_buckets() -> None:
    """What is left of old jobs is buckets with counts: drawing those anew, as a multinomial, gives the same interval."""
    generator = np.random.default_rng(17)
    first, second = (Sketch.of(generator.lognormal(mean, 1.0, 4000)) for mean in (0.0, 0.2))

    def redrawn(sketch: Sketch) -> Values:
        counts = generator.multinomial(sketch.n, sketch.counts / sketch.n, 1500).cumsum(axis=1)
        return estimate(sketch.indexes)[(counts < 0.95 * sketch.n).sum(axis=1)]

    interval = bootstrap_ratio(first.values(), second.values(), 0.95)
    expected = np.quantile(redrawn(first) / redrawn(second), [0.025, 0.975])
    # Two buckets wide, each of 1.09 %, is as exact as either can be.
    assert (interval.low, interval.high) == pytest.approx(expected, rel=0.025)
