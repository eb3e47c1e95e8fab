"""`migrate` with the made-up systems of `tests/codemods/toy.py` in place of real ones: `python -m tests.cli.toy_migrate codemod …`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import migrator.cli.codemod_run
from migrator.cli import main
from migrator.codemods import WRITERS
from migrator.jobs import Inventory
from tests.codemods import toy


def scan(root: Path, *, progress: Callable[[str, int, int], None]) -> Inventory:
    """The toy's scan, with the signature of the real one."""
    progress("reading", 0, 1)
    return toy.scan(root)


def install() -> None:
    """Register the toy writer and scan."""
    WRITERS["legacy", "modern"] = "tests.codemods.toy:rewrite"
    migrator.cli.codemod_run.scan = scan


if __name__ == "__main__":
    install()
    main()
