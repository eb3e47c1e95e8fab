"""The addresses of what an experiment keeps of its own: one way to write them, whatever is kept there."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from migrator.errors import MigratorError
from migrator.shadow.modes.claims_opening import open_claims
from migrator.shadow.modes.claims_postgres import PostgresClaims
from migrator.shadow.policy.stores import store_of
from migrator.shadow.store_address import store_address


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("redis://h:6379/0", "redis"),
        ("rediss://h", "redis"),
        ("unix:///run/redis.sock", "redis"),
        ("postgres://h/d", "postgres"),
        ("postgresql://h/d", "postgres"),
        ("postgresql+psycopg://h/d", "postgres"),
    ],
)
def test_redis_and_postgres_are_told_by_their_schemes(address: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_URL", address)
    assert store_address("STORE_URL", "holds it") == (kind, address)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "STORE_URL: is not set\n  Set it to the address of the Redis or Postgres that holds it."),
        ("mysql://ann:s3cret@h/d", "STORE_URL: holds no address of Redis or Postgres\n  It begins with redis:// or postgresql://."),
        ("s3cret", "STORE_URL: holds no address of Redis or Postgres\n  It begins with redis:// or postgresql://."),
    ],
)
def test_what_is_none_is_said_without_its_password(address: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_URL", address)
    with pytest.raises(MigratorError) as caught:
        store_address("STORE_URL", "holds it")
    assert str(caught.value) == said


def test_an_address_with_a_driver_in_it_serves_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLAlchemy writes it, and Prisma adds to it: libpq takes neither."""
    monkeypatch.setenv("STORE_URL", "postgresql+psycopg://h/d?schema=public")
    assert isinstance(open_claims("STORE_URL", timeout=1.0, keep=1.0), PostgresClaims)
    kept = store_of("STORE_URL", "shop", Path("none"))
    asked: list[str] = []

    def connect(address: str, **_: object) -> None:
        asked.append(address)
        raise ConnectionError

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(ConnectionError):
        kept.read()
    assert asked == ["postgresql://h/d"]
