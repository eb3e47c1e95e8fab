"""Every example of every rule's page: the bad one is found, the good one is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.jobs.findings import Check
from migrator.rules import check
from migrator.rules.registry import rules
from migrator.rules.rule import Example
from migrator.scanners import scan
from migrator.systems import SYSTEMS

EXAMPLES = [
    pytest.param(rule.id, example, id=f"{rule.id}-{example.system}-{n}") for rule in rules() for n, example in enumerate(rule.examples)
]


def became(folder: Path, rule: str, files: Mapping[str, str]) -> Check:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (found,) = check(scan(folder), folder, select=[rule]).checks
    return found


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_bad_one_is_found(tmp_path: Path, rule: str, example) -> None:
    assert became(tmp_path, rule, example.bad).state == "fail"


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_good_one_passes(tmp_path: Path, rule: str, example) -> None:
    # Not even unknown: an example that says how to do it right has to be understood.
    assert became(tmp_path, rule, example.good).state in ("pass", "not-applicable")


def test_every_rule_has_examples() -> None:
    assert [rule.id for rule in rules() if not rule.examples] == []


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_what_to_do_is_said_for_the_systems_at_hand(tmp_path: Path, rule: str, example: Example) -> None:
    became(tmp_path, rule, example.bad)
    inventory = scan(tmp_path)
    elsewhere = SYSTEMS.keys() - {item.system for item in inventory.items}
    texts = " ".join(finding.fix for finding in check(inventory, tmp_path, select=[rule]).findings)
    assert [name for name in elsewhere if re.search(rf"\b{re.escape(SYSTEMS[name].title)}\b", texts)] == []
