"""A Postgres and a Redis that tests fill with the real client libraries."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from migrator.servers import Servers, servers


@pytest.fixture(scope="session")
def running() -> Generator[Servers]:
    """Both servers, empty."""
    with servers() as started:
        yield started


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder without code."""
    return tmp_path
