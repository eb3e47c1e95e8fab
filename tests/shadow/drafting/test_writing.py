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
    two = DraftArm(name="dramatiq", system="dramatiq", found=(("REDIS_URL", "a.py:1"), ("BROKER_URL", "b.py:2")))
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
    assert loaded(tmp_path, text).arms["dramatiq"].connection == "REDIS_URL"


def test_functions_that_rq_cannot_find_are_asked_for() -> None:
    text = experiment_text(Draft(name="shop", jobs=(DraftJob(name="send"),), arms=(CELERY, RQ)))
    assert [what for _, what in open_lines(text)] == ['job_names = { "send" = "app.jobs.name" }   # the functions\' import paths']


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_any_name_can_be_written(name: str, queue: str) -> None:
    import tempfile

    text = experiment_text(Draft(name=experiment_name(name), jobs=(DraftJob(name=name, queue=queue),), arms=(CELERY,)))
    with tempfile.TemporaryDirectory() as folder:
        job = loaded(Path(folder), text).jobs[0]
    assert (job.name, job.queue) == (name, queue)
