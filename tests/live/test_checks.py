"""Checks on what was seen, where a real server cannot easily be brought into that state: old servers, far ones, full minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from migrator.jobs import Inventory
from migrator.jobs.runtime import Difference
from migrator.live.check import Look, checks
from migrator.live.limits import Limits, LiveSettings, QueueLimits
from migrator.live.postgres_server import PostgresServer
from migrator.live.redis_server import RedisServer, read_server
from migrator.live.state import Flow, Known, Lost, Queue, Runs, Standing, Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided
from migrator.scanners import scan
from migrator.scanners.runtime.redis import Store

REDIS: dict[str, Any] = {
    "address": "redis://cache/0",
    "product": "Redis",
    "version": "7.2.4",
    "cluster": False,
    "policy": "noeviction",
    "evicted": 0,
    "used": 1,
    "maximum": 0,
    "clients": 1,
    "most_clients": 10_000,
    "appends": True,
    "saved": 0.0,
    "saved_well": True,
    "replicas": 0,
    "changes": 0,
    "open": "",
    "encrypted": True,
    "local": False,
}
POSTGRES: dict[str, Any] = {
    "address": "postgresql://db/app",
    "version": 160_002,
    "connections": 1,
    "most": 100,
    "by_name": (),
    "encrypted": True,
    "local": False,
    "open": "",
}
QUEUE: dict[str, Any] = {
    "system": "bullmq",
    "name": "mail",
    "at": "redis://cache/0#bull:mail",
    "due": 0,
    "delayed": 0,
    "active": 0,
    "failed": 0,
    "failed_lately": 0,
    "failed_oldest": None,
    "oldest": None,
    "horizon": None,
    "lost": Lost(0, 0),
    "workers": 1,
    "runs": Untold("no job that is over is stored"),
    "sizes": (),
    "names": {},
    "minutes": {},
}


def outcomes(check: str, look: Look) -> list[Outcome]:
    (found,) = [one for one in checks() if one.id == check]
    return list(found.check(look))


def seen(
    *queues: Mapping[str, Any],
    redis: Mapping[str, Any] | None = None,
    postgres: Mapping[str, Any] | None = None,
    settings: LiveSettings | None = None,
    inventory: Inventory | None = None,
    standing: Mapping[str, Any] | None = None,
) -> Look:
    servers: list[Known[Any]] = []
    if redis is not None:
        servers.append(RedisServer(**{**REDIS, **redis}))
    if postgres is not None:
        servers.append(PostgresServer(**{**POSTGRES, **postgres}))
    place = {"system": "bullmq", "at": "redis://cache/0", "queues": tuple(Queue(**{**QUEUE, **queue}) for queue in queues)}
    return Look(
        tuple(servers), (Standing(**{**place, **(standing or {})}),), inventory or Inventory("", ()), Limits(settings or LiveSettings())
    )


def kinds(check: str, look: Look) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes(check, look)]


@pytest.mark.parametrize(
    ("server", "wanted"),
    [
        ({}, ["Pass"]),
        ({"version": "6.2.0"}, ["Pass"]),
        ({"version": "6.0.9"}, ["Fail"]),
        ({"version": "3.2.1"}, ["Fail"]),
        ({"version": "unknown"}, ["Undecided"]),
        ({"product": "Dragonfly", "version": "6.0"}, ["Undecided"]),
        ({"cluster": True}, ["Undecided", "Pass"]),
    ],
)
def test_versions_of_redis(server: dict[str, Any], wanted: list[str]) -> None:
    assert kinds("LIV19", seen(redis=server)) == wanted


def test_an_old_redis_is_worse_than_one_that_bullmq_warns_of() -> None:
    (old,), (warned,) = outcomes("LIV19", seen(redis={"version": "4.0.9"})), outcomes("LIV19", seen(redis={"version": "6.0.9"}))
    assert isinstance(old, Fail)
    assert isinstance(warned, Fail)
    assert (old.severity, warned.severity) == (None, "medium")
    assert kinds("LIV19", seen(redis={"version": "6.0.9"}, standing={"system": "rq"})) == ["Pass"]


def test_versions_of_postgres_and_of_tables() -> None:
    assert kinds("LIV19", seen(postgres={})) == ["Pass"]
    assert kinds("LIV19", seen(postgres={"version": 120_020})) == ["Fail"]
    assert kinds("LIV19", seen(standing={"problem": "its tables are old"})) == ["Fail"]


def test_connections_that_can_be_read_on_the_way() -> None:
    assert kinds("LIV22", seen(redis={})) == ["Pass", "Pass"]
    door, wire = outcomes("LIV22", seen(postgres={"encrypted": False}))
    assert isinstance(door, Pass)
    assert isinstance(wire, Fail)
    assert wire.severity == "medium"
    assert kinds("LIV22", seen(redis={"encrypted": False, "local": True})) == ["Pass"]
    assert kinds("LIV22", seen(redis={"open": Untold("not said")})) == ["Undecided", "Pass"]
    assert kinds("LIV22", seen(postgres={"open": "line 3 lets 0.0.0.0 in"}))[0] == "Fail"


def test_a_snapshot_that_failed() -> None:
    (outcome,) = outcomes("LIV13", seen(redis={"appends": False, "saved_well": False, "replicas": 1}))
    assert isinstance(outcome, Fail)
    assert (outcome.severity, outcome.message) == ("high", "The last snapshot of Redis failed; it has 1 replica.")


def test_runs_against_the_target() -> None:
    long = {"runs": Runs((5.0, 1_000.0), (1, 1), 2)}
    (told, measured) = outcomes("LIV21", seen(long))
    assert isinstance(told, Undecided)
    assert isinstance(measured, Pass)
    assert measured.spot.what == "the longest of the last 2 runs of `mail` took 16.7 min"
    (limited,) = outcomes("LIV21", seen(long, settings=LiveSettings(target="sqs")))
    assert isinstance(limited, Fail)
    assert "(limit 15 min, AWS SQS and Lambda" in limited.message
    short = {"runs": Runs((5.0,), (1,), 1)}
    assert kinds("LIV21", seen(short, settings=LiveSettings(target="sqs"))) == ["Pass"]


def test_payloads_that_come_near_the_limit() -> None:
    near = {"sizes": (700_000,) * 20}
    (outcome,) = outcomes("LIV16", seen(near, settings=LiveSettings(target="sqs")))
    assert isinstance(outcome, Fail)
    assert outcome.severity is None
    assert kinds("LIV16", seen({"sizes": (1_000,) * 20}, settings=LiveSettings(target="sqs"))) == ["Pass"]
    # One large payload among many small ones is below the limit, and no trend.
    assert kinds("LIV16", seen({"sizes": (*(1_000,) * 99, 700_000)}, settings=LiveSettings(target="sqs"))) == ["Pass"]


SCHEDULES = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'
    'mails.upsertJobScheduler("one", { pattern: "0 7 * * *", tz: "UTC" }, {});\n'
    'mails.upsertJobScheduler("two", { pattern: "OTHER 7 * * *", tz: "UTC" }, {});\n'
)


def test_a_minute_in_which_two_schedules_start(tmp_path: Path) -> None:
    (tmp_path / "mail.ts").write_text(SCHEDULES.replace("OTHER", "0"))
    together = scan(tmp_path)
    at_seven = 1_440 * 20_000 + 7 * 60
    usual = {at_seven + 10 * n: 4 for n in range(1, 20)}
    (outcome,) = outcomes("LIV17", seen({"minutes": {**usual, at_seven: 100}}, inventory=together))
    assert isinstance(outcome, Fail)
    assert outcome.message.startswith("100 jobs of `mail` were enqueued in one minute, 07:00 UTC; 4 are usual")
    assert [other.line for other in outcome.others] == [3, 4]
    assert kinds("LIV17", seen({"minutes": {**usual, at_seven: 15}}, inventory=together)) == ["Pass"]
    assert kinds("LIV17", seen({"minutes": {**usual, at_seven + 1: 100}}, inventory=together)) == ["Pass"]
    assert kinds("LIV17", seen({"minutes": {at_seven: 100}}, inventory=together)) == ["Undecided"]
    (tmp_path / "mail.ts").write_text(SCHEDULES.replace("OTHER", "30"))
    assert kinds("LIV17", seen({"minutes": {**usual, at_seven: 100}}, inventory=scan(tmp_path))) == ["Pass"]


def test_a_server_that_does_not_speak_of_itself() -> None:
    look = seen(redis={})
    silent = Look((Untold("INFO is refused"),), look.standings, look.inventory, look.limits)
    for check in ("LIV11", "LIV12", "LIV13", "LIV19", "LIV22"):
        (outcome,) = outcomes(check, silent)
        assert isinstance(outcome, Undecided)
        assert outcome.reason == "INFO is refused"


def test_what_is_unknown_of_one_queue_does_not_hide_the_others() -> None:
    found = outcomes("LIV01", seen({"due": Untold("refused")}, {"due": 5_000, "name": "other"}))
    assert [type(outcome) for outcome in found] == [Undecided, Fail]


def test_every_limit_of_a_queue_is_one_of_all() -> None:
    ours = {field.name for field in msgspec.structs.fields(QueueLimits)}
    assert ours <= {field.name for field in msgspec.structs.fields(LiveSettings)}


def test_every_check_has_a_page_of_its_own_number_and_limits_that_exist() -> None:
    known = {field.name for field in msgspec.structs.fields(LiveSettings)}
    assert [check.id for check in checks()] == [f"LIV{number:02}" for number in range(1, 24)]
    assert [limit for check in checks() for limit in check.limits if limit not in known] == []
    assert len({check.name for check in checks()}) == 23


def test_nothing_at_all_is_not_applicable() -> None:
    nothing = Look((), (), Inventory("", ()), Limits(LiveSettings()))
    assert [check.id for check in checks() if list(check.check(nothing))] == []


@pytest.mark.parametrize(
    ("completed", "failed", "wanted"),
    [(0, 0, "Undecided"), (5, 0, "Pass"), (5, 1, "Undecided"), (18, 1, "Undecided"), (19, 1, "Pass"), (18, 2, "Fail")],
)
def test_a_failure_among_few_jobs_is_no_share(completed: int, failed: int, wanted: str) -> None:
    flows = {QUEUE["at"]: Flow(completed + failed, completed, failed)}
    assert kinds("LIV04", replace(seen({}, standing={"flows": flows}), window=60.0)) == [wanted]


@pytest.mark.parametrize(("lost", "severity"), [(Lost(1, 5), None), (Lost(2, 5), "high"), (Lost(2, 200), None), (Lost(3, 200), "high")])
def test_many_lost_jobs_are_worse_than_one(lost: Lost, severity: str | None) -> None:
    (outcome,) = outcomes("LIV07", seen({"lost": lost}))
    assert isinstance(outcome, Fail)
    assert outcome.severity == severity


@pytest.mark.parametrize(("paused", "wanted"), [(False, "Fail"), (True, "Pass")])
def test_a_queue_that_stands_still_because_somebody_paused_it(paused: bool, wanted: str) -> None:
    still = {"due": 5, "oldest": 7_200.0, "paused": paused}
    look = seen(still, standing={"flows": {QUEUE["at"]: Flow(0, 0, 0)}})
    assert kinds("LIV08", replace(look, window=60.0, earlier={queue.at: queue for queue in look.queues})) == [wanted]


@pytest.mark.parametrize(
    ("kind", "running", "severity", "confidence"),
    [("not running", "", None, "likely"), ("differs", "", "medium", "likely"), ("not in code", "redis://cache/0#x", None, "certain")],
)
def test_a_schedule_that_is_seen_only_in_code_may_run_elsewhere(kind: Any, running: str, severity: str | None, confidence: str) -> None:
    difference = Difference(kind, "schedule", "bullmq", "nightly", code="a.ts:3", running=running)
    (outcome,) = outcomes("LIV14", replace(seen(), differences=(difference,)))
    assert isinstance(outcome, Fail)
    assert (outcome.severity, outcome.confidence) == (severity, confidence)


class Answering:
    """A Redis that says what it is told to say."""

    address = "redis://cache/0"

    def __init__(self, said: Mapping[tuple[str, ...], Mapping[str, Any]]) -> None:
        self._said = said

    def many(self, commands: Sequence[tuple[str, ...]]) -> list[Mapping[str, Any]]:
        return [self._said.get(command, {}) for command in commands]


@pytest.mark.parametrize(
    ("flags", "opened"),
    [(["on", "nopass"], "the user `default` needs no password"), (["off", "nopass"], ""), (["on", "sanitize-payload"], "")],
)
def test_a_user_that_is_off_opens_nothing(flags: list[str], opened: str) -> None:
    said = Answering({("ACL GETUSER", "default"): {"flags": flags}})
    assert read_server(cast("Store", said), "redis://:word@cache:6379/0", 0).open == opened


@pytest.mark.parametrize(
    ("bind", "protected", "closed"),
    [("127.0.0.1 -::1", "no", True), ("127.0.0.1 10.0.0.5", "no", False), ("", "no", False), ("10.0.0.5", "yes", True)],
)
def test_one_address_that_others_reach_is_enough(bind: str, protected: str, closed: bool) -> None:
    said = Answering({("CONFIG GET", "bind"): {"bind": bind}, ("CONFIG GET", "protected-mode"): {"protected-mode": protected}})
    assert (read_server(cast("Store", said), "redis://cache:6379/0", 0).open == "") is closed
