"""Machines that differ from this one: without programs, without wheels, or with programs that fail."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migrator.servers.places import Places, installed_package


@pytest.fixture
def bare() -> Places:
    """A machine on which nothing is installed and nothing is set."""
    return Places(environ={"PATH": ""}, postgres_folders=(), package=lambda _: None)


@pytest.fixture
def wheels_only() -> Places:
    """A machine that has only Python packages."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")}
    return Places(environ={**environ, "PATH": ""}, postgres_folders=(), package=installed_package)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every account may enter; pytest's own is for its owner only, and root's Postgres runs as somebody else."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def program(open_folder: Path) -> Callable[..., Path]:
    """Makes shell programs in one folder and returns that folder, for use as PATH."""

    def make(**scripts: str) -> Path:
        folder = open_folder / "bin"
        folder.mkdir(exist_ok=True)
        for name, script in scripts.items():
            path = folder / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            path.chmod(0o755)
        return folder

    return make
