"""The house holds: imports point one way, and a reader or a system's facts are found by being there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from migrator.scanners.scan import readers
from migrator.systems import SYSTEMS

ROOT = Path(__file__).parents[1]


def test_imports_point_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_reader_reads_a_system_whose_facts_are_known() -> None:
    names = {reader.system for reader in readers()}
    assert {"bullmq", "celery", "inngest", "pg-boss", "postgres-table"} <= names
    assert names <= set(SYSTEMS)


def test_a_system_is_called_by_its_name() -> None:
    assert {name: system.name for name, system in SYSTEMS.items()} == {name: name for name in SYSTEMS}
    assert [name for name, system in SYSTEMS.items() if not system.title or not system.languages] == []
