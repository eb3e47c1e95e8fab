"""`migrate shadow report` as it is typed."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.shadow.synthetic import ArmPlan, write_ledger

MIGRATE = [sys.executable, "-c", "from migrator.cli import main; main()", "shadow", "report", "x.toml"]
EXPERIMENT = """
[experiment]
name = "import"
current = "old"
[job]
name = "import_article"
[arms.old]
system = "postgres-table"
connection = "DATABASE_URL"
weight = 1
[arms.new]
system = "bullmq"
connection = "REDIS_URL"
weight = 1
[workload]
count = 10
"""


def migrate(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "80", "NO_COLOR": "1"}
    return subprocess.run([*MIGRATE, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("experiment")
    (folder / "x.toml").write_text(EXPERIMENT)
    (folder / ".migrator").mkdir()
    plans = [ArmPlan(arm="old", jobs=120), ArmPlan(arm="new", system="bullmq", jobs=120, lost=3)]
    write_ledger(folder / ".migrator" / "import.ledger", plans, experiment="import")
    return folder


def test_the_whole_report_and_one_after_it(folder: Path) -> None:
    first = migrate(folder=folder)
    assert (first.returncode, first.stderr) == (1, "")
    assert first.stdout.startswith("new is worse than old\n")
    assert max(map(len, first.stdout.splitlines())) <= 80
    names = ["shadow.html", "shadow.md", "shadow.json", "shadow.junit.xml", "shadow.csv"]
    assert [line.removeprefix("Written: reports/") for line in first.stdout.splitlines()[-5:]] == names
    assert sorted(path.name for path in (folder / "reports").iterdir()) == sorted(names)
    # A report of an earlier day, as the folder would hold it: the next one remembers what it said.
    report = folder / "reports" / "shadow.json"
    earlier = json.loads(report.read_text())
    earlier["history"][0] |= {"at": "2026-09-20T00:00:00Z", "assigned": 20}
    report.write_text(json.dumps(earlier))
    migrate(folder=folder)
    assert [past["assigned"] for past in json.loads(report.read_text())["history"]] == [20, 240]
    assert "How the answer came about" in (folder / "reports" / "shadow.html").read_text()


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_one_form_on_standard_output(folder: Path, form: str) -> None:
    done = migrate("--format", form, folder=folder)
    assert (done.returncode, done.stderr) == (1, "")
    match form:
        case "json":
            assert json.loads(done.stdout)["answer"] == "inferior"
        case "csv":
            assert [row["trouble"] for row in csv.DictReader(io.StringIO(done.stdout))][:4] == ["lost", "lost", "lost", "discarded"]
        case _:
            assert done.stdout.startswith("new is worse")


def test_one_form_into_a_file(folder: Path) -> None:
    done = migrate("--format", "junit", "--output", "ci.xml", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert ElementTree.parse(folder / "ci.xml").getroot().tag == "testsuites"


def test_a_file_for_no_form(folder: Path) -> None:
    done = migrate("--output", "x.html", folder=folder)
    assert done.returncode == 2
    assert "--output goes with --format" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_ledger_yet(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(EXPERIMENT)
    done = migrate(folder=tmp_path)
    assert done.returncode == 2
    assert "there is no ledger here" in done.stderr
