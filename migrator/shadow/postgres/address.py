"""Addresses of Postgres as applications write them."""

from __future__ import annotations

_PRISMA_SETTINGS = ("schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "statement_cache_size", "sslaccept")


def libpq_address(address: str) -> str:
    """The address as libpq wants it: without the driver that SQLAlchemy names in it, and without the settings that Prisma adds.

    >>> libpq_address("postgresql+psycopg://ann@db/jobs?schema=public&sslmode=require&connection_limit=5")
    'postgresql://ann@db/jobs?sslmode=require'
    >>> libpq_address("host=db dbname=jobs")
    'host=db dbname=jobs'
    """
    scheme, found, rest = address.partition("://")
    if not found:
        return address
    where, _, query = rest.partition("?")
    kept = [setting for setting in query.split("&") if setting and setting.partition("=")[0] not in _PRISMA_SETTINGS]
    return f"{scheme.partition('+')[0]}://{where}{'?' if kept else ''}{'&'.join(kept)}"


def has_loose_at(address: str) -> bool:
    """Whether there is an @ before the one that ends user and password.

    >>> has_loose_at("postgresql://ann:s3cr@t@db/jobs"), has_loose_at("postgresql://ann@db/jobs?user=a@b")
    (True, False)
    """
    return address.partition("://")[2].partition("?")[0].partition("/")[0].count("@") > 1
