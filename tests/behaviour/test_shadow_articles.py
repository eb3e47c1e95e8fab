"""The articles application's own experiment, shortened: three real workers of its own, 45 imports, from the run to the report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from migrator.servers import servers
from migrator.shadow.ledger import SqliteLedger
from tests.behaviour.shadow_run import MIGRATE
from tests.fixtures.articles import SOURCE, installed

pytestmark = pytest.mark.behaviour


def shadow(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MIGRATE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env={**os.environ, **(env or {})},
        cwd=SOURCE.parents[1],
    )


def test_articles_over_three_systems(tmp_path: Path) -> None:
    packages = installed() / "node_modules"
    folder = tmp_path / "articles"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules", ".migrator"), symlinks=True)
    (folder / "node_modules").symlink_to(packages)
    file = folder / "shadow.toml"
    text = file.read_text().replace("count = 300", "count = 45").replace("rate = 10.0", "rate = 15.0")
    assert "count = 45" in text
    file.write_text(text)
    with servers() as running:
        done = shadow("run", str(file), env={"DATABASE_URL": running.postgres, "REDIS_URL": running.redis, "LOG_LEVEL": "silent"})
        assert done.returncode == 0, done.stdout + done.stderr
        with psycopg.connect(running.postgres) as connection:
            imported = connection.execute("SELECT count(*) FROM articles").fetchone()
            left = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'migrator_shadow'").fetchone()
    ledger = folder / ".migrator" / "article-import.ledger"
    fates = {"quick": ("completed", 1), "slow": ("completed", 1), "fails once": ("completed", 2), "fails twice": ("completed", 3)}
    fates["poison"] = ("discarded", 3)
    with SqliteLedger.open(ledger) as opened:
        jobs = [job for arm in opened.arms() for job in opened.jobs(arm.arm)]
        assert all(opened.conservation(arm.arm).holds for arm in opened.arms())
        assert {job.arm for job in jobs} == {"job-table", "pg-boss", "bullmq"}
    assert len(jobs) == 45
    assert [(job.job_key, job.outcome, job.attempts_made) for job in jobs] == [(job.job_key, *fates[job.label or ""]) for job in jobs]
    assert imported == (Counter(job.outcome for job in jobs)["completed"],), "each import that completed is an article, and no other"
    assert left == (0,)

    report = shadow("report", str(file), "--out", str(tmp_path / "report"))
    assert report.returncode == 3, report.stdout + report.stderr
    summary = json.loads((tmp_path / "report" / "shadow.json").read_text())
    assert (sum(arm["classes"]["completed"] for arm in summary["arms"]),) == imported
    page = (tmp_path / "report" / "shadow.html").read_text()
    assert "job-table" in page
