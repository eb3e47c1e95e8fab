"""Real servers that tests fill with the libraries whose jobs they are, and a look at them."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg
import pytest
import redis

from migrator.jobs import Inventory
from migrator.jobs.findings import Check, Finding
from migrator.live.check import checks
from migrator.live.limits import LiveSettings
from migrator.live.looking import look_at
from migrator.scanners import scan
from migrator.servers import Servers, servers


class Looked:
    """What a look found, by check."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory

    def findings(self, check: str) -> list[Finding]:
        return [finding for finding in self.inventory.findings if finding.id == check]

    def check(self, check: str) -> Check:
        (found,) = [one for one in self.inventory.checks if one.id == check]
        return found

    def state(self, check: str) -> str:
        return self.check(check).state

    def messages(self, check: str) -> list[str]:
        return [finding.message for finding in self.findings(check)]

    def evidence(self, check: str) -> str:
        return "; ".join(f"{spot.path.partition('#')[2]}: {spot.what}" for spot in self.check(check).evidence)


Look = Callable[..., Looked]


@pytest.fixture(scope="session")
def running() -> Generator[Servers]:
    """Both servers."""
    with servers() as started:
        yield started


@pytest.fixture
def store(running: Servers) -> str:
    """An empty Redis."""
    with redis.Redis.from_url(running.redis) as client:
        client.flushall()
        client.config_resetstat()
    return running.redis


@pytest.fixture
def client(store: str) -> Generator[redis.Redis]:
    """A connection to the empty Redis."""
    with redis.Redis.from_url(store) as client:
        yield client


@pytest.fixture
def database(running: Servers) -> Generator[str]:
    """A database of its own."""
    name = f"live_{os.urandom(4).hex()}"
    with psycopg.connect(running.postgres, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    yield f"{running.postgres.rpartition('/')[0]}/{name}"
    with psycopg.connect(running.postgres, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder for the code of an application; empty unless a test writes into it."""
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


@pytest.fixture
def look(code: Path) -> Look:
    """A look with all checks at the servers at these addresses, held against what stands in `code`."""

    def look(*urls: str, window: float | None = None, settings: LiveSettings | None = None) -> Looked:
        return Looked(look_at(urls, scan(code), checks(), settings or LiveSettings(), window))

    return look
