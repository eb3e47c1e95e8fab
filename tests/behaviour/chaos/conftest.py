"""The servers that faults are done to."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from migrator.servers import postgres
from tests.behaviour.chaos.servers import KillablePostgres
from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis
from tests.behaviour.shadow_run import fresh_database


@pytest.fixture(scope="session")
def database_server() -> Generator[KillablePostgres]:
    with postgres() as url:
        server = KillablePostgres(url)
        yield server
        server.end()


@pytest.fixture
def database(database_server: KillablePostgres, tmp_path: Path) -> str:
    """An empty one."""
    return fresh_database(database_server.url, f"chaos{tmp_path.parent.name}{tmp_path.name}".replace("-", "_")[-60:])


@pytest.fixture
def make_redis(tmp_path: Path) -> Generator[Callable[..., KillableRedis]]:
    """A Redis of one's own for each call, running."""
    made: list[KillableRedis] = []

    def make(name: str, **settings: Any) -> KillableRedis:
        folder = tmp_path / name
        folder.mkdir()
        made.append(KillableRedis(folder, **settings))
        made[-1].start()
        return made[-1]

    yield make
    for server in made:
        server.kill()


@pytest.fixture
def make_stage(tmp_path: Path) -> Generator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(*arguments: Any, **settings: Any) -> Stage:
        made.append(Stage(tmp_path, *arguments, **settings))
        return made[-1]

    yield make
    for stage in made:
        stage.end()
