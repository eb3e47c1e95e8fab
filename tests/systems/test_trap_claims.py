"""What traps say of the libraries, seen in the libraries themselves where that needs no server."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dramatiq
import procrastinate
import pytest
import rq
from apscheduler.triggers.cron import CronTrigger
from bullmq.backoffs import Backoffs
from celery import Celery, chain
from celery.schedules import crontab
from dramatiq import Worker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import default_middleware
from dramatiq.results import Results
from dramatiq.results.backends import StubBackend
from huey import MemoryHuey, RedisHuey
from huey import crontab as huey_crontab
from procrastinate.testing import InMemoryConnector

from migrator.systems.traps import all_traps

#: a Monday
MONDAY = dt.datetime(2027, 2, 1, tzinfo=dt.UTC)


def test_the_traps_are_still_there() -> None:
    claimed = ("MIG100", "MIG203", "MIG213", "MIG251", "MIG272", "MIG276", "MIG280", "MIG334", "MIG503", "MIG506")
    assert set(claimed) <= set(all_traps())


def test_procrastinate_drops_positional_arguments() -> None:
    """MIG251."""
    connector = InMemoryConnector()
    app = procrastinate.App(connector=connector)

    @app.task(name="send")
    def send(user: int, text: str) -> None: ...

    with app.open():
        send.defer(7, "hello")  # pyright: ignore[reportCallIssue]
        send.defer(user=7, text="hello")
    assert [job["args"] for job in connector.jobs.values()] == [{}, {"user": 7, "text": "hello"}]


def data() -> str:
    return "data"


def received(*given: Any) -> list[Any]:
    return list(given)


def test_celery_puts_a_result_first() -> None:
    """MIG213."""
    app = Celery("app", set_as_current=False, broker="memory://", backend="cache+memory://")
    app.conf.task_always_eager = True
    load, render = app.task(data), app.task(received)
    assert chain(load.s(), render.s("pdf")).apply().get() == ["data", "pdf"]


def test_dramatiq_puts_a_result_last() -> None:
    """MIG213 and MIG123."""
    broker = StubBroker(middleware=[*(middleware() for middleware in default_middleware), Results(backend=StubBackend())])
    load = dramatiq.actor(data, broker=broker, store_results=True)
    render = dramatiq.actor(received, broker=broker, store_results=True)
    worker = Worker(broker, worker_timeout=100)
    worker.start()
    try:
        pipe = dramatiq.pipeline([load.message(), render.message("pdf")], broker=broker).run()
        assert pipe.get_result(block=True, timeout=60_000) == ["pdf", "data"]
    finally:
        worker.stop()


@pytest.mark.parametrize(("result", "given"), [("data", ["pdf", "data"]), (("a", "b"), ["pdf", "a", "b"])])
def test_huey_puts_a_result_last_and_unpacks_it(result: Any, given: list[Any]) -> None:
    """MIG213."""
    huey = MemoryHuey(immediate=True)
    load = huey.task(name="load")(lambda: result)
    render = huey.task()(received)
    assert huey.enqueue(load.s().then(render, "pdf"))[1] == given


def test_huey_keeps_names_for_itself_and_enqueues_when_called() -> None:
    """MIG203, MIG272 and MIG273."""
    huey = MemoryHuey(immediate=True)
    note = huey.task(name="note")(lambda pk, priority=None: (pk, priority))
    called = note(1, priority=5)
    assert called.get() == (1, None)
    assert note.call_local(1, priority=5) == (1, 5)


def test_plain_redis_huey_refuses_a_priority() -> None:
    """MIG276: before it speaks to Redis."""
    huey = RedisHuey("app", immediate=False)
    task = huey.task(name="task")(lambda: None)
    with pytest.raises(NotImplementedError):
        huey.storage.enqueue(b"", priority=task.s(priority=5).priority)


def test_rq_keeps_names_for_itself() -> None:
    """MIG203: `description` is swallowed, `timeout` is handed on, and with kwargs= everything arrives."""
    swallowed = rq.Queue.parse_args(len, description="hello", timeout=5)
    assert swallowed.kwargs == {"timeout": 5}
    explicit = rq.Queue.parse_args(len, kwargs={"description": "hello"}, args=())
    assert explicit.kwargs == {"description": "hello"}


def test_the_order_of_arguments_of_crontab() -> None:
    """MIG280: the third is the day of the week for Celery, and the day of the month for Huey."""
    assert crontab("0", "5", "1").day_of_week == {1}
    assert huey_crontab("0", "5", "1")(MONDAY.replace(hour=5))
    assert not huey_crontab("0", "5", "1")(MONDAY.replace(day=8, hour=5))


def test_celery_wants_both_days_to_match() -> None:
    """MIG506: of the 13ths of 2027 only that of August is a Friday."""
    app = Celery("app", set_as_current=False)
    schedule = crontab(minute="0", hour="8", day_of_month="13", day_of_week="fri", app=app, nowfun=lambda: MONDAY)
    due = MONDAY + schedule.remaining_estimate(MONDAY)
    assert (due.month, due.day, due.weekday()) == (8, 13, 4)


def test_apscheduler_counts_from_monday_and_fires_once_an_hour() -> None:
    """MIG334 and MIG506."""
    trigger = CronTrigger(hour=5, day_of_week=0, timezone="UTC")
    first = trigger.get_next_fire_time(None, MONDAY)
    assert first == MONDAY.replace(hour=5)
    assert trigger.get_next_fire_time(first, first + dt.timedelta(seconds=1)) == MONDAY.replace(day=8, hour=5)
    assert CronTrigger.from_crontab("0 5 * * 0", timezone="UTC").get_next_fire_time(None, MONDAY) == MONDAY.replace(hour=5)


def test_celery_fires_every_minute_of_an_hour_that_is_given_alone() -> None:
    """MIG506."""
    assert crontab(hour="5").minute == set(range(60))


def test_bullmq_doubles_from_the_delay() -> None:
    """MIG503: 1, 2, 4 s, where Bull waits 1, 3, 7 s."""
    wait = Backoffs.builtin_strategies["exponential"](1000)
    assert [wait(made, "exponential", None, None) for made in (1, 2, 3)] == [1000, 2000, 4000]
