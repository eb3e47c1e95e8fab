"""The notifier before and after: the same jobs, with failures, delays and copies, leave the same log of effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from migrator.servers import redis as redis_server
from tests.behaviour.notifier_stage import Stage, copy_of, line, procfile, rewrite_in_place

pytestmark = pytest.mark.behaviour

WELCOME = "Welcome to The Shop!"
#: jobs as a person at a shell would send them
JOBS = (
    "welcome 17 --fail 1",
    "welcome 18 --fail 9",
    "welcome 19 --reject",
    "welcome 21 --key twin",
    "welcome 21 --key twin",
    "digest 17",
    "digest 18 --channel sms",
    "invoice 17",
    "invoice 18 --fail 1",
    "remind 17 --seconds 2",
    "announce 30",
    "hook order.paid --key once --fail 1",
    "hook order.paid --key never --fail 9",
    "report monthly",
    "flush",
    "flush --now",
)
#: sms of a failed welcome are retried at 1 and 2 s, so that the third attempt is the last
PAYLOAD = {"event": "order.paid", "order": "A-1"}
URLS = ("https://erp.example/hooks", "https://stats.example/in")


def mail(user: int, key: str, attempt: int = 1, subject: str = WELCOME) -> str:
    return line("mail", key, attempt, to=f"user{user}@mail.example", subject=subject)


def sms(user: int, key: str, attempt: int) -> str:
    return line("sms", key, attempt, to=f"+49150{user:07d}", text=WELCOME, pause=0.0)


def digest(user: int, locale: str) -> list[str]:
    items = [f"item-{user}-{n}" for n in range(3)]
    return [line("digest-collect", user, items=3), line("digest-render", "weekly", items=items, locale=locale)]


def expected() -> Counter[str]:
    """What the jobs must come to, on either system. Written by hand from the payloads, not taken from a run."""
    found = [
        # 17: the first attempt of mail and sms fails, the second works
        line("mail-busy", 17, 1),
        mail(17, "17", 2),
        sms(17, "17", 2),
        # 18 has no sms; its mail is tried four times in all
        *(line("mail-busy", 18, n) for n in (1, 2, 3, 4)),
        # 19: a rejection is final, on both channels
        line("mail-rejected", 19, 1),
        line("sms-rejected", 19, 1),
        # the same job twice is done twice
        mail(21, "twin", 1),
        mail(21, "twin", 2),
        sms(21, "twin", 1),
        sms(21, "twin", 2),
        *(line("audit", "welcome", 1, user=user) for user in (17, 18, 19, 21, 21)),
        # a digest that arrives, and one whose third step fails: the fourth is not run
        *digest(17, "en"),
        line("digest-deliver", 17, channel="mail", body="weekly/en: item-17-0, item-17-1, item-17-2"),
        line("digest-sent", 17),
        *digest(18, "de"),
        line("digest-undeliverable", 18, channel="sms"),
        # types survive the queue; a mail that is sent within the job is not tried again
        *(line("invoice", f"invoice-{u}", to=u, total="19.90", due="05.04.2031", types=["Decimal", "date"]) for u in (17, 18)),
        mail(17, "invoice-17", 1, "Your order A-1: 19.90"),
        line("mail-busy", "invoice-18", 1),
        line("audit", "reminded", 1, actor="17"),
        line("crm", 30),
        # webhooks: one failure each, then success; or three attempts in all
        *(line("webhook-failed", f"once.{n}", 1) for n in (0, 1)),
        *(line("webhook", f"once.{n}", 2, url=URLS[n], payload=PAYLOAD) for n in (0, 1)),
        *(line("webhook-failed", f"never.{n}", a) for n in (0, 1) for a in (1, 2, 3)),
        line("report", "monthly", channels=["mail", "push", "sms"], total=0),
        line("report-archived", "monthly"),
        line("outbox", "flush", limit=100, sent=0),
        line("outbox", "flush", limit=10, sent=1),
        line("flushed", 5, text="late news"),
    ]
    return Counter(found)


#: tokens of pushes are derived from an id by the application; that they agree before and after is what counts
PUSHES = Counter({("17", WELCOME): 1, ("18", WELCOME): 1, ("19", WELCOME): 1, ("twin", WELCOME): 2, ("remind-17", "remember!"): 1})
PUSHES.update({("announce-30", "sale"): 1, ("announce-31", "sale"): 1})


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    with redis_server() as address:
        yield address.rpartition("/")[0]


def perform(stage: Stage, *names: str) -> Counter[str]:
    """Send all jobs, let the named processes do them, and return the log once nothing is left."""
    stage.send(*JOBS)
    with stage.running(*names):
        stage.until(
            lambda: stage.settled(expected(), without=("push",)) and len(stage.named("push")) >= PUSHES.total(), "every job to be done"
        )
    assert stage.effects(without=("push",)) == expected()
    assert Counter((p["key"], p["text"]) for p in stage.named("push")) == PUSHES
    return stage.effects()


@pytest.fixture(scope="module")
def before(url: str, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """The log of the original application on Celery."""
    stage = Stage(copy_of(tmp_path_factory.mktemp("before")), f"{url}/1")
    return perform(stage, "worker", "bulk")


def test_after_the_rewrite_the_same_jobs_have_the_same_effects(url: str, tmp_path: Path, before: Counter[str]) -> None:
    root = copy_of(tmp_path)
    rewrite_in_place(root, unsafe=False)
    stage = Stage(root, f"{url}/2")
    # What stays on Celery still needs its workers; each now has a twin.
    assert perform(stage, "worker", "bulk", "worker-dramatiq", "bulk-dramatiq") == before
    assert stage.dead() > 0, "jobs that failed for good are kept by Dramatiq, so they did run there"


def test_with_unsafe_the_same_jobs_have_the_same_effects(url: str, tmp_path: Path, before: Counter[str]) -> None:
    root = copy_of(tmp_path)
    rewrite_in_place(root, unsafe=True)
    assert "note_flushed.send" in (root / "notifier" / "campaigns.py").read_text()
    assert perform(Stage(root, f"{url}/3"), "worker", "bulk", "worker-dramatiq", "bulk-dramatiq") == before


def test_schedules_go_on(url: str, tmp_path: Path) -> None:
    original = Stage(copy_of(tmp_path / "before"), f"{url}/4")
    (original.root / "var").mkdir()
    with original.running("worker", "beat"):
        original.until(lambda: len(original.named("heartbeat")) >= 2, "beat to start a job twice")

    root = copy_of(tmp_path / "after")
    rewrite_in_place(root, unsafe=False)
    assert procfile(root)["beat"] == "python -m notifier.dramatiq_scheduler"
    stage = Stage(root, f"{url}/5")
    with stage.running("worker-dramatiq", "beat"):
        stage.until(lambda: len(stage.named("heartbeat")) >= 2, "the scheduler to start a job twice")
    assert stage.named("heartbeat")[:2] == original.named("heartbeat")[:2]
