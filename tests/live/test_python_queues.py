"""Queues of RQ, Celery and Dramatiq on Redis, filled and worked off by the libraries themselves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from migrator.live.limits import LiveSettings
from tests.live.conftest import Look

pytestmark = pytest.mark.behaviour


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


# -- RQ -------------------------------------------------------------------------------------------------------------------


def rq_queue(client: redis.Redis, name: str = "mail") -> Any:
    from rq import Queue

    return Queue(name, connection=client)


def rq_work(client: redis.Redis, *names: str) -> None:
    from rq import SimpleWorker

    SimpleWorker([rq_queue(client, name) for name in names or ("mail",)], connection=client).work(burst=True, logging_level="CRITICAL")


def test_rq_depth_age_and_names(store: str, client: redis.Redis, look: Look) -> None:
    queue = rq_queue(client)
    jobs = [queue.enqueue("app.jobs.send", "anna@example.org") for _ in range(4)]
    queue.enqueue_in(timedelta(days=20), "app.jobs.later")
    seen = look(store, settings=LiveSettings(depth=3))
    assert seen.messages("LIV01") == ["4 jobs of `mail` are due (limit 3)."]
    assert seen.messages("LIV09") == ["4 jobs of `mail` are due and no worker is there."]
    assert seen.state("LIV02") == "pass"
    assert "due in 20 d" in seen.evidence("LIV18")
    assert seen.inventory.live is not None
    assert seen.inventory.live.queues[0].names == {"app.jobs.send": 4, "app.jobs.later": 1}
    assert "anna" not in repr(seen.inventory)
    client.hset(f"rq:job:{jobs[0].id}", "enqueued_at", "2020-01-01T00:00:00.000000Z")
    assert look(store).state("LIV02") == "fail"


def test_rq_jobs_whose_time_has_come_and_no_scheduler(store: str, client: redis.Redis, look: Look) -> None:
    rq_queue(client).enqueue_in(timedelta(hours=1), "app.jobs.later")
    (member,) = client.zrange("rq:scheduled:mail", 0, -1)
    client.zadd("rq:scheduled:mail", {member: time.time() - 1_200})
    seen = look(store)
    assert seen.messages("LIV02") == ["The oldest job of `mail` has been due for 20 min (limit 5 min)."]
    assert "1 due, 0 delayed" in seen.evidence("LIV20")


def test_rq_failures(store: str, client: redis.Redis, look: Look) -> None:
    for _ in range(12):
        rq_queue(client).enqueue("math.sqrt", -1)
    rq_work(client)
    seen = look(store)
    assert seen.messages("LIV05") == ["12 jobs of `mail` failed for good in the last hour (limit 10)."]
    assert look(store, settings=LiveSettings(failed_per_hour=12)).state("LIV05") == "pass"


def test_rq_that_works_off_what_it_is_given(store: str, client: redis.Redis, look: Look) -> None:
    for _ in range(25):
        rq_queue(client).enqueue("math.sqrt", 4)
    rq_work(client)
    seen = look(store)
    assert [seen.state(check) for check in ("LIV01", "LIV02", "LIV03", "LIV05", "LIV06", "LIV07", "LIV10")] == ["pass"] * 7
    assert "of the last 25" in seen.evidence("LIV03")


def test_rq_retries(store: str, client: redis.Redis, look: Look) -> None:
    from rq import Retry

    for _ in range(20):
        rq_queue(client).enqueue("math.sqrt", -1, retry=Retry(max=1))
    rq_work(client)
    # Only the retries that are left are stored.
    assert look(store).check("LIV06").reason.startswith("rq:queue:mail: of 0 jobs it is stored how often they were run")
    for _ in range(20):
        rq_queue(client, "other").enqueue("tests.live.jobs.again")
    rq_work(client, "other")
    assert look(store).messages("LIV06") == ["In `other` 20 of the last 20 jobs were run more than once: 100 % (limit 20 %)."]


def test_rq_a_job_whose_worker_is_gone(store: str, client: redis.Redis, look: Look) -> None:
    rq_queue(client).enqueue("math.sqrt", 4)
    client.zadd("rq:wip:mail", {"a:1": time.time() + 60})
    assert look(store).state("LIV07") == "pass"
    client.zadd("rq:wip:mail", {"b:1": time.time() - 60})
    assert look(store).messages("LIV07") == ["1 of 2 running jobs of `mail` have lost their worker."]


def test_rq_workers_live_as_long_as_their_hash(store: str, client: redis.Redis, look: Look) -> None:
    from rq import SimpleWorker

    rq_queue(client).enqueue("math.sqrt", 4)
    worker = SimpleWorker([rq_queue(client)], connection=client)
    worker.register_birth()
    assert look(store).state("LIV09") == "pass"
    rq_queue(client, "other").enqueue("math.sqrt", 4)
    assert look(store).messages("LIV09") == ["1 job of `other` is due and no worker is there."]
    client.delete(worker.key)
    assert len(look(store).findings("LIV09")) == 2


def test_rq_results_that_are_kept_for_ever(store: str, client: redis.Redis, look: Look) -> None:
    for _ in range(3):
        rq_queue(client).enqueue("math.sqrt", 4, result_ttl=-1)
    rq_work(client)
    assert look(store).state("LIV10") == "pass"
    (message,) = look(store, settings=LiveSettings(kept=2)).messages("LIV10")
    assert message == "3 results of `mail` are stored (limit 2), and nothing seen here deletes them."


# -- Celery ---------------------------------------------------------------------------------------------------------------


def celery_app(url: str, **settings: Any) -> Any:
    from celery import Celery

    app = Celery("app", broker=url, backend=url, set_as_current=False)
    app.conf.update(settings)

    @app.task(name="app.tasks.send")
    def send(to: str) -> str:
        return to

    return app


def send(app: Any, number: int = 1, **options: Any) -> None:
    with app.connection_for_write() as connection:
        for _ in range(number):
            app.send_task("app.tasks.send", ("anna@example.org",), connection=connection, **options)


def test_celery_depth_over_all_priorities(store: str, look: Look, code: Path) -> None:
    app = celery_app(store)
    send(app, 3)
    send(app, 2, priority=6)
    send(app, 1, queue="slow")
    seen = look(store, settings=LiveSettings(depth=4))
    assert seen.messages("LIV01") == ["5 jobs of `celery` are due (limit 4)."]
    assert seen.messages("LIV09") == [
        "5 jobs of `celery` are due and no worker is there.",
        "1 job of `slow` is due and no worker is there.",
    ]
    assert "do not say when they were enqueued" in seen.check("LIV02").reason
    assert "anna" not in repr(seen.inventory)
    text = 'from celery import Celery\napp = Celery("app")\n\n@app.task(name="NAME")\ndef send(to): ...\n'
    (code / "tasks.py").write_text(text.replace("NAME", "app.tasks.send"))
    assert look(store).state("LIV15") == "pass"
    (code / "tasks.py").write_text(text.replace("NAME", "app.tasks.other"))
    assert len(look(store).findings("LIV15")) == 2


@pytest.fixture
def logging_as_it_was() -> Generator[None]:
    """A worker in this process sets the level of the root logger, for all tests after it."""
    level = logging.root.level
    yield
    logging.root.setLevel(level)


@pytest.mark.usefixtures("logging_as_it_was")
def test_celery_with_a_worker(store: str, client: redis.Redis, look: Look) -> None:
    from celery.contrib.testing.worker import start_worker

    app = celery_app(store)
    send(app, 2, countdown=3_600)
    with start_worker(app, perform_ping_check=False, shutdown_timeout=30):
        until(lambda: client.hlen("unacked") == 2)
        seen = look(store)
        assert seen.findings("LIV09") == []
        assert "2 running" in seen.evidence("LIV20")
        assert seen.messages("LIV07") == []
        client.zadd("unacked_index", dict.fromkeys(client.zrange("unacked_index", 0, 0), time.time() - 4_000))
        assert look(store).messages("LIV07") == ["1 of 2 running jobs of `unacked` have lost their worker."]


def test_celery_lease_of_the_code(store: str, client: redis.Redis, look: Look, code: Path) -> None:
    send(celery_app(store))
    client.hset("unacked", "a", "[]")
    client.zadd("unacked_index", {"a": time.time() - 4_000})
    assert look(store).state("LIV07") == "fail"
    text = 'from celery import Celery\napp = Celery("app")\napp.conf.broker_transport_options = OPTIONS\n\n@app.task\ndef f(): ...\n'
    (code / "tasks.py").write_text(text.replace("OPTIONS", '{"visibility_timeout": 43200}'))
    assert look(store).state("LIV07") == "pass"
    (code / "tasks.py").write_text(text.replace("OPTIONS", "load()"))
    assert "only known at run time" in look(store).check("LIV07").reason


def test_celery_results_without_an_end(store: str, client: redis.Redis, look: Look) -> None:
    app = celery_app(store)
    send(app)
    for number in range(6):
        app.backend.store_result(f"id{number}", 1, "SUCCESS")
    assert look(store, settings=LiveSettings(kept=3)).state("LIV10") == "pass"
    for number in range(4):
        client.persist(f"celery-task-meta-id{number}")
    (message,) = look(store, settings=LiveSettings(kept=3)).messages("LIV10")
    assert message == "4 results that never expire are stored (limit 3), and nothing seen here deletes them."


# -- Dramatiq -------------------------------------------------------------------------------------------------------------


def dramatiq_broker(url: str, **options: Any) -> Any:
    from dramatiq import Actor
    from dramatiq.brokers.redis import RedisBroker

    broker = RedisBroker(url=url, **options)
    Actor(print, broker=broker, actor_name="send", queue_name="mail", priority=0, options={})
    return broker


def test_dramatiq(store: str, client: redis.Redis, look: Look) -> None:
    broker = dramatiq_broker(store)
    actor = broker.get_actor("send")
    for _ in range(4):
        actor.send("anna@example.org")
    actor.send_with_options(args=("anna@example.org",), delay=86_400_000)
    seen = look(store, settings=LiveSettings(depth=3))
    assert seen.messages("LIV01") == ["4 jobs of `mail` are due (limit 3)."]
    assert "4 due, 1 delayed, 0 running" in seen.evidence("LIV20")
    assert "due in 24 h" in seen.evidence("LIV18") or "due in 1 d" in seen.evidence("LIV18")
    assert seen.state("LIV02") == "pass"
    # Whoever enqueues says that it lives, too.
    assert "whether they only enqueue is not told" in seen.check("LIV09").reason
    assert "anna" not in repr(seen.inventory)
    client.zadd("dramatiq:__heartbeats__", dict.fromkeys(client.zrange("dramatiq:__heartbeats__", 0, -1), (time.time() - 120) * 1_000))
    assert look(store).messages("LIV09") == ["4 jobs of `mail` are due and no worker is there."]


def test_dramatiq_with_a_worker_and_after_it_died(store: str, client: redis.Redis, look: Look) -> None:
    from dramatiq import Actor, Worker
    from dramatiq.brokers.redis import RedisBroker

    go = threading.Event()
    broker = RedisBroker(url=store)
    actor = Actor(lambda: go.wait(60), broker=broker, actor_name="hang", queue_name="mail", priority=0, options={})
    worker = Worker(broker, worker_threads=1)
    worker.start()
    try:
        actor.send()
        until(lambda: client.keys("dramatiq:__acks__*"))
        seen = look(store)
        assert seen.state("LIV07") == "pass"
        assert "1 running" in seen.evidence("LIV20")
        assert seen.findings("LIV09") == []
        held = {member: (time.time() - 120) * 1_000 for member in client.zrange("dramatiq:__heartbeats__", 0, -1)}
        client.copy(client.keys("dramatiq:__acks__*")[0], "dramatiq:__acks__.gone.mail")
        client.zadd("dramatiq:__heartbeats__", {"gone": min(held.values())})
        assert look(store).messages("LIV07") == ["1 of 2 running jobs of `mail` have lost their worker."]
    finally:
        go.set()
        worker.stop()


def test_dramatiq_dead_messages(store: str, client: redis.Redis, look: Look) -> None:
    from dramatiq import Actor, Worker
    from dramatiq.brokers.redis import RedisBroker

    def fail() -> None:
        raise ValueError("anna@example.org")

    broker = RedisBroker(url=store)
    actor = Actor(fail, broker=broker, actor_name="fail", queue_name="mail", priority=0, options={"max_retries": 0})
    for _ in range(12):
        actor.send()
    worker = Worker(broker, worker_threads=4)
    worker.start()
    try:
        until(lambda: client.zcard("dramatiq:mail.XQ") == 12)
    finally:
        worker.stop()
    seen = look(store)
    assert seen.messages("LIV05") == ["12 jobs of `mail` failed for good in the last hour (limit 10)."]
    assert "anna" not in repr(seen.inventory)
    client.zadd("dramatiq:mail.XQ", dict.fromkeys(client.zrange("dramatiq:mail.XQ", 0, -1), (time.time() - 20 * 86_400) * 1_000))
    assert look(store).messages("LIV05") == ["12 failed jobs of `mail` are stored, the oldest for 20 d (limit 7 d)."]


def test_dramatiq_under_another_name(store: str, look: Look) -> None:
    dramatiq_broker(store, namespace="own").get_actor("send").send("x")
    assert "own:mail: 1 due" in look(store).evidence("LIV20")
