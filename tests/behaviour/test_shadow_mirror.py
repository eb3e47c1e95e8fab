"""Mode `mirror` on an application's own traffic: RQ does the work, Celery gets copies, and does none of it."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from migrator.servers import redis
from migrator.shadow.config.experiment import Worker
from migrator.shadow.ledger import JobHistory, SqliteLedger
from migrator.shadow.run.workers import RunningWorker, stop_all
from tests.behaviour.live_traffic import Shop
from tests.behaviour.shadow_stage import WORKER, effects, python_worker

pytestmark = pytest.mark.behaviour
FILE = """\
[experiment]
name = "shop"
current = "rq"
mode = "mirror"
unit = "n"

[[job]]
name = "mail"
max_attempts = 3
retry_delay = 1.0
deadline = 30.0
[[job]]
name = "report"
max_attempts = 1
[[job]]
name = "invoice"
max_attempts = 1

[mirror]
{mirror}
[mirror.jobs.report]
level = "dry_run"
[mirror.jobs.invoice]
level = "full"
idempotent = true

[arms.rq]
system = "rq"
connection = "REDIS_URL"
queue = "tasks"
job_name = "rq_jobs.task"

[arms.celery]
system = "celery"
connection = "REDIS_URL"
queue = "copies"

[criteria]
minimum_days = 0

[timeouts]
enqueue = 20.0
"""


class Mirrored(Shop):
    def __init__(self, folder: Path, address: str, *, mirror: str = "") -> None:
        super().__init__(folder, address)
        self.file.write_text(FILE.format(mirror=mirror).replace('job_name = "rq_jobs.task"', _NAMES))

    @contextmanager
    def both(self) -> Generator[None]:
        paths = os.pathsep.join((str(WORKER.parent), str(Path(__file__).parents[2])))
        env = {"REDIS_URL": self.address, "EXPERIMENT": str(self.file), "PYTHONPATH": paths}
        current = python_worker("rq", {**env, "EFFECTS": str(self.folder / "effects")})
        command = (sys.executable, "-m", "celery", "-A", "mirrored_jobs", "worker", "-Q", "copies", "-c", "4", "-l", "INFO", "-E")
        candidate = Worker(command=command, ready=" ready.", env={**env, "EFFECTS": str(self.folder / "copied")})
        made = [
            RunningWorker(name, spec, folder=self.folder, log=self.folder / f"{name}.log", environ=os.environ, grace=2)
            for name, spec in (("rq", current), ("celery", candidate))
        ]
        try:
            for worker in made:
                worker.wait_ready()
            yield
        finally:
            stop_all(made)

    def wait_for_copies(self, count: int) -> None:
        """Until every job has ended, and so many copies."""

        def over(ledger: SqliteLedger) -> bool:
            jobs = [job for job in ledger.jobs("celery") if job.assigned_ns is not None]
            return len(jobs) == count and all(job.outcome in ("completed", "discarded") for job in jobs)

        self.wait_for(over)

    def of(self, arm: str, job: str) -> dict[str, JobHistory]:
        with SqliteLedger.open(self.ledger_path) as ledger:
            return {history.job_key: history for history in ledger.jobs(arm) if history.job_name == job}

    def copied(self) -> list[dict[str, Any]]:
        path = self.folder / "copied"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


_NAMES = 'job_names = { mail = "rq_jobs.task", report = "rq_jobs.task", invoice = "rq_jobs.task" }'


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    with redis() as url:
        yield url


@pytest.fixture
def address(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    import redis as client

    with client.Redis.from_url(server) as connection:
        connection.flushall()
    monkeypatch.setenv("REDIS_URL", server)
    return server


def test_copies_replay_what_was_seen_and_do_nothing(address: str, tmp_path: Path) -> None:
    shop = Mirrored(tmp_path, address)
    try:
        with shop.both():
            run = shop.start("--for", "1h")
            with shop.dispatcher() as shadow:
                for n in range(12):
                    how: dict[str, Any] = {"fail": 1} if n < 4 else {"poison": True} if n < 6 else {}
                    shadow.send("mail", {"n": f"m{n}", "ms": 150, **how})
                for n in range(6):
                    shadow.send("report", {"n": f"r{n}", "ms": 2, "leak": n < 2})
                for n in range(3):
                    shadow.send("invoice", {"n": f"i{n}", "ms": 2})
            shop.wait_for_copies(21)
            said = shop.stop(run)
    finally:
        shop.end()
    assert "Traceback" not in said, said
    mine, copies = shop.of("rq", "mail"), shop.of("celery", "mail")
    assert mine.keys() == copies.keys()
    took: list[int] = []
    for key, job in mine.items():
        copy = copies[key]
        assert (copy.role, copy.outcome, copy.attempts_made) == ("shadow", job.outcome, job.attempts_made)
        for ours, theirs in zip(copy.attempts, job.attempts, strict=True):
            assert ours.run_ns is not None
            assert theirs.run_ns is not None
            took.append(ours.run_ns)
            assert theirs.run_ns >= 150_000_000
    # Celery says that a task began when its parent process hears of it, which on a busy machine is later now and then.
    assert median(took) >= 75_000_000, "a copy takes its time"
    assert Counter(job.outcome for job in mine.values()) == {"completed": 10, "discarded": 2}
    done = shop.copied()
    assert not [entry for entry in done if entry["job"] == "mail"], "no body ran for a replay"
    assert sorted((entry["n"], entry["shadow"]) for entry in done if entry["job"] == "report") == [(f"r{n}", True) for n in range(6)]
    assert sorted(entry["n"] for entry in done if entry["job"] == "invoice") == ["i0", "i1", "i2"]
    reports = shop.of("celery", "report")
    assert Counter(job.suppressed for job in reports.values()) == {"denied: connect 127.0.0.1:9": 2, None: 4}
    assert len(effects(tmp_path / "effects")) == 10 + 4 + 2 * 3 + 9, "the current arm did everything, as often as ever"
    assert all(books.holds for books in shop.books().values())
    report = json.loads(shop.asked("report", str(shop.file), "--format", "json", expect=3))
    split = next(check for check in report["checks"] if check["name"] == "split")
    assert split["state"] == "ok"
    assert "celery has copies of 19 of 21 jobs (2 suppressed: 2 × denied: connect 127.0.0.1:9)" in split["finding"]


def test_budgets_hold_and_what_is_not_sent_is_counted(address: str, tmp_path: Path) -> None:
    shop = Mirrored(tmp_path, address, mirror="max_share = 0.5\nper_second = 2\n")
    try:
        with shop.both():
            run = shop.start("--for", "1h")
            began = time.monotonic()
            with shop.dispatcher() as shadow:
                for n in range(60):
                    shadow.send("invoice", {"n": f"i{n}", "ms": 1})

            def told(ledger: SqliteLedger) -> bool:
                return len(list(ledger.jobs("celery"))) == 60 and all(
                    j.outcome == "completed" for j in ledger.jobs("celery") if j.assigned_ns is not None
                )

            shop.wait_for(told)
            took = time.monotonic() - began
            shop.stop(run)
    finally:
        shop.end()
    copies = shop.of("celery", "invoice")
    sent = [job for job in copies.values() if job.assigned_ns is not None]
    reasons = Counter((job.suppressed or "").partition(" ")[0] for job in copies.values() if job.assigned_ns is None)
    assert len(sent) + sum(reasons.values()) == 60
    assert set(reasons) == {"not", "more"}, "by the share, and by the rate"
    assert 2 <= len(sent) <= 2 + 2 * took
    assert len(shop.copied()) == len(sent)
    books = shop.books()["celery"]
    assert books.holds
    assert books.assigned == len(sent), "a copy that was not sent is no job of the arm"
