"""How long commands take, as ratios against a named peer in the same run: `make bench`. Times depend on the machine, ratios hardly."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
MIGRATE = str(Path(sys.executable).with_name("migrate"))
RUNS = 5


@dataclass(frozen=True)
class Pair:
    """A command of ours beside a peer's on the same input."""

    what: str
    ours: tuple[str, ...]
    peer: str
    theirs: tuple[str, ...]


def package(name: str) -> str:
    """The folder of an installed package: real code in a fair amount, that every machine has."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        sys.exit(f"benchmarks need the package {name}: run make install")
    return str(Path(spec.origin).parent)


def seconds(command: tuple[str, ...]) -> float:
    """Wall time of one run, output thrown away; grep's 1 (nothing found) is an answer too."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return time.perf_counter() - began


def main() -> None:
    """Run each pair in turn, ours and the peer's, and print medians and the median ratio."""
    empty = (sys.executable, "-c", "import typer")
    library = package("celery")
    pairs = (
        Pair("migrate --help", (MIGRATE, "--help"), "import typer", empty),
        Pair("migrate --version", (MIGRATE, "--version"), "import typer", empty),
        Pair("audit fixtures/articles", (MIGRATE, "audit", "fixtures/articles"), "import typer", empty),
        Pair("audit of celery itself", (MIGRATE, "audit", library), "grep -r", ("grep", "-rc", "shared_task", library)),
        Pair("audit, no prefilter", (MIGRATE, "audit", library, "--no-prefilter"), "grep -r", ("grep", "-rc", "shared_task", library)),
    )
    table = Table("what", "peer", box=None, header_style="dim")
    for heading in ("ours, s", "peer, s", "ratio"):
        table.add_column(heading, justify="right")
    for pair in pairs:
        seconds(pair.ours)
        times = [(seconds(pair.ours), seconds(pair.theirs)) for _ in range(RUNS)]
        ours, theirs = (statistics.median(t) for t in zip(*times, strict=True))
        ratio = statistics.median(a / b for a, b in times)
        table.add_row(pair.what, pair.peer, f"{ours:.2f}", f"{theirs:.2f}", f"{ratio:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
