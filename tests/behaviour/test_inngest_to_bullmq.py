"""The articles application does the same on BullMQ as it did on Inngest.

The log that is expected comes from the original functions, run by the real SDKs against the double. The rewritten application runs on a
real Redis with real workers. Both are fed the same requests.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from migrator.codemods.changes import ChangeSet, Decision
from migrator.servers import Servers, servers
from tests.behaviour.inngest_stage import WORKERS, Effects, Stage, queue_names, rewritten
from tests.fixtures.articles import fresh_database, installed

pytestmark = pytest.mark.behaviour

SITE = "https://marginalia.example"
FINE, GONE, SLOW_DOWN, POISON, DEAD, LATER = (f"{SITE}/{name}" for name in ("fine", "gone", "slow-down", "poison", "dead", "later"))
ONE_FEED, OTHER_FEED = f"{SITE}/one.xml", f"{SITE}/other.xml"

WORLD = {
    "feed.fetch": {OTHER_FEED: {"failFirst": 1}},
    "page.fetch": {GONE: {"gone": True}, SLOW_DOWN: {"failFirst": 1, "status": 429, "retryAfter": 20}, DEAD: {"failFirst": 99}},
    "search.put": {FINE: {"failFirst": 2}},
    "model.summarize": {POISON: {"failFirst": 99}},
    "mail.delivered": {
        "ada@x.example welcome": {"failFirst": 1},
        "bob@x.example receipt 2": {"gone": True},
        "cy@x.example receipt 3": {"failFirst": 99},
        "dee@x.example receipt 4": {"failFirst": 1, "status": 429, "retryAfter": 30},
    },
}


def feed_through(stage: Stage) -> Effects:
    """What happens to the application, in the same order on both sides."""
    stage.misbehave(WORLD)
    for feed, entries in ((ONE_FEED, [FINE, GONE]), (OTHER_FEED, [SLOW_DOWN])):
        stage.ask("POST", "/feeds", {"url": feed, "title": feed, "entries": entries})
    stage.ask("POST", "/feeds/refresh")
    stage.settle()
    # One of these is new, one is told twice, one has been found in the feed before.
    stage.ask("POST", "/hooks/websub", {"feed": ONE_FEED, "entries": [POISON, POISON, FINE]})
    stage.ask("POST", "/hooks/websub", {"feed": ONE_FEED, "entries": [POISON, DEAD]})
    stage.settle()
    for article in sorted(stage.ask("GET", "/articles"), key=lambda a: a["url"]):
        stage.ask("PUT", f"/articles/{article['id']}/body", {"minor": article["url"] != SLOW_DOWN})
    stage.settle()
    for name in ("ada", "bea"):
        stage.ask("POST", "/subscribers", {"email": f"{name}@x.example", "name": name})
    stage.ask("POST", "/subscribers", {"email": "ada@x.example", "name": "ada again"})
    stage.settle()
    for hard in (True, False):
        stage.ask_mailer("/hooks/bounce", {"email": f"{'hard' if hard else 'soft'}@x.example", "hard": hard})
    for to, number in (("ada", 1), ("ada", 1), ("bob", 2), ("cy", 3), ("dee", 4)):
        stage.ask_mailer("/hooks/payment", {"to": f"{to}@x.example", "amount": "3", "id": str(number)})
    stage.settle()
    stage.fire("nightly-digest", "marginalia-nightly-digest")
    stage.settle()
    stage.sql("update articles set status = 'EVALUATED'")
    stage.sql("insert into evaluations (article_id, requested_by, plugins, outstanding, grade) select id, 'x', '{}', 0, 8 from articles")
    stage.fire("nightly-digest", "marginalia-nightly-digest")
    stage.fire("bounce-report", "mailer-bounce-report")
    stage.settle()
    return stage.effects()


@pytest.fixture(scope="module")
def running() -> Iterator[Servers]:
    with servers() as started:
        yield started


@pytest.fixture
def database(running: Servers) -> Iterator[str]:
    with fresh_database(running.postgres) as url:
        yield url


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ChangeSet]:
    """The rewritten application, and the change that made it."""
    return rewritten(tmp_path_factory.mktemp("moved"), unsafe=True)


@pytest.fixture(scope="module")
def expected(running: Servers, tmp_path_factory: pytest.TempPathFactory) -> Effects:
    """What the original functions do."""
    with fresh_database(running.postgres) as database, Stage(installed(), tmp_path_factory.mktemp("before"), database).running() as stage:
        return feed_through(stage)


def test_the_same_effects(expected: Effects, database: str, running: Servers, moved: tuple[Path, ChangeSet], tmp_path: Path) -> None:
    with Stage(moved[0], tmp_path, database, running.redis).running() as stage:
        found = feed_through(stage)
        # Not one of the functions that moved ran on Inngest.
        assert [run.function_id for run in stage.server.runs] == []
    assert len(expected) > 25
    assert found == expected


def test_the_same_effects_with_functions_on_both_sides(expected: Effects, database: str, running: Servers, tmp_path: Path) -> None:
    """Events that jobs send reach functions that have stayed, and the other way round."""
    root, _ = rewritten(tmp_path, unsafe=False, staying="src/inngest/functions/summarize-article.ts")
    with redis.Redis.from_url(running.redis) as client:
        client.flushall()
    with Stage(root, tmp_path, database, running.redis).running() as stage:
        found = feed_through(stage)
        stayed = {run.function_id for run in stage.server.runs}
    assert stayed == {"marginalia-summarize-article", "mailer-deliver-mail", "mailer-deliver-mail-failure"}
    assert found == expected


def test_a_worker_that_is_killed_in_the_middle(database: str, running: Servers, moved: tuple[Path, ChangeSet], tmp_path: Path) -> None:
    """The step that was under way is tried again, those before it are not, and nothing that follows is lost or done twice."""
    root, _ = moved
    stage = Stage(root, tmp_path, database, running.redis)
    stage.misbehave({"model.summarize": {"*": {"delayMs": 4_000}}})
    with stage.serving():
        killed = stage.start_worker(WORKERS[0])
        stage.ask("POST", "/hooks/websub", {"feed": ONE_FEED, "entries": [f"{SITE}/killed"]})
        asked = tmp_path / "effects.jsonl.attempts"
        stage.until(lambda: _claimed(asked, "model.summarize", f"{SITE}/killed"), "the model was never asked")
        killed.kill()
        killed.wait()
        with stage.worker(WORKERS[0]):
            stage.settle()
        done = stage.effects()
    assert [e["attempt"] for e in done[f"model.summarize {SITE}/killed"] if e["outcome"] == "ok"] == [2]
    for effect in ("page.fetch", "article.stored", "summary.stored", "search.put"):
        assert [e["outcome"] for e in done[f"{effect} {SITE}/killed"]] == ["ok"], effect


def _claimed(folder: Path, effect: str, key: str) -> bool:
    name = hashlib.sha1(f"{effect}\n{key}".encode(), usedforsecurity=False).hexdigest()
    return (folder / f"{name}.1").exists()


def test_schedules_have_their_time_zones(database: str, running: Servers, moved: tuple[Path, ChangeSet], tmp_path: Path) -> None:
    root, _ = moved
    stage = Stage(root, tmp_path, database, running.redis)
    found: dict[str, tuple[str, str]] = {}
    with stage.running(), redis.Redis.from_url(running.redis, decode_responses=True) as client:
        for queue in queue_names(root):
            for scheduler in client.zrange(f"bull:{queue}:repeat", 0, -1):
                kept = client.hgetall(f"bull:{queue}:repeat:{scheduler}")
                found[queue] = (kept["pattern"], kept["tz"])
    assert found == {
        "marginalia-nightly-digest": ("30 2 * * *", "Europe/Berlin"),
        "marginalia-refresh-feeds": ("0 */6 * * *", "UTC"),
        "mailer-bounce-report": ("0 8 * * 1", "America/New_York"),
    }


def test_what_is_refused_and_why(moved: tuple[Path, ChangeSet]) -> None:
    _, changes = moved
    left = {d.name: d.traps for d in changes.decisions if d.kind == "definition" and d.outcome == "left"}
    assert left == {
        "await-review": ("MIG430",),
        "evaluate-article": ("MIG435", "MIG431"),
        "grade-evaluation": ("MIG431", "MIG462"),
        "notify-subscribers": ("MIG457",),
        "rebuild-search": (),
    }
    assert _of(changes, "deliver-mail").safety == "unsafe"


def _of(changes: ChangeSet, name: str) -> Decision:
    (decision,) = [d for d in changes.decisions if d.kind == "definition" and d.name == name]
    return decision


def test_lock_is_renewed_while_a_step_takes_its_time(
    database: str, running: Servers, moved: tuple[Path, ChangeSet], tmp_path: Path
) -> None:
    """A step that takes longer than the lock is held is not given to another worker."""
    root, _ = moved
    stage = Stage(root, tmp_path, database, running.redis)
    stage.misbehave({"search.put": {"*": {"delayMs": 5_000}}})
    with stage.running():
        stage.ask("POST", "/hooks/websub", {"feed": ONE_FEED, "entries": [f"{SITE}/slow"]})
        time.sleep(0.5)
        stage.settle()
        assert [e["attempt"] for e in stage.effects()[f"search.put {SITE}/slow"]] == [1]
