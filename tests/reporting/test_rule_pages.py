"""The pages of rules are those in docs/rules, and say all that a reader needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migrator.live.check import checks
from migrator.reporting.rule_pages import live_page, rule_list, rule_page, write_pages
from migrator.rules.registry import rules

PAGES = Path(__file__).parents[2] / "docs/rules"
MIGRATE = str(Path(sys.executable).with_name("migrate"))


def test_the_documented_pages_are_current() -> None:
    there = {page.name: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}
    pages = {f"{rule.id}.md": rule_page(rule) for rule in rules()} | {f"{check.id}.md": live_page(check) for check in checks()}
    assert there == {"README.md": rule_list(), **pages}, "run `make rules`"


def test_pages_of_rules_that_are_gone_go(tmp_path: Path) -> None:
    (tmp_path / "JOB000.md").write_text("old")
    (tmp_path / "mine.md").write_text("kept")
    write_pages(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"README.md", "mine.md", *(f"{one.id}.md" for one in (*rules(), *checks()))}


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["JOB101"], 0, ["# JOB101 retries-not-configured", "## Why", "Effort: 30 to 60 minutes"]),
        (["job101"], 0, ["# JOB101"]),
        (["retries-not-configured"], 0, ["# JOB101"]),
        (["MIG104"], 0, ["# MIG104", "A rewrite can take care of it."]),
        (["LIV11"], 0, ["# LIV11 eviction", "| `memory` | 0.8 |"]),
        (["queue-depth"], 0, ["# LIV01"]),
        ([], 0, ["JOB101  critical  retries-not-configured: ", "LIV23   medium    scheduler-health: "]),
        (["JOB1001"], 2, ["JOB1001: is no rule, trap, gate, limit or capability", "Did you mean JOB101?"]),
    ],
)
def test_explain(tmp_path: Path, arguments: list[str], status: int, words: list[str]) -> None:
    done = subprocess.run([MIGRATE, "explain", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert [w for w in words if w not in done.stdout + done.stderr] == []
