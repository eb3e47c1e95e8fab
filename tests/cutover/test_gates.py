"""A migration that is finished meets the gates of machines; with one thing undone, the gate for it, and what hangs on it, says no."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from migrator.cutover.attestations import Attestation
from migrator.cutover.by_rules import by_rules
from migrator.cutover.catalogue.g20_ready import RULES
from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer
from migrator.cutover.registry import gates
from migrator.jobs.findings import Check, Finding
from migrator.jobs.live import Census, Live
from migrator.rules.registry import rules
from tests.cutover.migration import AFTER, BEFORE, EXPERIMENT, Looked, answers

DAY = date(2026, 3, 4)
#: gates that only look at code
BY_CODE = ("G01", "G03", "G06", "G07", "G08", "G10", "G16", "G17", "G21")
_BACK = {name: text for name, text in AFTER.items() if name != "clock.py"}

#: what was left undone -> the files at the end, the gate that says so, and words of its evidence
UNDONE = {
    "a job was forgotten": (
        {**AFTER, "mail.py": AFTER["mail.py"].split("# Tells")[0]},
        "G01",
        "mail.digest (was mail.py:11) is on neither system",
    ),
    "a job stayed": (
        {**AFTER, "old.py": "from celery import Celery\napp = Celery()\n@app.task(name='mail.digest')\ndef digest(): ...\n"},
        "G01",
        "mail.digest (was mail.py:11) has moved, and is still on the old system as well",
    ),
    "fewer attempts": (
        {**AFTER, "mail.py": AFTER["mail.py"].replace("max_retries=3", "max_retries=1")},
        "G03",
        "mail.send_mail: 4 attempts before, 2 attempts now",
    ),
    "more errors are tried again": (
        {**AFTER, "mail.py": AFTER["mail.py"].replace("max_retries=0", "max_retries=5")},
        "G03",
        "mail.digest: was run again only where it asked for it, now after every error, 6 attempts",
    ),
    "a second system": (
        {**AFTER, "rq_jobs.py": "from rq import Queue\nfrom redis import Redis\nQueue(connection=Redis()).enqueue('x.y')\n"},
        "G06",
        "rq: ",
    ),
    "a package in the manifest": ({**AFTER, "requirements.txt": "celery\ndramatiq\n"}, "G07", "requirements.txt:1: celery"),
    "a package in the lockfile": ({**AFTER, "uv.lock": '[[package]]\nname = "celery"\n'}, "G07", 'uv.lock:2: name = "celery"'),
    "a worker's command line": (
        {**AFTER, "Procfile": "worker: celery -A mail worker\n"},
        "G08",
        "Procfile:1: worker celery -A mail worker",
    ),
    "a document": ({**AFTER, "docs/jobs.md": "Start\nthe celery worker.\n"}, "G10", "docs/jobs.md:2: the celery worker."),
    "no schedule": (_BACK, "G16", "digest (was mail.py:5) is on no schedule now"),
    "another hour": (
        {**AFTER, "clock.py": AFTER["clock.py"].replace("hour=7", "hour=8")},
        "G16",
        "digest ran at 2026-02-15 06:30 UTC, now at 2026-02-15 07:30 UTC",
    ),
    "another time zone": (
        {**AFTER, "clock.py": AFTER["clock.py"].replace("Europe/Berlin", "Europe/London")},
        "G16",
        "digest ran at 2026-02-15 06:30 UTC, now at 2026-02-15 07:30 UTC",
    ),
    "an argument": (
        {**AFTER, "mail.py": AFTER["mail.py"].replace(', subject="News"', "")},
        "G17",
        "mail.send_mail is no longer handed subject",
    ),
}


def test_a_finished_migration_meets_every_gate_that_code_answers(tmp_path: Path) -> None:
    found = answers(tmp_path)
    assert {gate: found[gate] for gate in BY_CODE if found[gate].state != "met"} == {}
    assert all(found[gate].evidence for gate in BY_CODE)


@pytest.mark.parametrize("name", UNDONE)
def test_what_is_left_undone_is_said(tmp_path: Path, name: str) -> None:
    after, gate, words = UNDONE[name]
    found = answers(tmp_path, after)[gate]
    assert found.state == "unmet"
    assert words in "\n".join(found.evidence)


def test_before_anything_was_done_nothing_has_moved(tmp_path: Path) -> None:
    found = answers(tmp_path, BEFORE)
    assert {g for g in BY_CODE if found[g].state == "unmet"} == {"G01", "G06", "G07", "G08", "G10", "G16"}
    assert found["G03"].state == "not-applicable"


def test_a_job_is_dropped_or_renamed_by_somebodys_word(tmp_path: Path) -> None:
    after = {"mail.py": AFTER["mail.py"].split("# Tells")[0].replace("mail.send_mail", "post").replace("def send_mail", "def post")}
    said = (
        Attestation("G01", "Ada", DAY, "nobody reads it", job="mail.digest"),
        Attestation("G01", "Ada", DAY, "a better name", job="mail.send_mail", becomes="post"),
    )
    found = answers(tmp_path, after, said=said)["G01"]
    assert found.state == "met"
    assert found.evidence == (
        "mail.send_mail is mail.py:4 (Ada, 2026-03-04: a better name)",
        "mail.digest was dropped: Ada, 2026-03-04: nobody reads it",
    )


def test_a_job_that_is_said_to_have_another_name_must_have_it(tmp_path: Path) -> None:
    said = (Attestation("G01", "Ada", DAY, "a better name", job="mail.digest", becomes="news"),)
    assert answers(tmp_path, said=said)["G01"].state == "unmet"


def test_an_attestation_answers_what_is_open_and_never_undoes_a_no(tmp_path: Path) -> None:
    said = (
        Attestation("G13", "Ada", DAY, "run 7"),
        Attestation("G03", "Ada", DAY, "fine by me"),
        Attestation("G07", "Ada", DAY, "it is gone"),
    )
    found = answers(
        tmp_path,
        {**AFTER, "mail.py": AFTER["mail.py"].replace("max_retries=3", "max_retries=1"), "requirements.txt": "celery\n"},
        said=said,
    )
    assert found["G13"].state == "attested"
    assert found["G13"].evidence[0] == "Ada, 2026-03-04: run 7"
    assert (found["G03"].state, found["G07"].state) == ("unmet", "unmet")


@pytest.mark.parametrize(
    ("change", "parity", "seen"),
    [
        ({}, "met", "met"),
        ({"answer": "inferior"}, "unmet", "met"),
        ({"answer": "invalid"}, "unmet", "met"),
        ({"answer": "inconclusive"}, "open", "met"),
        ({"job_names": ["mail.digest"]}, "met", "open"),
        ({"arms": [EXPERIMENT["arms"][0]]}, "open", "open"),
        ({"arms": [{**EXPERIMENT["arms"][1], "holds": False}]}, "unmet", "met"),
        ({"arms": [{**EXPERIMENT["arms"][1], "classes": {"completed": 1, "presumed_lost": 1}}]}, "unmet", "met"),
        ({"arms": [{**EXPERIMENT["arms"][1], "classes": {"completed": 0, "presumed_lost": 0}}]}, "met", "open"),
    ],
)
def test_an_experiment_answers_for_parity_and_for_the_jobs_that_it_saw(
    tmp_path: Path, change: dict[str, object], parity: str, seen: str
) -> None:
    found = answers(tmp_path, experiments={"report.json": {**EXPERIMENT, **change}})
    assert (found["G15"].state, found["G09"].state) == (parity, seen)


def census(**counts: int | None) -> Live:
    """A look at a Redis with one queue of Celery."""
    empty = dict.fromkeys(("due", "delayed", "active", "blocked", "failed", "oldest_seconds", "workers"), 0)
    queue = Census("redis://here#celery", "celery", "celery", **{**empty, **counts})  # pyright: ignore[reportArgumentType]
    return Live({"redis://here": "Redis 7"}, None, (queue,))


@pytest.mark.parametrize(
    ("live", "state", "words"),
    [
        (None, "open", ""),
        (Live({"redis://here": "Redis 7"}, None, ()), "open", "redis://here has no queue of Celery that can be seen"),
        (census(), "met", "`celery` is empty"),
        (census(failed=3), "met", "`celery` is empty"),
        (census(due=2, delayed=1), "unmet", "holds 2 due, 1 delayed"),
        (census(active=1), "unmet", "holds 1 running"),
        (census(delayed=None), "open", "cannot be told"),
    ],
)
def test_the_old_queues_are_counted_where_servers_are_given(tmp_path: Path, live: Live | None, state: str, words: str) -> None:
    found = answers(tmp_path, looked=Looked(live))["G12"]
    assert found.state == state
    assert words in "\n".join(found.evidence)


def test_every_rule_that_a_gate_rests_on_is_there() -> None:
    known = {rule.id for rule in rules()}
    assert set(RULES) <= known
    assert {word.strip(".,;") for gate in gates() for word in gate.how.split() if word.startswith("JOB")} <= known


def test_a_rule_that_is_broken_on_the_old_system_alone_may_still_be_undecided_on_the_new() -> None:
    old = Finding("JOB101", "x", "high", "certain", "a.py", 1, "Wrong.", systems=("celery",))

    def said(reason: str) -> Answer:
        inventory = SimpleNamespace(checks=(Check("JOB101", "x", "fail", reason),))
        seen = SimpleNamespace(findings=lambda _: [old], lock=SimpleNamespace(target="dramatiq"), inventory=inventory)
        return by_rules(cast("Evidence", seen), ["JOB101"])

    assert said("").state == "met"
    assert said("it depends").state == "open"
    assert "JOB101 x: it depends" in said("it depends").evidence


def test_more_severe_findings_than_at_the_start_are_a_step_back(tmp_path: Path) -> None:
    swallows = "    try:\n        deliver(address, subject)\n    except Exception:\n        pass\n"
    worse = {**AFTER, "mail.py": AFTER["mail.py"].replace("    deliver(address, subject)\n", swallows)}
    found = answers(tmp_path, worse)["G25"]
    assert found.state == "unmet"
    assert any("JOB105" in line and line.endswith("(0 before)") for line in found.evidence)


def test_gates_are_numbered_without_a_gap() -> None:
    assert [gate.id for gate in gates()] == [f"G{number:02}" for number in range(1, 26)]


#: a job by its queue, before and after; what the place that starts it hands over stands for DATA
_QUEUE = {
    "jobs.ts": """\
import { Queue, Worker } from "bullmq";
const mails = new Queue("mails");
export const welcome = (address: string, extra: object) => mails.add("welcome", DATA);
new Worker("mails", async (job) => deliver(job.data));
"""
}
_BOSS = {
    "jobs.ts": """\
import PgBoss from "pg-boss";
const boss = new PgBoss("postgres://db");
export const welcome = (address: string, extra: object) => boss.send("mails", DATA);
await boss.work("mails", async ([job]) => deliver(job.data));
"""
}


@pytest.mark.parametrize(
    ("before", "after", "state", "words"),
    [
        ("{ address, locale: 'de' }", "{ address, locale: 'en' }", "met", "mails: address, locale"),
        ("{ address, locale: 'de' }", "{ address }", "unmet", "mails is no longer handed locale"),
        (
            "{ address, locale: 'de' }",
            "{ address, ...extra }",
            "open",
            "mails: jobs.ts:3 does not spell out what it hands over; no other place hands over address, locale",
        ),
        ("{ ...extra }", "{ address }", "open", "mails: 1 of 1 places did not spell out what they handed over"),
    ],
)
def test_what_a_queue_hands_over_is_told_by_its_fields(tmp_path: Path, before: str, after: str, state: str, words: str) -> None:
    files = [{name: text.replace("DATA", data) for name, text in code.items()} for code, data in ((_QUEUE, before), (_BOSS, after))]
    found = answers(tmp_path, files[1], before=files[0], source="bullmq", target="pg-boss")["G17"]
    assert (found.state, words in "\n".join(found.evidence)) == (state, True)


@pytest.mark.parametrize(
    ("call", "state", "words"),
    [
        ('send_mail.send(user, "News")', "met", "mail.send_mail: address, subject"),
        ("send_mail.send(user)", "unmet", "mail.send_mail is no longer handed subject"),
        ("send_mail.send(*user)", "open", "does not spell out what it hands over"),
    ],
)
def test_an_argument_by_place_has_the_name_of_its_parameter(tmp_path: Path, call: str, state: str, words: str) -> None:
    after = {**AFTER, "mail.py": AFTER["mail.py"].replace('send_mail.send(address=user, subject="News")', call)}
    found = answers(tmp_path, after)["G17"]
    assert (found.state, words in "\n".join(found.evidence)) == (state, True)


def test_what_a_look_could_not_read_may_hold_jobs(tmp_path: Path) -> None:
    unread = Check("LIV20", "queue-census", "unknown", "redis://there does not answer")
    found = answers(tmp_path, looked=Looked(census(), checks=(unread,)))["G12"]
    assert found.state == "open"
    assert "redis://there does not answer" in "\n".join(found.evidence)


def test_what_servers_are_found_with_is_no_step_back_of_the_code(tmp_path: Path) -> None:
    full = Finding("LIV01", "memory-nearly-full", "critical", "certain", "redis://here", 1, "93 % of the memory is used")
    assert answers(tmp_path, looked=Looked(findings=(full,)))["G25"].state == "met"


#: two jobs of one name in two modules, before and after
_TWO = {
    "sales.py": "from celery import shared_task\n\n@shared_task\ndef remind(who): ...\n",
    "bills.py": "from celery import shared_task\n\n@shared_task\ndef remind(who): ...\n",
}


def test_one_job_of_now_is_not_two_jobs_of_before(tmp_path: Path) -> None:
    after = {"post.py": "import dramatiq\n\n@dramatiq.actor\ndef remind(who): ...\n"}
    found = answers(tmp_path, after, before=_TWO)["G01"]
    assert found.state == "unmet"
    assert sum("is on neither system" in line for line in found.evidence) == 2
    after["sales.py"] = after.pop("post.py")
    (tmp_path / "again").mkdir()
    found = answers(tmp_path / "again", after, before=_TWO)["G01"]
    assert [line.split(" is on neither")[0] for line in found.evidence if "is on neither" in line] == ["bills.remind (was bills.py:3)"]


_CLOCK = """\
from apscheduler.schedulers.blocking import BlockingScheduler
from mail import digest
scheduler = BlockingScheduler(timezone="Europe/Berlin")
scheduler.add_job(digest.send, WHEN)
scheduler.start()
"""


@pytest.mark.parametrize(
    ("was", "now", "state", "words"),
    [
        ("60.0", '"interval", minutes=1', "met", "digest: every 60 s"),
        ("60.0", '"interval", minutes=2', "unmet", "digest: every 60 s before, and clock.py:4 says something else"),
        ("60.0", '"interval", seconds=SECONDS', "open", "the code does not tell when it started"),
        ("60.0", '"cron", minute="*"', "open", "of a cron and an interval one is before and one is now"),
        ("EVERY", '"interval", minutes=1', "open", "the code does not tell when it started"),
        (
            "crontab(hour=7, minute=30)",
            '"cron", hour=7, minute=30)\nscheduler.add_job(digest.send, "cron", hour=19, minute=30',
            "unmet",
            "clock.py:5: starts mail.digest as well, and the lock has no such schedule",
        ),
    ],
)
def test_a_schedule_is_kept_if_it_starts_at_the_same_moments_and_no_others(
    tmp_path: Path, was: str, now: str, state: str, words: str
) -> None:
    before = {**BEFORE, "mail.py": BEFORE["mail.py"].replace("crontab(hour=7, minute=30)", was)}
    found = answers(tmp_path, {**AFTER, "clock.py": _CLOCK.replace("WHEN", now)}, before=before)["G16"]
    assert (found.state, words in "\n".join(found.evidence)) == (state, True), found.evidence


def test_a_job_is_told_of_by_its_name_not_by_a_word_that_holds_it(tmp_path: Path) -> None:
    bare = AFTER["mail.py"].replace("# Sends one mail.\n", "").replace("mail.send_mail", "send")
    documents = [{"README.md": text} for text in ("Jobs are sent and resend-able.\n", "`send` writes to one person.\n")]
    found = [answers(_made(tmp_path / str(n)), {**AFTER, "mail.py": bare, **text})["G21"].state for n, text in enumerate(documents)]
    assert found == ["open", "met"]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
