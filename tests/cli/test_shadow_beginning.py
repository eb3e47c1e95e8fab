"""`migrate shadow init` and `plan`, as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from migrator.cli.shadow import app
from migrator.errors import MigratorError
from migrator.shadow.config.reading import read_experiment
from tests.shadow.synthetic import ArmPlan, write_ledger

NOTIFIER = Path(__file__).parents[2] / "fixtures" / "notifier"


def asked(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_init_from_the_code_asks_for_what_it_does_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "e.toml"
    result = asked("init", NOTIFIER, "--from", "celery", "--to", "dramatiq", "-o", file)
    assert result.exit_code == 1
    assert f"{file}:126: connection = " in result.stdout
    open_lines = result.stdout.partition("To be filled in:\n")[2].splitlines()
    assert "      the environment variable with the address; none was found in the code" in open_lines
    assert all(len(line) <= 80 for line in open_lines if str(file) not in line)
    (number, line) = next(
        (n, text) for n, text in enumerate(file.read_text().splitlines(), 1) if text.startswith("# TO FILL IN: connection")
    )
    assert (number, "none was found in the code" in line) == (126, True)


def test_init_with_all_that_is_needed_loads(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "e.toml"
    arguments = ("init", NOTIFIER, "--from", "celery", "--to", "rq", "--connection", "rq=REDIS_URL", "--job", "audit.record", "-o", file)
    result = asked(*arguments)
    assert result.exit_code == 0
    assert "It loads: 1 job, celery beside rq." in result.stdout
    experiment = read_experiment(file).experiment
    assert experiment.arms["celery"].connection == "CELERY_BROKER_URL"
    assert experiment.job_name("rq", experiment.jobs[0]) == "notifier.tasks.maintenance.record_audit"
    again = asked(*arguments)
    assert isinstance(again.exception, MigratorError)
    assert "is there already" in str(again.exception)
    assert asked(*arguments, "--force").exit_code == 0


def test_init_without_code(tmp_path: Path) -> None:
    file = tmp_path / "e.toml"
    said = ("--connection", "bullmq=REDIS_URL", "--connection", "pg-boss=DATABASE_URL", "--name", "My Mail")
    result = asked("init", "--from", "bullmq", "--to", "pg-boss", "--job", "mail.reset", *said, "-o", file)
    assert result.exit_code == 0
    assert read_experiment(file).experiment.experiment.name == "my-mail"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--from is not said"),
        (("--from", "celery"), "--to is not said"),
        (("--from", "celary", "--to", "rq"), "celary: is no job system that we know\n  Did you mean celery?"),
        (("--from", "celery", "--to", "huey"), "huey: no experiment can be run with it yet"),
        (("--from", "celery", "--to", "rq", "--connection", "rq"), "`rq` does not say which system's variable it is"),
        (("--from", "celery", "--to", "rq", "--job", "audit.recrd"), "the code has no job `audit.recrd`\n  Did you mean audit.record"),
    ],
)
def test_what_init_cannot_do_is_said(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = asked("init", NOTIFIER, *arguments, "-o", tmp_path / "e.toml")
    assert isinstance(result.exception, MigratorError)
    assert said in str(result.exception)
    assert not (tmp_path / "e.toml").exists()


def test_a_plan_from_what_is_said_and_from_a_file(tmp_path: Path) -> None:
    result = asked("plan", "--jobs-per-day", "50", "--base-failure", "5%")
    assert result.exit_code == 0
    assert "Recommended: mirror." in result.stdout
    file = tmp_path / "e.toml"
    asked("init", "--from", "celery", "--to", "rq", "--job", "a.b", "--connection", "celery=A", "--connection", "rq=B", "-o", file)
    assert "1,000 jobs a day: a candidate gets 500" in asked("plan", file, "--jobs-per-day", "1000", "--base-failure", "0.02").stdout
    nothing = asked("plan", file)
    assert "how many jobs a day are there?" in str(nothing.exception)
    assert asked("plan", file, "--jobs-per-day", "10", "--base-failure", "5x").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("inf", "--base-failure", "5%"), ""),
        (("10", "--base-failure", "0"), ""),
        (("10", "--base-failure", "5%", "--base-discarded", "6%"), "6 % of jobs cannot fail for good where 5 % of first attempts fail"),
    ],
)
def test_a_plan_for_jobs_that_there_cannot_be(arguments: tuple[str, ...], said: str) -> None:
    result = asked("plan", "--jobs-per-day", *arguments)
    assert result.exit_code == 1 if said else result.exit_code == 2
    assert said in str(result.exception)


def test_a_plan_holds_the_jobs_of_the_ledger_against_the_limits_of_a_candidate(tmp_path: Path) -> None:
    file = tmp_path / "e.toml"
    asked("init", "--from", "celery", "--to", "sqs", "--job", "a.b", "--connection", "celery=A", "--connection", "sqs=B", "-o", file)
    write_ledger(tmp_path / "l", [ArmPlan(arm="celery", jobs=60, payload=2_000_000, run=100.0), ArmPlan(arm="sqs", jobs=40, payload=900)])
    said = asked("plan", file, "--ledger", tmp_path / "l").stdout
    rows = [line.split() for line in said.splitlines() if line.startswith("sqs: ")]
    assert rows[0] == ["sqs:", "size", "of", "a", "message", "1", "MiB", "1.907", "MiB", "60"]
    assert rows[1] == ["sqs:", "delay", "of", "a", "message", "15", "min", "none", "seen"]
    assert rows[3][-1] == "over"
    assert "payload_bytes = 1048576 in [routing.exclude]" in said
    assert all(len(line) <= 80 for line in said.splitlines())


def test_a_plan_takes_pace_and_failures_from_the_ledger(tmp_path: Path) -> None:
    file = tmp_path / "e.toml"
    asked("init", "--from", "celery", "--to", "rq", "--job", "a.b", "--connection", "celery=A", "--connection", "rq=B", "-o", file)
    often = ArmPlan(arm="celery", first_attempt_fails=0.4, attempt_fails=0.5)
    truth = write_ledger(tmp_path / "l", [often, ArmPlan(arm="rq")])["celery"]
    said = asked("plan", file, "--ledger", tmp_path / "l").stdout
    assert "The pace is that of the 200 jobs in the ledger." in said
    assert f"\n{len(truth.first_attempt_failed)} % of first attempts fail, as the ledger shows of celery.\n" in said
    assert f"\n{len(truth.discarded)} % of jobs fail for good, as it shows as well.\n" in said
