"""The same tree gives the same bytes: whatever the order of its folders on the disk, the seed of hashes, and what was scanned before."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import migrator.scanners.files
from migrator.reporting.audit import render
from migrator.scanners import scan

FIXTURES = Path(__file__).parents[2] / "fixtures"
APPLICATIONS = sorted(p.name for p in FIXTURES.iterdir() if p.is_dir())


def report(text: str) -> dict[str, Any]:
    """A report in JSON without what time it took."""
    inventory = json.loads(text)
    del inventory["stats"]["seconds"]
    return inventory


def read(root: Path) -> str:
    return json.dumps(report(render(scan(root), "json")))


def test_there_are_applications_to_read() -> None:
    assert len(APPLICATIONS) > 1


@pytest.mark.parametrize("application", APPLICATIONS)
def test_the_order_of_folders_does_not_matter(application: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(FIXTURES / application)
    entries = migrator.scanners.files._below
    for seed in range(3):

        def shuffled(root: Path, globs: list[str], seed: int = seed) -> list[tuple[str, str]]:
            found = list(entries(root, globs))
            random.Random(seed).shuffle(found)
            return found

        monkeypatch.setattr(migrator.scanners.files, "_below", shuffled)
        assert read(FIXTURES / application) == expected


@pytest.mark.parametrize("application", APPLICATIONS)
def test_the_seed_of_hashes_does_not_matter(application: str) -> None:
    program = [str(Path(sys.executable).with_name("migrate")), "audit", str(FIXTURES / application), "--format", "json"]
    outputs = {
        json.dumps(
            report(subprocess.run(program, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout.decode())
        )
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1


def test_what_was_scanned_before_does_not_matter() -> None:
    first = {name: read(FIXTURES / name) for name in APPLICATIONS}
    assert {name: read(FIXTURES / name) for name in reversed(APPLICATIONS)} == first
