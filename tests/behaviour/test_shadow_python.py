"""A whole run over two systems in Python, as a user starts it: every job accounted for, those that a dead worker lost by name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from migrator.servers import Servers, redis, servers
from migrator.shadow.ledger import JobHistory, SqliteLedger
from tests.behaviour.shadow_run import MIGRATE, MIX
from tests.behaviour.shadow_stage import PATIENCE, WORKER, effects, python_worker

pytestmark = pytest.mark.behaviour
ARM = """
[arms.{system}]
system = "{system}"
connection = "REDIS_URL"
weight = 1
queue = "{queue}"
{more}
worker = {{ command = {command}, ready = "{ready}", env = {{ EFFECTS = "{folder}/effects", PYTHONPATH = "{modules}" }} }}
"""
FILE = """
[experiment]
name = "python"
current = "celery"
unit = "n"

[job]
name = "task"
max_attempts = 3
retry_delay = 1.0
deadline = {deadline}

[workload]
count = {count}
seed = 3
rate = 12.0
payload = {{ n = "{{n}}" }}
{mix}

[timeouts]
run = 90.0
silence = 2.0
settle = 0.5
stop = 3.0
"""


@pytest.fixture
def address() -> Generator[str]:
    with redis() as url:
        yield url


def write(folder: Path, address: str, *, mix: str, count: int, deadline: float) -> Path:
    arms = ""
    for system, more in (("celery", ""), ("rq", 'job_name = "rq_jobs.task"')):
        spec = python_worker(system, {"REDIS_URL": address})
        command = [part.replace("tasks", system) if part == "tasks" else part for part in spec.command]
        ready = spec.ready.replace("tasks", system)
        arms += ARM.format(
            system=system, queue=system, more=more, command=json.dumps(command), ready=ready, folder=folder, modules=WORKER.parent
        )
    file = folder / "python.toml"
    file.write_text(FILE.format(mix=mix, count=count, deadline=deadline) + arms)
    return file


def migrate(command: str, file: Path, address: str, *more: str, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*MIGRATE, command, str(file), *more],
        env={**os.environ, "REDIS_URL": address, **env},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def read(file: Path, count: int) -> list[JobHistory]:
    """The jobs of the ledger, after the law was checked."""
    with SqliteLedger.open(file.parent / ".migrator" / "python.ledger") as ledger:
        books = [ledger.conservation(arm.arm) for arm in ledger.arms()]
        assert all(account.holds for account in books), [account.sentence() for account in books]
        assert sum(account.assigned for account in books) == count
        assert ledger.missing_sequences() == {}
        return [job for arm in ledger.arms() for job in ledger.jobs(arm.arm)]


def test_every_job_ends_and_the_ledger_says_what_the_workers_say(address: str, tmp_path: Path) -> None:
    file = write(tmp_path, address, mix=MIX, count=36, deadline=30.0)
    done = migrate("run", file, address)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Every one of 36 jobs is accounted for." in done.stdout
    jobs = read(file, 36)
    assert {job.arm for job in jobs} == {"celery", "rq"}
    fate = {"quick": ("completed", 1), "fails once": ("completed", 2), "poison": ("discarded", 3)}
    assert [(job.job_key, job.outcome, job.attempts_made) for job in jobs] == [(job.job_key, *fate[job.label or ""]) for job in jobs]
    assert Counter((job.unit_key, a.number) for job in jobs for a in job.attempts) == Counter(effects(tmp_path / "effects"))
    assert all(attempt.run_ns is not None for job in jobs for attempt in job.attempts)
    report = migrate("report", file, address, "--out", str(tmp_path / "out"))
    assert report.returncode == 3, report.stderr
    assert all(job.wait_ns is not None and job.wait_ns >= 0 for job in jobs), "no job starts before it is there"
    summary = json.loads(next((tmp_path / "out").glob("*.json")).read_text())
    assert [arm["arm"] for arm in summary["arms"]] == ["celery", "rq"]


def hooked(folder: Path, stores: Servers, *, mix: str, count: int, deadline: float) -> Path:
    """An experiment over two systems whose workers have the hook."""
    arms = ""
    for system, variable, more in (
        ("dramatiq", "REDIS_URL", 'options = { completion = "hook" }'),
        ("procrastinate", "DATABASE_URL", ""),
    ):
        spec = python_worker(system, {"REDIS_URL": stores.redis, "DATABASE_URL": stores.postgres})
        fields = {"system": system, "queue": "tasks", "more": more, "command": json.dumps(list(spec.command)), "ready": spec.ready}
        arms += ARM.format(**fields, folder=folder, modules=spec.env["PYTHONPATH"]).replace("REDIS_URL", variable)
    file = folder / "python.toml"
    file.write_text((FILE.format(mix=mix, count=count, deadline=deadline) + arms).replace('current = "celery"', 'current = "dramatiq"'))
    return file


def test_what_only_workers_can_tell_is_in_the_ledger(tmp_path: Path) -> None:
    """Dramatiq deletes what it has done: its workers' hooks say what that was. Procrastinate's say how long it took."""
    with servers() as stores:
        file = hooked(tmp_path, stores, mix=MIX, count=36, deadline=30.0)
        done = migrate("run", file, stores.redis, DATABASE_URL=stores.postgres)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    jobs = read(file, 36)
    assert {job.arm for job in jobs} == {"dramatiq", "procrastinate"}
    fate = {"quick": ("completed", 1), "fails once": ("completed", 2), "poison": ("discarded", 3)}
    assert [(job.job_key, job.outcome, job.attempts_made) for job in jobs] == [(job.job_key, *fate[job.label or ""]) for job in jobs]
    assert Counter((job.unit_key, a.number) for job in jobs for a in job.attempts) == Counter(effects(tmp_path / "effects"))
    assert all(attempt.elapsed_ns is not None for job in jobs for attempt in job.attempts), "by the workers' own clocks"
    assert [job.job_key for job in jobs if job.duplicate_deliveries or job.duplicate_effects or job.terminal_ns is None] == []


def test_what_a_dead_worker_took_with_it_is_named(address: str, tmp_path: Path) -> None:
    """The worker of Celery dies with tasks that it has acknowledged: they are lost. RQ still has the job that its dead process had."""
    mix = '[[workload.mix]]\nname = "fine"\nweight = 9\n[[workload.mix]]\nname = "deadly"\npayload = { die = true, ms = 1500 }\n'
    file = write(tmp_path, address, mix=mix, count=30, deadline=4.0)
    done = migrate("run", file, address)
    assert done.returncode == 4, f"{done.stdout}\n{done.stderr}"
    jobs = read(file, 30)
    deadly = [job for job in jobs if job.label == "deadly"]
    assert {job.arm for job in deadly} == {"celery", "rq"}
    began = {job.job_key for job in deadly if job.arm == "celery" and job.attempts}
    lost = {job.job_key for job in jobs if job.outcome == "presumed_lost"}
    assert began
    assert began <= lost
    assert lost <= {job.job_key for job in jobs if job.arm == "celery"}
    assert all(job.outcome == "discarded" for job in deadly if job.arm == "rq"), "RQ's worker outlives the process of its job"
    assert all(key in done.stdout for key in began)


def test_interrupted_then_gone_on_with(address: str, tmp_path: Path) -> None:
    """No job is sent twice, none is lost. RQ's jobs are seen to their ends; of Celery's, what nobody listened to is told as a gap."""
    file = write(tmp_path, address, mix="", count=60, deadline=5.0)
    status, said = interrupted(file, {"REDIS_URL": address}, tmp_path / "effects")
    assert status == 130, said
    done = migrate("run", file, address)
    assert done.returncode == 4, f"{done.stdout}\n{done.stderr}"
    assert "arm celery: events are missing: nobody listened to events between" in done.stdout
    assert "arm rq:" not in done.stdout
    jobs = read(file, 60)
    # The processes of a Celery worker that is stopped are told to end with it: a task that one of them was at has failed.
    assert {job.outcome for job in jobs if job.arm == "rq"} == {"completed"}
    assert {job.outcome for job in jobs} <= {"completed", "discarded"}
    assert [job.job_key for job in jobs if job.completions > 1 or len(job.native_ids) != 1] == []
    assert sorted(number for number, _ in effects(tmp_path / "effects")) == sorted(job.unit_key for job in jobs)


def test_interrupted_over_systems_with_hooks_then_gone_on_with(tmp_path: Path) -> None:
    """No job is sent twice, none is lost, though what the workers did at the end is only told by their hooks."""
    with servers() as stores:
        file = hooked(tmp_path, stores, mix="", count=60, deadline=20.0)
        addresses = {"REDIS_URL": stores.redis, "DATABASE_URL": stores.postgres}
        done, out = interrupted(file, addresses, tmp_path / "effects")
        assert done == 130, out
        went_on = migrate("run", file, stores.redis, DATABASE_URL=stores.postgres)
        assert went_on.returncode == 0, f"{went_on.stdout}\n{went_on.stderr}"
    jobs = read(file, 60)
    assert {job.outcome for job in jobs} == {"completed"}
    assert [job.job_key for job in jobs if job.completions > 1 or len(job.native_ids) != 1] == []
    assert sorted(number for number, _ in effects(tmp_path / "effects")) == sorted(job.unit_key for job in jobs)


def interrupted(file: Path, addresses: dict[str, str], noted: Path) -> tuple[int, str]:
    """A run that is ended by Ctrl-C when a quarter of its jobs have run: its exit status, and all that it said."""
    process = subprocess.Popen(
        [*MIGRATE, "run", str(file)],
        env={**os.environ, **addresses},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + PATIENCE
    while len(effects(noted)) < 15 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return process.returncode, f"{out}\n{err}"
