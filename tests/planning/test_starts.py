"""Who starts what, of applications that the scanner has read."""

from __future__ import annotations

from pathlib import Path

from migrator.planning.starts import Starts, starts
from migrator.scanners import scan

CELERY = {
    "app/tasks.py": """from celery import Celery, chain
app = Celery()
app.conf.beat_schedule = {"nightly": {"task": "app.tasks.report", "schedule": 60}}

@app.task
def report():
    mail.delay()

@app.task
def mail():
    pass

@app.task
def forgotten():
    pass
""",
    "app/views.py": """from celery import chain
from app.tasks import app, mail, report

def post(request):
    chain(mail.si(), report.si())()

mail.delay()
app.send_task("elsewhere.job")
""",
}
INNGEST = {
    "jobs.ts": """import { Inngest } from "inngest";
const inngest = new Inngest({ id: "app" });
export const a = inngest.createFunction({ id: "a" }, { event: "user/made" }, async ({ step }) => {
  await step.sendEvent("on", { name: "user/greeted" });
});
export const b = inngest.createFunction({ id: "b" }, { event: "user/made" }, async () => {});
export const c = inngest.createFunction({ id: "c" }, { event: "user/greeted" }, async () => {});
export const hello = () => inngest.send({ name: "user/made" });
""",
}
BULLMQ = {
    "jobs.ts": """import { Queue, Worker } from "bullmq";
const mails = new Queue("mail");
new Worker("mail", async () => {});
export function welcome() { mails.add("hello", {}); }
mails.upsertJobScheduler("nightly", { pattern: "0 3 * * *" }, { name: "digest" });
""",
}


def picture(folder: Path, files: dict[str, str]) -> Starts:
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    return starts(scan(folder))


def arrows(found: Starts) -> set[tuple[str, str, str, str]]:
    return {(found.nodes[a].kind, found.nodes[a].label, found.nodes[b].kind, found.nodes[b].label) for a, b in found.edges}


def test_functions_jobs_and_schedules_start_jobs(tmp_path: Path) -> None:
    found = picture(tmp_path, CELERY)
    assert arrows(found) == {
        ("schedule", "nightly", "job", "app.tasks.report"),
        ("job", "app.tasks.report", "job", "app.tasks.mail"),
        ("code", "post()", "job", "app.tasks.mail"),
        ("code", "post()", "job", "app.tasks.report"),
        ("code", "views.py:7", "job", "app.tasks.mail"),
        ("code", "views.py:8", "missing", "elsewhere.job"),
    }
    assert [node.label for node in found.alone()] == ["app.tasks.forgotten"]
    assert [len(part) for part in found.parts()] == [5, 2]


def test_an_event_starts_every_function_that_waits_for_it(tmp_path: Path) -> None:
    assert arrows(picture(tmp_path, INNGEST)) == {
        ("code", "hello()", "job", "a"),
        ("code", "hello()", "job", "b"),
        ("job", "a", "job", "c"),
    }


def test_a_worker_takes_every_job_of_its_queue(tmp_path: Path) -> None:
    assert arrows(picture(tmp_path, BULLMQ)) == {("code", "welcome()", "job", "mail"), ("schedule", "nightly", "job", "mail")}


def test_nothing_to_draw(tmp_path: Path) -> None:
    found = picture(tmp_path, {})
    assert (found.parts(), found.alone()) == ([], [])
