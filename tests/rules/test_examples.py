"""Every example of every rule's page: the bad one is found, the good one is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.jobs.findings import Check
from migrator.rules import check
from migrator.rules.registry import rules
from migrator.scanners import scan

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
