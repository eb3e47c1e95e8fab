from __future__ import annotations

from collections.abc import Iterator

import pytest

from migrator.servers import postgres
from tests.doubles.stage import Stage, staged
from tests.fixtures.articles import installed


@pytest.fixture(scope="module", params=[True, False], ids=["checkpointing", "plain"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The application on stage, once with v4's checkpoints and once without: the effects must be the same."""
    installed()
    with postgres() as url, staged(url, tmp_path_factory.mktemp("stage"), checkpointing=request.param) as stage:
        yield stage


@pytest.fixture
def stage(running: Stage) -> Stage:
    running.clear()
    return running
