"""A small application on Celery, and the same on Dramatiq, to begin and to end a migration with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from migrator.cutover.attestations import Attestation, Attestations
from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer
from migrator.cutover.lock import Lock, freeze
from migrator.cutover.verify import verify
from migrator.jobs.findings import Check, Finding
from migrator.jobs.live import Live
from migrator.planning.application import Application
from migrator.rules import check
from migrator.rules import evidence as code
from migrator.rules.selection import ALL
from migrator.scanners import scan

BEFORE = {
    "mail.py": """\
from celery import Celery
from celery.schedules import crontab
app = Celery("shop", broker="redis://localhost")
app.conf.timezone = "Europe/Berlin"
app.conf.beat_schedule = {"digest": {"task": "mail.digest", "schedule": crontab(hour=7, minute=30)}}

@app.task(autoretry_for=(OSError,), max_retries=3, retry_backoff=True)
def send_mail(address, subject):
    deliver(address, subject)

@app.task
def digest():
    for user in users():
        send_mail.delay(address=user, subject="News")
""",
    "requirements.txt": "celery==5.5.0\n",
    "README.md": "Jobs run on Celery.\n",
}
AFTER = {
    "mail.py": """\
import dramatiq

# Sends one mail.
@dramatiq.actor(actor_name="mail.send_mail", max_retries=3, retry_when=is_os_error)
def send_mail(address, subject):
    deliver(address, subject)

# Tells every user the news.
@dramatiq.actor(actor_name="mail.digest", max_retries=0)
def digest():
    for user in users():
        send_mail.send(address=user, subject="News")
""",
    "clock.py": """\
from apscheduler.schedulers.blocking import BlockingScheduler
from mail import digest
scheduler = BlockingScheduler(timezone="Europe/Berlin")
scheduler.add_job(digest.send, "cron", hour=7, minute=30, id="digest")
scheduler.start()
""",
    "requirements.txt": "dramatiq==2.2.1\napscheduler==3.11.0\n",
    "README.md": "Jobs run on Dramatiq.\n",
}
#: a report of an experiment, as much of it as gates look at
EXPERIMENT: dict[str, Any] = {
    "schema": "migrator.experiment/1",
    "answer": "not-inferior",
    "headline": "dramatiq: not inferior",
    "job_names": ["mail.send_mail", "mail.digest"],
    "arms": [
        {"system": "celery", "title": "Celery", "classes": {"completed": 9, "presumed_lost": 0}, "holds": True, "conservation": "9 = 9"},
        {
            "system": "dramatiq",
            "title": "Dramatiq",
            "classes": {"completed": 9, "presumed_lost": 0},
            "holds": True,
            "conservation": "9 = 9",
        },
    ],
}


@dataclass(frozen=True)
class Looked:
    """What a look at servers found."""

    live: Live | None = None
    findings: tuple[Finding, ...] = ()
    checks: tuple[Check, ...] = ()


def audit(folder: Path, files: Mapping[str, str], looked: Looked = Looked()) -> Application:
    """Write the files and read them with every rule; `looked`: what servers had to say."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    inventory = scan(folder)
    checked = check(inventory, folder, select=[ALL])
    findings, checks = (*checked.findings, *looked.findings), (*checked.checks, *looked.checks)
    return Application(code.Evidence(replace(inventory, findings=findings, checks=checks, live=looked.live), folder))


def begin(folder: Path, files: Mapping[str, str] = BEFORE, source: str = "celery", target: str = "dramatiq") -> Lock:
    """The lock of a migration that begins with these files."""
    folder.mkdir()
    return freeze(audit(folder, files), source, target, "4f2c1aa")


def answers(
    tmp_path: Path,
    after: Mapping[str, str] = AFTER,
    *,
    before: Mapping[str, str] = BEFORE,
    said: tuple[Attestation, ...] = (),
    experiments: Mapping[str, dict[str, Any]] | None = None,
    looked: Looked = Looked(),
    source: str = "celery",
    target: str = "dramatiq",
) -> dict[str, Answer]:
    """The gates of a migration from `before` to `after`, by id."""
    lock = begin(tmp_path / "before", before, source, target)
    now = tmp_path / "after"
    now.mkdir()
    evidence = Evidence(audit(now, after, looked), lock, Attestations(attestations=said), experiments or {})
    return {result.id: result.answer for result in verify(evidence)}
