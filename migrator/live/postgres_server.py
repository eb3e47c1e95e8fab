"""What a Postgres says of itself: its version, its connections, and how they are secured."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.errors import MigratorError
from migrator.live.state import Known, Untold
from migrator.scanners.runtime.postgres import Database


@dataclass(frozen=True)
class PostgresServer:
    """Facts of one server. `version` is its `server_version_num`."""

    address: str
    version: int
    connections: int
    most: int
    by_name: tuple[tuple[str, int], ...]  #: application name, or user where there is none -> connections, most first
    encrypted: Known[bool]
    local: bool
    open: Known[str]  #: how somebody comes in without a password; empty when nobody does

    @property
    def title(self) -> str:
        """Product and version."""
        return f"PostgreSQL {self.version // 10_000}.{self.version % 10_000}"


def read_server(database: Database) -> PostgresServer:
    """Asks the server about itself.

    Raises:
        MigratorError: it does not answer.
    """
    (row,) = database.rows(
        "select current_setting('server_version_num')::int as version, current_setting('max_connections')::int as most, "
        "(select count(*) from pg_stat_activity where backend_type = 'client backend') as connections, "
        "(select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted, "
        "coalesce(host(inet_client_addr()) in ('127.0.0.1', '::1'), true) as local"
    )
    names = database.rows(
        "select coalesce(nullif(application_name, ''), usename, 'unknown') as name, count(*) as number from pg_stat_activity "
        "where backend_type = 'client backend' and pid <> pg_backend_pid() group by 1 order by 2 desc, 1 limit 3"
    )
    return PostgresServer(
        address=database.address,
        version=row["version"],
        connections=row["connections"],
        most=row["most"],
        by_name=tuple((name["name"], name["number"]) for name in names),
        encrypted=bool(row["encrypted"]),
        local=row["local"],
        open=_open(database),
    )


def _open(database: Database) -> Known[str]:
    try:
        rows = database.rows(
            "select line_number as line, address from pg_hba_file_rules where auth_method = 'trust' and error is null "
            "and type <> 'local' and address not in ('127.0.0.1', '::1', 'localhost', 'samehost') order by 1"
        )
    except MigratorError as error:
        return Untold(f"who needs no password is only told to a superuser ({error.cause})")
    return f"line {rows[0]['line']} of pg_hba.conf lets {rows[0]['address']} in without a password" if rows else ""
