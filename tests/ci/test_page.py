"""What docs/ci.md shows is what can be written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from migrator.cli.configuration import configuration
from migrator.rules import check
from migrator.scanners import scan
from tests.ci.checkout import ROOT

PAGE = (ROOT / "docs/ci.md").read_text()

LOOP = """import {{ Queue }} from "bullmq";
const queue = new Queue("mail");
export async function all(users) {{
  for (const user of users) {{
{}  }}
}}
"""


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number]


def test_the_settings(tmp_path: Path) -> None:
    (tmp_path / "migrate.toml").write_text(block("toml"))
    said = configuration(tmp_path).audit
    assert (said.fail_on, said.confidence, said.severity, said.preview, said.baseline) == (
        "high",
        "likely",
        "low",
        True,
        ".migrate-baseline.json",
    )
    assert (said.ignore, said.per_file_ignores) == (("JOB406",), {"legacy/": ("JOB1",)})


@pytest.mark.parametrize(
    ("name", "text", "rules"),
    [
        (
            "tasks.py",
            f"from celery import shared_task\n\n@shared_task\ndef send(order):\n    try:\n        deliver(order)\n{block('python')}",
            {"JOB105"},
        ),
        (
            "mail.ts",
            LOOP.format(block("typescript")),
            {"JOB201"},
        ),
    ],
)
def test_the_comments(tmp_path: Path, name: str, text: str, rules: set[str]) -> None:
    (tmp_path / name).write_text(text)
    checked = check(scan(tmp_path), tmp_path, select=["JOB105", "JOB2"])
    assert {s.finding.id for s in checked.suppressed} == rules
    assert [f for f in checked.findings if f.id in rules] == []


def test_the_inputs_of_the_action() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    table = PAGE.partition("| input | meaning |")[2].partition("\n\n")[0]
    named = {name for line in table.splitlines()[2:] for name in re.findall(r"`([\w-]+)`", line.split("|")[1])}
    assert named == set(inputs)
    used = {
        key for number in (0, 1) for step in _steps(block("yaml", number)) if "migrator@" in step.get("uses", "") for key in step["with"]
    }
    assert used <= set(inputs)


def _steps(text: str) -> list[dict[str, dict[str, str]]]:
    told = yaml.safe_load(text)
    return told["jobs"]["jobs-audit"]["steps"] if isinstance(told, dict) else told


def test_the_hook() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (repository,) = yaml.safe_load(block("yaml", 2))["repos"]
    assert repository["hooks"] == [{"id": hook["id"]}]
