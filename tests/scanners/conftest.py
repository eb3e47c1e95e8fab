"""Small trees for scanner tests: written out, read by the real pipeline."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from migrator.jobs import Inventory
from migrator.scanners import scan

Scan = Callable[[Mapping[str, str]], Inventory]


@pytest.fixture
def scan_tree(tmp_path: Path) -> Scan:
    """Write files (path -> text, dedented) and scan them; what is passed over to save work must make no difference."""

    def run(files: Mapping[str, str]) -> Inventory:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text), encoding="utf-8")
        inventory, thorough = scan(tmp_path), scan(tmp_path, prefilter=False)
        assert inventory.items == thorough.items
        assert inventory.references == thorough.references
        return inventory

    return run
