"""LIV22: anybody can come in, or listen."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.check import LiveCheck, Look, Server, server_spot
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for the door of each server, and one for the wire to it."""
    for untold in look.silent:
        yield Undecided(untold.reason)
    for server in (*look.redis, *look.postgres):
        yield from _judged(look, server)


def _judged(look: Look, server: Server) -> Iterator[Outcome]:
    at, systems = server_spot(server.address), look.systems(server.address)
    if isinstance(server.open, Untold):
        yield Undecided(server.open.reason, at)
    elif server.open:
        yield Fail(at, f"The server is open: {server.open}.", systems)
    else:
        yield Pass(server_spot(server.address, "a password is asked for"))
    if server.local:
        return
    if isinstance(server.encrypted, Untold):
        yield Undecided(server.encrypted.reason, at)
    elif server.encrypted:
        yield Pass(server_spot(server.address, "the connection is encrypted"))
    else:
        yield Fail(
            at,
            "The connection to the server is not encrypted: payloads and the password can be read on the way.",
            systems,
            severity="medium",
        )


CHECK = LiveCheck(
    id="LIV22",
    name="open-server",
    title="Anybody can come in, or listen",
    severity="critical",
    what="Whether the server lets anybody in without a password, and whether the connection to it is encrypted.",
    why="Whoever can write to a queue chooses what the workers run; with pickle in the messages, any code at all.",
    how="Redis: an answer without a password, unless `protected-mode` or `bind` keeps others out; `ACL GETUSER default`. Postgres: lines "
    "of "
    "pg_hba.conf that trust other machines, where they may be read; `pg_stat_ssl`. No door is tried: only what the server says counts.",
    unknown="CONFIG, ACL or `pg_hba_file_rules` are refused.",
    false_alarms="A network that nobody else is in.",
    migration="Give the new system users of its own, with no more rights than it needs.",
    hint="Set a password or an ACL, bind to an inner address, and use `rediss://` or `sslmode=verify-full`.",
    sources=("Redis documentation, Security; PostgreSQL documentation, The pg_hba.conf File",),
    check=check,
    related=("JOB703", "JOB704"),
)
