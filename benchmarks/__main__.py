"""How long commands take and how much memory, beside named peers in the same run: `make bench`. Times depend on the machine, ratios hardly.

The first run downloads the trees and the peers, by version and hash, into a cache folder.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import dispatching, hooks, ledger, routing
from benchmarks.measure import Run, in_turn, ratio, run
from benchmarks.packages import LIBRARIES, SENTRY, lay_out, peers

MIGRATE = str(Path(sys.executable).with_name("migrate"))
#: what the audit is held to: at most so many times as long as the peer
LIMITS = {"ast-grep": 0.5, "rg": 6.0}
#: files in a tree -> megabytes at most
MEMORY = {5_000: 150, 20_000: 400}
#: what all rules are held to: at most so many times as long as the scan
RULES = 1.0
#: seconds for `migrate --version`
VERSION = 0.15


def beside_peers(folder: Path, trees: dict[str, tuple[Path, str]], programs: dict[str, str]) -> Table:
    """The whole audit of each tree beside one trivial search of the same tree by each peer."""
    table = _table("tree", "peer", "ours, s", "peer, s", "ratio", "at most")
    for name, (tree, language) in trees.items():
        searches = {
            "ast-grep": (programs["ast-grep"], "run", "--pattern", "foo($A)", "--lang", language, str(tree)),
            "rg": (programs["rg"], "--count", "foo", str(tree)),
        }
        for peer, search in searches.items():
            pairs = in_turn(audit(tree), search, folder)
            ours, theirs = (statistics.median(r.wall for r in runs) for runs in zip(*pairs, strict=True))
            table.add_row(name, peer, f"{ours:.2f}", f"{theirs:.2f}", f"{ratio(pairs):.2f}", f"{LIMITS[peer]:.1f}")
    return table


def rules_beside_scan(folder: Path, trees: dict[str, tuple[Path, str]]) -> Table:
    """What every rule together, previews as well, adds to an audit that looks at none."""
    table = _table("tree", "scan, s", "rules, s", "rules ÷ scan", "at most")
    for name, (tree, _) in trees.items():
        pairs = in_turn((*audit(tree), "--select", "ALL"), (*audit(tree), "--ignore", "ALL"), folder)
        scan = statistics.median(without.processor for _, without in pairs)
        rules = statistics.median(full.processor - without.processor for full, without in pairs)
        table.add_row(name, f"{scan:.2f}", f"{rules:.2f}", f"{rules / scan:.2f}", f"{RULES:.1f}")
    return table


def growth(folder: Path, trees: Iterable[Path]) -> Table:
    """The same code once, twice and four times in one tree: the cost of a file should stay what it is."""
    table = _table("times as much", "files", "s", "MB", "processor s per file, of that of once")
    first = 0.0
    for tree in trees:
        done, files = _median([run(audit(tree), folder) for _ in range(3)]), _files(tree)
        first = first or done.processor / files
        table.add_row(tree.name, f"{files:,}", f"{done.wall:.2f}", f"{done.memory / 1e6:.0f}", f"{done.processor / files / first:.2f}")
    return table


def memory(folder: Path, trees: dict[int, Path]) -> Table:
    """The most memory that an audit holds."""
    table = _table("files", "MB", "at most")
    for files, tree in trees.items():
        table.add_row(f"{files:,}", f"{run(audit(tree), folder).memory / 1e6:.0f}", str(MEMORY[files]))
    return table


def audit(tree: Path) -> tuple[str, ...]:
    """The command that is measured."""
    return (MIGRATE, "audit", str(tree), "--format", "json")


def _table(*headings: str) -> Table:
    table = Table(headings[0], box=None, header_style="dim")
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def _median(runs: list[Run]) -> Run:
    return sorted(runs, key=lambda r: r.processor)[len(runs) // 2]


def _files(tree: Path) -> int:
    return sum(1 for path in tree.rglob("*") if path.is_file())


def _copies(tree: Path, into: Path, times: int) -> Path:
    for copy in range(times):
        shutil.copytree(tree, into / f"copy{copy}")
    return into


def _sized(trees: Iterable[Path], into: Path, files: int) -> Path:
    """A tree of exactly so many files: code first, then whatever stands beside it, again and again."""
    left, copy = files, 0
    while left:
        for tree in trees:
            found = sorted(p for p in tree.rglob("*") if p.is_file())
            for path in sorted(found, key=lambda p: p.suffix not in (".py", ".ts"))[:left]:
                target = into / f"copy{copy}" / tree.name / path.relative_to(tree)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(path)
                left -= 1
        copy += 1
    return into


def main() -> None:
    """Lay the trees out, measure, print."""
    programs, console = peers(), Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python, typescript = folder / "sentry", folder / "libraries"
        lay_out(SENTRY, python)
        for package in LIBRARIES:
            lay_out(package, typescript / package.name)
        trees = {"sentry 20.12.1": (python, "python"), "effect and arm-network": (typescript, "ts")}
        console.print(beside_peers(folder, trees, programs), "")
        console.print(rules_beside_scan(folder, trees), "")
        console.print(growth(folder, [_copies(python / "sentry", folder / str(times), times) for times in (1, 2, 4)]), "")
        console.print(memory(folder, {n: _sized((python, typescript), folder / f"files{n}", n) for n in MEMORY}), "")
        started = statistics.median(run((MIGRATE, "--version"), folder).wall for _ in range(11))
        console.print(f"migrate --version: {started:.2f} s, at most {VERSION} s", "")
    routing.main()
    dispatching.main()
    hooks.main()
    ledger.main()


if __name__ == "__main__":
    main()
