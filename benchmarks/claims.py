"""How often a candidate that is worse by exactly the margin is passed, over a grid of experiments: `python -m benchmarks.claims`.

The tests hold a few of its points; this prints all, with enough experiments to tell 3 % from 5 %. About a minute.
"""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from migrator.shadow.judging.share_claims import within_margin

BASES = (0.0, 0.002, 0.01, 0.05, 0.2, 0.5)
MARGINS = (0.005, 0.02, 0.05, 0.1)
#: jobs an arm and day, and days, each with a look
PACES = ((5, 200), (17, 200), (333, 60))
EXPERIMENTS = 4000
ALPHA = 0.05


def passed(base: float, margin: float, a_day: int, days: int, *, seed: int = 1) -> float:
    """Share of experiments in which the false claim is made at any look."""
    generator = np.random.default_rng(seed)
    worse, current = (generator.binomial(a_day, p, (EXPERIMENTS, days)).cumsum(axis=1) for p in (base + margin, base))
    sizes = np.broadcast_to(np.arange(1, days + 1) * a_day, worse.shape)
    return float(within_margin(worse, sizes, current, sizes, margin, ALPHA).any(axis=1).mean())


def main() -> None:
    """Print the grid, the worst point last."""
    table = Table("fail anyhow", "margin", *(f"{a_day} a day" for a_day, _ in PACES), box=None, header_style="dim")
    worst = 0.0
    for base in BASES:
        for margin in MARGINS:
            shares = [passed(base, margin, *pace) for pace in PACES]
            worst = max(worst, *shares)
            table.add_row(f"{base:.1%}", f"{margin:.1%}", *(f"{share:.2%}" for share in shares))
    Console().print(table, f"passed wrongly at worst: {worst:.2%}, allowed {ALPHA:.0%}")


if __name__ == "__main__":
    main()
