from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validators
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from migrator.errors import MigratorError
from migrator.reporting.experiment import render, schema, write
from migrator.reporting.experiment_console import print_summary, render_text
from migrator.shadow.summary import ExperimentSummary
from tests.reporting.experiments import experiment, hostile
from tests.shadow.synthetic import ArmPlan


@pytest.fixture(scope="module")
def summary() -> ExperimentSummary:
    return experiment()


def test_markdown(summary: ExperimentSummary, snapshot: SnapshotAssertion) -> None:
    assert render(summary, "md") == snapshot


def test_json(summary: ExperimentSummary, snapshot: SnapshotAssertion) -> None:
    assert rounded(json.loads(render(summary, "json"))) == snapshot


def rounded(value: Any) -> Any:
    """To four figures: the last digits are the processor's affair. Curves and series are cut to their first points."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        whole = value if all(isinstance(inner, dict | str) for inner in value) else value[:3]
        return [rounded(inner) for inner in whole]
    return value


def test_terminal(summary: ExperimentSummary, snapshot: SnapshotAssertion) -> None:
    assert render_text(summary) == snapshot


def test_terminal_stays_within_eighty_columns(summary: ExperimentSummary) -> None:
    assert max(map(len, render_text(summary).splitlines())) <= 80


def test_colour_is_for_terminals_that_want_it(summary: ExperimentSummary, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in render_text(summary)

    def shown(**options: Any) -> str:
        screen = io.StringIO()
        print_summary(Console(file=screen, force_terminal=True, width=80, **options), summary)
        return screen.getvalue()

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31m✗ pgboss: inferior" in shown(color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = shown()
    assert "31m" not in plain
    assert "✗ pgboss: inferior" in plain


def test_a_narrow_terminal_loses_nothing(summary: ExperimentSummary) -> None:
    screen = io.StringIO()
    print_summary(Console(file=screen, width=40), summary)
    assert max(map(len, screen.getvalue().splitlines())) <= 40
    for arm in summary.arms:
        assert arm.arm in screen.getvalue()


def test_an_application_s_own_words_break_no_table(summary: ExperimentSummary) -> None:
    text = render(hostile(summary, "a | b\n# c <img src=x> `d`"), "md")
    plain = re.sub(r"`[^`\n]*`", "", text.replace("\\`", ""))
    assert "<img" not in plain.replace("\\<img", "")
    assert "\n# c" not in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_write(summary: ExperimentSummary, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "reports"
    files = write(summary, folder)
    assert [file.name for file in files] == ["shadow.html", "shadow.md", "shadow.json", "shadow.junit.xml"]
    assert sorted(folder.iterdir()) == sorted(files)
    assert json.loads(files[2].read_text(encoding="utf-8"))["answer"] == "inferior"
    assert files[0].read_text(encoding="utf-8").startswith("<!doctype html>")


def test_write_only_what_is_asked_for(summary: ExperimentSummary, tmp_path: Path) -> None:
    assert write(summary, tmp_path, ("md",), name="august") == [tmp_path / "august.md"]
    assert [file.name for file in tmp_path.iterdir()] == ["august.md"]


def test_a_folder_that_is_a_file(summary: ExperimentSummary, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(MigratorError, match="cannot hold reports"):
        write(summary, tmp_path / "reports")


def test_the_published_schema_is_current_and_holds() -> None:
    # To write it: json.dumps(schema(), indent=1)
    documented = json.loads((Path(__file__).parents[2] / "docs/experiment.schema.json").read_text(encoding="utf-8"))
    # Python 3.13 takes the indentation out of docstrings.
    current, there = (json.loads(re.sub(r"\\n *", r"\\n", json.dumps(s))) for s in (schema(), documented))
    assert there == current
    checker = validators.validator_for(documented)
    checker.check_schema(documented)
    for found in (experiment(), experiment([ArmPlan(arm="alone", jobs=0)])):
        assert list(checker(documented).iter_errors(json.loads(render(found, "json")))) == []
