"""A first experiment file: it loads, or says exactly what is to be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import MigratorError
from migrator.shadow.config.reading import read_experiment
from migrator.shadow.drafting.draft import Draft, DraftArm, DraftJob
from migrator.shadow.drafting.writing import experiment_name, experiment_text, open_lines
from migrator.shadow.drivers import open_driver, systems
from migrator.shadow.run.arm import target

CELERY = DraftArm(name="celery", system="celery", connection="CELERY_BROKER_URL", found=(("CELERY_BROKER_URL", "app/settings.py:3"),))
RQ = DraftArm(name="rq", system="rq", connection="REDIS_URL")
MAIL = DraftJob(name="mail.send", queue="mail", max_attempts=4, path="app.tasks.send", place="app/tasks.py:7")


def loaded(tmp_path: Path, text: str):
    file = tmp_path / "x.toml"
    file.write_text(text)
    return read_experiment(file).experiment


def test_it_loads_as_it_is(tmp_path: Path) -> None:
    text = experiment_text(Draft(name="shop", jobs=(MAIL, DraftJob(name="app.report")), arms=(CELERY, RQ), read="."))
    assert open_lines(text) == []
    experiment = loaded(tmp_path, text)
    mail, report = experiment.jobs
    assert (mail.name, mail.queue, mail.max_attempts) == ("mail.send", "mail", 4)
    assert report.queue == "", "what nobody knows is not made up"
    assert experiment.job_name("rq", mail) == "app.tasks.send", "RQ calls the function by its path"
    assert experiment.job_name("celery", mail) == "mail.send"
    assert experiment.arms["celery"].connection == "CELERY_BROKER_URL"
    assert experiment.routing.ramp is not None
    assert "# app/tasks.py:7" in text
    assert "the variable with the address, app/settings.py:3" in text


def test_what_is_not_known_is_said_with_its_line(tmp_path: Path) -> None:
    two = DraftArm(name="bullmq", system="bullmq", found=(("REDIS_URL", "a.py:1"), ("BROKER_URL", "b.py:2")))
    text = experiment_text(Draft(name="shop", jobs=(), arms=(DraftArm(name="celery", system="celery"), two), unnamed=("app/x.py:9",)))
    left = open_lines(text)
    assert [what.split(" = ")[0] for _, what in left] == ["name", "connection", "connection"]
    assert "such as REDIS_URL" in left[1][1]
    assert "one of these: REDIS_URL (a.py:1); BROKER_URL (b.py:2)" in left[2][1]
    assert "# The job at app/x.py:9 has no name in the code" in text
    lines = text.splitlines()
    assert all(lines[number - 1].startswith("# TO FILL IN:") for number, _ in left)
    with pytest.raises(MigratorError, match=r"`connection` is missing in \[arms.celery\]"):
        loaded(tmp_path, text)
    for value in ("mail", "CELERY_BROKER_URL", "REDIS_URL"):
        number, what = open_lines(text)[0]
        lines = text.splitlines()
        lines[number - 1] = what.replace("…", value)
        text = "\n".join(lines)
    assert loaded(tmp_path, text).arms["bullmq"].connection == "REDIS_URL"


def test_functions_that_rq_cannot_find_are_asked_for() -> None:
    text = experiment_text(Draft(name="shop", jobs=(DraftJob(name="send"),), arms=(CELERY, RQ)))
    assert [what for _, what in open_lines(text)] == ['job_names = { "send" = "app.jobs.name" }   # the functions\' import paths']


def test_all_functions_of_an_arm_are_named_in_one_place(tmp_path: Path) -> None:
    jobs = (MAIL, DraftJob(name="sweep"), DraftJob(name='say "hi"'))
    text = experiment_text(Draft(name="shop", jobs=jobs, arms=(CELERY, RQ)))
    assert text.count("job_names") == 1
    experiment = loaded(tmp_path, text.replace("# TO FILL IN: ", ""))
    assert [experiment.job_name("rq", job) for job in experiment.jobs] == ["app.tasks.send", "app.jobs.name", "app.jobs.name"]


@pytest.mark.parametrize("system", systems())
def test_what_a_driver_must_be_told_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    """What is written without a question is enough to open its driver with."""
    redis, postgres = "redis://127.0.0.1:1/0", "postgresql://127.0.0.1:1/x"
    others = {"inngest": "http://127.0.0.1:1", "qstash": "token", "sqs": "sqs://eu-central-1"}
    arm = DraftArm(name="it", system=system, connection="STORE_URL")
    text = experiment_text(Draft(name="shop", jobs=(DraftJob(name="app.mail"),), arms=(arm,)))
    asked = [what.partition(" = ")[0] for _, what in open_lines(text)]
    assert asked == (["options"] if system in ("dramatiq", "pg_cron", "postgres-table", "qstash", "sqs") else [])
    (tmp_path / "x.toml").write_text(text.replace("# TO FILL IN: ", "").replace("…", "mail"))
    experiment = read_experiment(tmp_path / "x.toml")
    on_postgres = system in ("pg-boss", "pg_cron", "postgres-table", "procrastinate")
    monkeypatch.setenv("STORE_URL", others.get(system, postgres if on_postgres else redis))
    open_driver(system, target(experiment, "it", experiment.experiment.jobs[0], "e"), experiment.options["it"]).close()


def test_a_job_table_is_called_as_the_code_calls_it() -> None:
    table = DraftArm(name="old", system="postgres-table", connection="DATABASE_URL")
    jobs = tuple(DraftJob(name=name, queue="Job") for name in ("mail", "sweep"))
    assert 'options = { table = "Job" }' in experiment_text(Draft(name="shop", jobs=jobs, arms=(table,)))
    assert 'options = { table = "jobs" }' in experiment_text(Draft(name="shop", jobs=(*jobs, DraftJob(name="x")), arms=(table,)))
    assert 'options = { table = "jobs" }' in experiment_text(Draft(name="shop", jobs=jobs, arms=(RQ, table)))


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_any_name_can_be_written(name: str, queue: str) -> None:
    import tempfile

    text = experiment_text(Draft(name=experiment_name(name), jobs=(DraftJob(name=name, queue=queue),), arms=(CELERY,)))
    with tempfile.TemporaryDirectory() as folder:
        job = loaded(Path(folder), text).jobs[0]
    assert (job.name, job.queue) == (name, queue)
