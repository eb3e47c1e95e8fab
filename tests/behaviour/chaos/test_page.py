"""docs/chaos.md tells of every fault that is tested, and of no other."""

from __future__ import annotations

import re
from pathlib import Path

from tests.behaviour.chaos.test_thousand import FOUND, JOBS

PAGE = Path(__file__).parents[3] / "docs" / "chaos.md"


def test_its_table_is_of_the_tests() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("|")][2:]
    told = {cell.strip().strip("`") for *_, cell in rows}
    here = {
        f"{path.name}::{name}"
        for path in Path(__file__).parent.glob("test_*.py")
        if path != Path(__file__)
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert told == here


def test_its_numbers_are_those_of_the_thousand() -> None:
    (row,) = (line for line in PAGE.read_text().splitlines() if "test_thousand.py" in line)
    assert f"{JOBS:,} jobs" in row
    assert f"{FOUND['lost']} lost, {FOUND['duplicate effect']} done twice, {FOUND['stuck']} stuck" in row
