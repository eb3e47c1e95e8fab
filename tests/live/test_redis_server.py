"""What a Redis says of itself, and that nothing is written to it."""

from __future__ import annotations

import time
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest
import redis

from migrator.errors import MigratorError
from migrator.live.limits import LiveSettings
from migrator.scanners.runtime.redis import READS, connected
from tests.live.conftest import Look
from tests.live.test_bullmq import fill
from tests.live.test_python_queues import celery_app, dramatiq_broker, rq_queue, send

pytestmark = pytest.mark.behaviour


@pytest.fixture
def settings(client: redis.Redis) -> Generator[redis.Redis]:
    """A connection through which a test may set what the server is set to; set back afterwards."""
    names = ("maxmemory", "maxmemory-policy", "maxclients", "appendonly", "protected-mode", "bind")
    before = {name: client.config_get(name)[name] for name in names}
    yield client
    client.acl_setuser("default", enabled=True, reset_passwords=False, keys=["*"], categories=["+@all"])
    for name, value in before.items():
        if client.config_get(name)[name] != value:
            client.config_set(name, value)


def as_user(url: str, name: str) -> str:
    """The address for another user."""
    parts = urlsplit(url)
    return f"redis://{name}:word@{parts.hostname}:{parts.port}{parts.path}"


def test_a_policy_that_evicts(store: str, settings: redis.Redis, look: Look) -> None:
    assert look(store).state("LIV11") == "pass"
    settings.config_set("maxmemory-policy", "allkeys-lru")
    # A cache may evict.
    assert look(store).state("LIV11") == "unknown"
    fill(store, ("welcome", {}, {}))
    (finding,) = look(store).findings("LIV11")
    assert finding.severity == "critical"
    assert finding.message == "`maxmemory-policy` is `allkeys-lru`: when the memory is full, Redis deletes keys."
    assert finding.systems == ("bullmq",)
    assert "#" not in finding.path


def test_what_was_evicted_and_how_full_it_is(store: str, settings: redis.Redis, look: Look) -> None:
    settings.config_set("maxmemory-policy", "allkeys-random")
    settings.sadd("rq:queues", "rq:queue:mail")
    for number in range(200):
        settings.set(f"x{number}", "y" * 20_000)
    settings.config_set("maxmemory", int(settings.info("memory")["used_memory"]) - 1_000_000)
    settings.set("more", "z" * 100_000)
    settings.sadd("rq:queues", "rq:queue:mail")
    settings.config_set("maxmemory-policy", "noeviction")
    messages = look(store).messages("LIV11")
    assert [m for m in messages if "has evicted" in m]
    assert [m for m in messages if "memory are used" in m and "(limit 80 %)" in m]


def test_connections(store: str, settings: redis.Redis, look: Look) -> None:
    assert look(store).state("LIV12") == "pass"
    others = [redis.Redis.from_url(store) for _ in range(20)]
    for other in others:
        other.ping()
    clients = len(settings.client_list())
    settings.config_set("maxclients", round((clients + 1) / 0.9))
    (high,) = look(store).findings("LIV12")
    assert (high.severity, "(limit 80 %)" in high.message) == ("high", True)
    settings.config_set("maxclients", clients + 1)
    (critical,) = look(store).findings("LIV12")
    assert (critical.severity, "(limit 95 %)" in critical.message) == ("critical", True)
    for other in others:
        other.close()


def test_persistence(store: str, settings: redis.Redis, look: Look) -> None:
    settings.set("a", "b")
    assert look(store, settings=LiveSettings(save_seconds=10**9)).state("LIV13") == "pass"
    (finding,) = look(store, settings=LiveSettings(save_seconds=0)).findings("LIV13")
    assert "keeps no log" in finding.message
    settings.config_set("appendonly", "yes")
    end = time.monotonic() + 60
    while settings.info("persistence")["aof_rewrite_in_progress"]:
        assert time.monotonic() < end
    assert look(store, settings=LiveSettings(save_seconds=0)).state("LIV13") == "pass"


def test_version(store: str, look: Look) -> None:
    assert look(store).state("LIV19") == "pass"


def test_an_open_server(store: str, settings: redis.Redis, look: Look) -> None:
    assert look(store).state("LIV22") == "pass"
    settings.acl_setuser("default", enabled=True, nopass=True, keys=["*"], categories=["+@all"])
    try:
        (finding,) = look(store).findings("LIV22")
        assert finding.severity == "critical"
        assert finding.message == "The server is open: the user `default` needs no password."
        parts = urlsplit(store)
        nameless = f"redis://{parts.hostname}:{parts.port}/0"
        # It listens on loopback only.
        assert look(nameless).state("LIV22") == "pass"
    finally:
        settings.acl_setuser("default", enabled=True, reset_passwords=True, passwords=[f"+{urlsplit(store).password}"])


def test_whoever_may_only_read_sees_all(store: str, settings: redis.Redis, look: Look) -> None:
    """With a user who can do nothing but read, the findings are the same: nothing that writes is ever sent."""
    fill(store, *[("welcome", {}, {})] * 3, ("later", {}, {"delay": 60_000}))
    send(celery_app(store), 2)
    dramatiq_broker(store).get_actor("send").send("x")
    rq_queue(settings).enqueue("app.jobs.send")
    commands = ["+acl|getuser", "+acl|whoami", "+client|list", "+config|get", "+info", "+ping", "+time"]
    settings.acl_setuser("reader", enabled=True, passwords=["+word"], keys=["*"], categories=["-@all", "+@read"], commands=commands)
    full = LiveSettings(depth=0)
    before = {key: settings.dump(key) for key in settings.keys("*")}
    one, other = look(store, settings=full), look(as_user(store, "reader"), settings=full)
    assert [(f.id, f.message) for f in other.inventory.findings] == [(f.id, f.message) for f in one.inventory.findings]
    assert len(one.findings("LIV01")) == 4
    assert {key: settings.dump(key) for key in settings.keys("*")} == before


def test_only_commands_that_read_are_sent(store: str, client: redis.Redis, look: Look) -> None:
    fill(store, ("welcome", {}, {}))
    send(celery_app(store))
    dramatiq_broker(store).get_actor("send").send("x")
    rq_queue(client).enqueue("app.jobs.send")
    client.config_resetstat()
    look(store, window=0.1)
    sent = {name.removeprefix("cmdstat_").upper() for name in client.info("commandstats")}
    allowed = {command.partition(" ")[0] for command in READS} | {"SCAN", "HGETALL", "PING", "AUTH", "HELLO", "CLIENT", "CONFIG"}
    assert sent <= allowed
    assert not {"KEYS", "MONITOR", "SET", "DEL", "HSET", "LPUSH", "ZADD", "EVAL", "EVALSHA", "BRPOP"} & sent


def test_a_command_that_may_write_is_never_sent(store: str) -> None:
    with connected(store) as reading, pytest.raises(ValueError, match="DEL may do more than read"):
        reading.many([("DEL", "a")])


def test_what_is_refused_is_unknown_and_the_rest_is_told(store: str, settings: redis.Redis, look: Look) -> None:
    fill(store, *[("welcome", {}, {})] * 3)
    settings.acl_setuser(
        "narrow", enabled=True, passwords=["+word"], keys=["*"], categories=["-@all", "+@read"], commands=["+ping", "+time", "+info"]
    )
    seen = look(as_user(store, "narrow"), settings=LiveSettings(depth=2))
    assert seen.state("LIV01") == "fail"
    assert seen.state("LIV09") == "unknown"
    assert "does not list its clients" in seen.check("LIV09").reason
    assert "whether the user `default` needs a password is not said" in seen.check("LIV22").reason
    # INFO says the policy where CONFIG may not be asked.
    assert seen.state("LIV11") == "pass"


def test_one_system_that_cannot_be_read_does_not_hide_the_others(store: str, settings: redis.Redis, look: Look) -> None:
    fill(store, ("welcome", {}, {}))
    rq_queue(settings).enqueue("app.jobs.send")
    commands = ["+ping", "+time", "+info", "+config|get", "+client|list", "+acl|getuser"]
    settings.acl_setuser("bulls", enabled=True, passwords=["+word"], keys=["bull:*"], categories=["-@all", "+@read"], commands=commands)
    seen = look(as_user(store, "bulls"), settings=LiveSettings(depth=0))
    assert seen.messages("LIV01") == ["1 job of `mail` is due (limit 0)."]
    assert "what rq keeps could not be read" in seen.check("LIV20").reason


def test_keys_of_another_kind_than_their_names_say(store: str, client: redis.Redis, look: Look) -> None:
    client.set("bull:odd:meta", "no hash")
    client.set("rq:queues", "no set")
    client.set("_kombu.binding.celery", "no set")
    client.set("x:__heartbeats__", "no sorted set")
    client.hset("x:mail.msgs", "a", "no message")
    client.hset("bull:empty:meta", "opts.maxLenEvents", "10000")
    seen = look(store)
    assert "bull:empty: 0 due" in seen.evidence("LIV20")
    assert "what dramatiq keeps could not be read" in seen.check("LIV20").reason


def test_a_server_that_is_not_there(look: Look) -> None:
    with pytest.raises(MigratorError) as raised:
        look("redis://:hunter2@127.0.0.1:1/0")
    assert "redis://127.0.0.1:1/0: Redis cannot be asked" in str(raised.value)
    assert "Check the address and the password." in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://localhost:8288", "mysql://u:hunter2@h/db", "nonsense"])
def test_an_address_that_cannot_be_looked_at(look: Look, url: str) -> None:
    with pytest.raises(MigratorError, match="is no address of a server that can be looked at") as raised:
        look(url)
    assert "hunter2" not in str(raised.value)
