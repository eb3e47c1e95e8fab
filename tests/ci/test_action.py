"""The GitHub action: its steps are run as the runner runs them, with the inputs of a workflow."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.checkout import ROOT, TASK, checkout, clean_environment, repository
from tests.reporting.schemas import ACTION, SARIF, complaints

DEFINITION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = DEFINITION["runs"]["steps"]
SETTINGS = '[audit]\nselect = ["JOB105", "JOB098"]\n'


class Runner:
    """What GitHub's runner does with a composite action, as far as this one asks for it."""

    def __init__(self, action: Path, temporary: Path) -> None:
        self.action, self.temporary = action, temporary
        temporary.mkdir()

    def step(self, number: int, workspace: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        """One step with the inputs of a workflow; what it printed, and its outputs."""
        given = {name: about.get("default", "") for name, about in DEFINITION["inputs"].items()} | {
            name.replace("_", "-"): value for name, value in inputs.items()
        }
        values = {"github.action_path": str(self.action)} | {f"inputs.{name}": value for name, value in given.items()}
        step = STEPS[number]
        environment = {
            name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text) for name, text in step.get("env", {}).items()
        }
        outputs = self.temporary / f"output-{number}"
        outputs.write_text("")
        script = self.temporary / f"step-{number}.sh"
        script.write_text(step["run"])
        runner = clean_environment(RUNNER_TEMP=str(self.temporary), GITHUB_OUTPUT=str(outputs), GITHUB_WORKSPACE=str(workspace))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=workspace,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env=runner | environment,
        )
        return done, dict(line.split("=", 1) for line in outputs.read_text().splitlines())


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.mktemp("action")
    made = Runner(checkout(folder / "migrator"), folder / "temporary")
    done, _ = made.step(0, folder, python=sys.executable)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def test_its_definition_is_what_github_wants() -> None:
    assert complaints(DEFINITION, ACTION) == []
    assert {step["shell"] for step in STEPS} == {"bash"}


def test_no_input_is_a_piece_of_a_script() -> None:
    assert [step["name"] for step in STEPS if "${{" in step["run"]] == []


def test_what_a_step_is_given_is_there() -> None:
    used = {name for step in STEPS for text in step["env"].values() for name in re.findall(r"inputs\.([\w-]+)", text)}
    assert used == set(DEFINITION["inputs"])


def test_a_defect_is_annotated_and_fails(tmp_path: Path, runner: Runner) -> None:
    app = repository(tmp_path / "app", {"services/mail/tasks.py": TASK.format(""), "services/mail/migrate.toml": SETTINGS})
    done, outputs = runner.step(1, app, path="services/mail")
    assert (done.returncode, outputs) == (1, {"exit-status": "1"}), done.stderr
    # Of the repository, not of the audited folder: GitHub finds no other file.
    assert "::error file=services/mail/tasks.py,line=7,title=JOB105 swallowed-exception::" in done.stdout


def test_an_accepted_one_does_not_fail(tmp_path: Path, runner: Runner) -> None:
    app = repository(tmp_path / "app", {"tasks.py": TASK.format("  # migrate: ignore[JOB105] counted elsewhere"), "migrate.toml": SETTINGS})
    done, outputs = runner.step(1, app)
    assert (done.returncode, outputs) == (0, {"exit-status": "0"}), done.stderr
    assert "not counted: high JOB105" in done.stdout
    assert "::error" not in done.stdout


def test_code_scanning_gets_a_file(tmp_path: Path, runner: Runner) -> None:
    app = repository(tmp_path / "app", {"tasks.py": TASK.format(""), "migrate.toml": SETTINGS})
    done, outputs = runner.step(1, app, format="sarif", output="a file.sarif", fail_on="never")
    assert (done.returncode, outputs) == (0, {"exit-status": "0"}), done.stderr
    log = json.loads((app / "a file.sarif").read_text())
    assert complaints(log, SARIF) == []
    assert [r["ruleId"] for r in log["runs"][0]["results"]] == ["JOB105"]


@pytest.mark.parametrize(
    ("inputs", "status"),
    [({"severity": "critical", "fail_on": "critical"}, 0), ({"confidence": "certain"}, 1), ({"baseline": "none.json"}, 2)],
)
def test_the_other_inputs(tmp_path: Path, runner: Runner, inputs: dict[str, str], status: int) -> None:
    app = repository(tmp_path / "app", {"tasks.py": TASK.format(""), "migrate.toml": SETTINGS})
    done, outputs = runner.step(1, app, **inputs)
    assert (done.returncode, outputs) == (status, {"exit-status": str(status)}), done.stderr


def test_what_an_input_says_is_never_run(tmp_path: Path, runner: Runner) -> None:
    app = repository(tmp_path / "app", {})
    odd = '"; touch hacked; $(touch hacked) `touch hacked`'
    done, _ = runner.step(1, app, path=odd, severity=odd)
    assert done.returncode == 2
    assert not (app / "hacked").exists()


def test_a_python_that_is_too_old_is_told(tmp_path: Path, runner: Runner) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done, _ = runner.step(0, tmp_path, python=str(old))
    assert done.returncode == 2
    assert "::error title=migrate::Python 3.11 or newer is needed" in done.stdout
