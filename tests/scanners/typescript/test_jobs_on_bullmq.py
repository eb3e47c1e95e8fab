"""What `migrate codemod` leaves when it moves Inngest's functions to BullMQ is read as the jobs that they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migrator.cli import app
from migrator.jobs import Client, Enqueue, Inventory, Job, Literal, Schedule, Worker
from migrator.scanners import scan

ARTICLES = Path(__file__).parents[3] / "fixtures" / "articles"


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Inventory, Inventory]:
    """The example application before the rewrite and after it."""
    folder = tmp_path_factory.mktemp("moved") / "articles"
    shutil.copytree(ARTICLES, folder, ignore=shutil.ignore_patterns("node_modules"))
    before = scan(folder)
    done = CliRunner().invoke(app, ["codemod", str(folder), "--from", "inngest", "--to", "bullmq", "--unsafe", "--write", "--no-diff"])
    assert done.exit_code == 1, done.output
    return before, scan(folder)


def test_no_job_is_lost_to_the_audit_by_the_rewrite(audits: tuple[Inventory, Inventory]) -> None:
    before, after = audits
    moved = {j.name: j for j in after.of(Job, "bullmq") if j.form == "define"}
    stayed = {j.name for j in after.of(Job, "inngest")}
    assert moved.keys() | stayed == {j.name for j in before.of(Job, "inngest")}
    assert not moved.keys() & stayed
    assert len(moved) == 10
    assert all(job.live for job in moved.values())


def test_jobs_are_tried_as_often_and_start_on_the_same_events(audits: tuple[Inventory, Inventory]) -> None:
    before, after = audits
    was = {j.name: j for j in before.of(Job, "inngest")}
    for job in after.of(Job, "bullmq"):
        if job.form == "define":
            old = was[job.name]
            assert job.retry is not None
            assert old.retry is not None
            assert (job.retry.max_attempts, job.retry.backoff) == (old.retry.max_attempts, old.retry.backoff)
            assert [(t.kind, t.value, t.condition, t.timezone) for t in job.triggers] == [
                (t.kind, t.value, t.condition, t.timezone) for t in old.triggers
            ]
            assert [(s.kind, s.id) for s in job.steps] == [(s.kind, s.id) for s in old.steps]


def test_schedules_enqueues_and_workers_are_there(audits: tuple[Inventory, Inventory]) -> None:
    before, after = audits

    def crons(inventory: Inventory) -> set[object]:
        return {(s.name, s.cron, s.timezone) for s in inventory.of(Schedule) if s.system in ("inngest", "bullmq")}

    assert crons(after) == crons(before)
    sent = {e.name for e in after.of(Enqueue) if e.system in ("inngest", "bullmq")}
    assert sent >= {e.name for e in before.of(Enqueue, "inngest")}
    assert {c.name for c in after.of(Client, "bullmq")} >= {"mailer", "marginalia"}
    taken = {queue for w in after.of(Worker, "bullmq") if w.name == "startWorkers" for queue in w.queues}
    assert taken == {j.queue.value for j in after.of(Job, "bullmq") if j.form == "define" and isinstance(j.queue, Literal)}
    assert len(taken) == 10


def test_the_library_itself_is_no_job(audits: tuple[Inventory, Inventory]) -> None:
    library = {f"{folder}/{name}.ts" for folder in ("src/bullmq", "packages/legacy-mailer/src/jobs") for name in ("run", "jobs")}
    assert not {i.location.path for i in audits[1].items} & library


def test_a_function_of_that_name_that_others_wrote_is_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "jobs.ts").write_text('import { Queue } from "bullmq";\nexport function createJobs() { return { define: (o, h) => h }; }\n')
    call = 'createJobs({ id: "a" }).define({ id: "b", attempts: 1 }, async () => {});'
    (tmp_path / "app.ts").write_text('import { createJobs } from "./jobs";\n' + call)
    assert not scan(tmp_path).of(Job)
