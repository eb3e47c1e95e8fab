"""A Postgres with the real pg_cron in it, which `apt install postgresql-NN-cron` brings."""

from __future__ import annotations

import importlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migrator.servers import postgres

#: libpq connections, as pg_cron has them by default: its background workers report ends late, one after another
SETTINGS = {"shared_preload_libraries": "pg_cron", "cron.database_name": "postgres", "cron.host": "127.0.0.1"}


@contextmanager
def pg_cron() -> Generator[str]:
    """The address of the database. Without pg_cron on this machine the test is skipped, or fails where `MIGRATOR_REQUIRE_SERVERS` is 1."""
    if not list(Path("/usr/share/postgresql").glob("*/extension/pg_cron.control")):
        reason = "no pg_cron on this machine: its driver was not tested"
        if os.environ.get("MIGRATOR_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    server: Any = importlib.import_module("migrator.servers.postgres")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MIGRATOR_POSTGRES_URL", raising=False)
        patch.setattr(server, "OPTIONS", {**server.OPTIONS, **SETTINGS})
        with postgres() as url, psycopg.connect(url, autocommit=True) as connection:
            # pg_cron connects to its own server, and knows no password.
            hba = Path(connection.execute("SELECT current_setting('hba_file')").fetchone()[0])  # type: ignore[index]
            hba.write_text(f"host postgres postgres 127.0.0.1/32 trust\n{hba.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE EXTENSION pg_cron")
            yield url
