"""How often intervals that may be watched are wrong at any look, and how often ordinary ones are: `python -m benchmarks.coverage`.

The tests hold the same with fewer experiments (150 to 600 each); this prints them with thousands. About two minutes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from migrator.shadow.statistics.beta_binomial_sequence import log_odds_against
from migrator.shadow.statistics.proportions import wilson
from migrator.shadow.statistics.quantiles import ranks_around
from migrator.shadow.statistics.rank_sequence import ranks_in_sequence
from migrator.shadow.statistics.sample_ratio import chi_square, sequential

ALPHA = 0.05


def proportion(experiments: int = 3000, share: float = 0.05, a_day: int = 17, days: int = 60) -> tuple[float, float]:
    """A proportion looked at daily: the beta-binomial sequence, and Wilson's interval."""
    generator = np.random.default_rng(21)
    events = generator.binomial(a_day, share, (experiments, days)).cumsum(axis=1)
    # The same counts come again and again.
    known: dict[tuple[int, int], tuple[bool, bool]] = {}
    wrong = np.zeros(2)
    for row in events.tolist():
        looks = [(e, a_day * (day + 1)) for day, e in enumerate(row)]
        for look in looks:
            if look not in known:
                known[look] = log_odds_against(share, *look) >= -math.log(ALPHA), share not in wilson(*look)
        wrong += [any(known[look][i] for look in looks) for i in (0, 1)]
    return wrong[0] / experiments, wrong[1] / experiments


def quantile(q: float, experiments: int = 2000, sizes: range = range(20, 1001)) -> tuple[float, float]:
    """A quantile looked at after every job from the twentieth to the thousandth: the rank sequence, and order statistics."""
    generator = np.random.default_rng(55)
    below = (generator.random((experiments, sizes[-1])) <= q).cumsum(axis=1)[:, sizes[0] - 1 :]
    watched, fixed = (np.array([ranks(n, q) for n in sizes]) for ranks in (ranks_in_sequence, ranks_around))

    def missed(ranks: NDArray[np.int64]) -> float:
        return float(((below < ranks[:, 0]) | (below >= ranks[:, 1])).any(axis=1).mean())

    return missed(watched), missed(fixed)


def split(experiments: int = 1000, jobs: int = 3000, every: int = 10) -> tuple[float, float]:
    """A split in thirds that is in order, alarmed about below 0.01 at any look: the sequential test, and χ²."""
    generator = np.random.default_rng(7)
    watched = fixed = 0
    for _ in range(experiments):
        arms = generator.integers(0, 3, jobs)
        looks = np.stack([(arms == arm).cumsum() for arm in range(3)], axis=1)[every - 1 :: every]
        watched += sequential(looks.tolist(), (1, 1, 1)) < 0.01
        fixed += any(chi_square(look, (1, 1, 1)) < 0.01 for look in looks.tolist())
    return watched / experiments, fixed / experiments


def main() -> None:
    """Print the table."""
    table = Table("looked at over and over", "allowed", "watched", "ordinary", box=None, header_style="dim")
    rows = (
        ("a proportion, daily for 60 days", ALPHA, proportion()),
        ("a median, after every job", ALPHA, quantile(0.5)),
        ("a 95th percentile, after every job", ALPHA, quantile(0.95)),
        ("a split, 3000 jobs", 0.01, split()),
    )
    for name, allowed, (watched, ordinary) in rows:
        table.add_row(name, f"{allowed:.0%}", f"{watched:.1%}", f"{ordinary:.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
