"""What is said where code and running systems do not agree."""

from __future__ import annotations

import msgspec
import pytest

from migrator.jobs import Expression, Item, Job, Literal, Location, Schedule, Span, Trigger
from migrator.scanners.runtime.addresses import kind_of, label
from migrator.scanners.runtime.differences import differences
from migrator.scanners.runtime.plain_pickle import plain
from migrator.scanners.runtime.probe import place, schedule

CODE = Location("app/tasks.py", 7, 0, 7, Span(0, 1))
THERE = place("redis://cache/0", "key")


def coded(
    name: str = "a", *, cron: object = None, every: float | None = None, job: str = "", zone: str = "", system: str = "celery"
) -> Schedule:
    value = Expression("spec") if cron is ... else Literal(cron) if cron is not None else None
    interval = Literal(every) if every is not None else None
    return Schedule(system=system, language="python", name=name, location=CODE, job_name=job, cron=value, interval=interval, timezone=zone)


def told(code: list[Item], running: list[Item], answered: set[str] | None = None) -> list[tuple[str, str, str]]:
    found, _ = differences(code, running, {"celery"} if answered is None else answered)
    return [(d.kind, d.name, d.detail) for d in found]


SAME = {
    "cron": (coded(cron="0 3 * * *"), schedule("celery", THERE, "a", cron="0 3 * * *")),
    "spelling": (coded(cron="0  3 * */1 mon"), schedule("celery", THERE, "a", cron="0 3 * * MON")),
    "shorthand": (coded(cron="@daily"), schedule("celery", THERE, "a", cron="0 0 * * *")),
    "interval": (coded(every=30.0), schedule("celery", THERE, "a", every=30)),
    "what code cannot tell": (coded(cron=...), schedule("celery", THERE, "a", cron="0 3 * * *")),
    "by what it starts": (
        coded("entry", cron="0 3 * * *", job="app.tidy"),
        schedule("celery", THERE, "other", job="app.tidy", cron="0 3 * * *"),
    ),
    "zones that are one": (coded(cron="0 3 * * *", zone="UTC"), schedule("celery", THERE, "a", cron="0 3 * * *", timezone="Etc/UTC")),
    "a zone that only one says": (coded(cron="0 3 * * *"), schedule("celery", THERE, "a", cron="0 3 * * *", timezone="Asia/Manila")),
}
DIFFERENT = {
    "cron": (coded(cron="0 3 * * *"), schedule("celery", THERE, "a", cron="0 4 * * *"), "code says 0 3 * * *, running is 0 4 * * *"),
    "interval": (coded(every=30), schedule("celery", THERE, "a", every=60), "code says every 30 s, running is every 60 s"),
    "kind": (coded(every=30), schedule("celery", THERE, "a", cron="* * * * *"), "code says every 30 s, running is * * * * *"),
    "zone": (
        coded(cron="0 3 * * *", zone="Asia/Manila"),
        schedule("celery", THERE, "a", cron="0 3 * * *", timezone="Europe/Berlin"),
        "code says Asia/Manila, running is in Europe/Berlin",
    ),
}


@pytest.mark.parametrize("form", SAME)
def test_what_is_alike(form: str) -> None:
    code, running = SAME[form]
    assert told([code], [running]) == []


@pytest.mark.parametrize("form", DIFFERENT)
def test_what_differs(form: str) -> None:
    code, running, detail = DIFFERENT[form]
    assert told([code], [running]) == [("differs", "a", detail)]


def test_each_side_alone() -> None:
    found, only = differences([coded("mine", cron="0 3 * * *")], [schedule("celery", THERE, "theirs", every=5)], {"celery"})
    assert [(d.kind, d.name, d.detail, d.code, d.running) for d in found] == [
        ("not running", "mine", "0 3 * * *", "app/tasks.py:7", ""),
        ("not in code", "theirs", "every 5 s", "", "redis://cache/0#key"),
    ]
    assert [i.name for i in only] == ["theirs"]


def test_nothing_is_claimed_of_a_system_that_keeps_nothing_there() -> None:
    assert told([coded(cron="0 3 * * *")], [], answered={"bullmq"}) == []


def test_systems_do_not_mix() -> None:
    running = [schedule("bullmq", THERE, "a", cron="0 3 * * *")]
    assert told([coded(cron="0 3 * * *")], running, {"celery", "bullmq"}) == [
        ("not in code", "a", "0 3 * * *"),
        ("not running", "a", "0 3 * * *"),
    ]


def test_of_two_for_one_job_the_like_ones_are_pairs() -> None:
    code: list[Item] = [coded("x", job="app.f", cron="0 1 * * *"), coded("y", job="app.f", cron="0 2 * * *")]
    running: list[Item] = [
        schedule("celery", THERE, "b", job="app.f", cron="0 2 * * *"),
        schedule("celery", THERE, "c", job="app.f", cron="0 1 * * *"),
    ]
    assert told(code, running) == []


def test_jobs_are_compared_where_an_application_told_of_them() -> None:
    def job(name: str, *events: str, live: bool | None = True) -> Job:
        triggers = tuple(Trigger("event", Literal(e)) for e in events)
        return Job(system="inngest", language="typescript", name=name, location=CODE, triggers=triggers, live=live)

    code = [job("same", "a"), job("moved", "b"), job("old"), job("never", live=False)]
    running = [msgspec.structs.replace(job(n, *e), location=THERE) for n, e in (("app-same", ("a",)), ("moved", ("c",)), ("new", ()))]
    assert told(list(code), list(running), {"inngest"}) == [
        ("differs", "moved", "code says it starts on b, running on c"),
        ("not in code", "new", ""),
        ("not running", "old", ""),
    ]
    assert told(list(code), [], {"inngest"}) == []


@pytest.mark.parametrize(
    ("url", "kind", "shown"),
    [
        ("postgres://u:p@h/db?sslmode=require", "postgres", "postgres://h/db"),
        ("rediss://:p@h:6380/1", "redis", "rediss://h:6380/1"),
        ("unix:///run/redis.sock?db=2", "redis", "unix:///run/redis.sock"),
        ("https://u:p@h/api/inngest?key=1", "http", "https://h/api/inngest"),
        ("mysql://u:p@h/db", "", "mysql://h/db"),
        ("u:p@h", "", "an address without a scheme"),
        ("redis://u:p@[bad", "redis", "redis://…"),
    ],
)
def test_addresses_are_shown_without_secrets(url: str, kind: str, shown: str) -> None:
    assert (kind_of(url), label(url)) == (kind, shown)


def test_only_plain_data_comes_out_of_a_pickle() -> None:
    import os
    import pickle
    import zlib

    class Evil:
        def __reduce__(self) -> object:
            return os.system, ("exit 1",)

    assert plain(pickle.dumps({"cron_string": "* * * * *", "args": (1, [2.5, None, True])})) == {
        "cron_string": "* * * * *",
        "args": (1, [2.5, None, True]),
    }
    assert plain(zlib.compress(pickle.dumps(("app.f", None, (), {})))) == ("app.f", None, (), {})
    assert plain(b'{"interval": 5}') == {"interval": 5}
    assert plain(pickle.dumps({"x": Evil()})) is None
    assert plain(b"\x80\x04garbage") is None
    assert plain(b"") is None
