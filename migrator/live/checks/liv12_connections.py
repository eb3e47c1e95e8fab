"""LIV12: the server is short of connections."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs.findings import Severity
from migrator.live.amounts import share
from migrator.live.check import LiveCheck, Look, server_spot
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each server."""
    for untold in look.silent:
        yield Undecided(untold.reason)
    for server in look.redis:
        if isinstance(server.most_clients, Untold):
            yield Undecided(server.most_clients.reason, server_spot(server.address))
        elif server.most_clients:
            yield _judged(look, server.address, server.clients, server.most_clients, "")
    for server in look.postgres:
        who = ", ".join(f"{name} {number}" for name, number in server.by_name)
        yield _judged(look, server.address, server.connections, server.most, f"; most by {who}" if who else "")


def _judged(look: Look, address: str, used: int, most: int, who: str) -> Outcome:
    settings, told = look.limits.settings, f"{used:,} of {most:,} connections are in use"
    part = used / most
    if part > settings.connections:
        critical = part > settings.connections_critical
        limit = settings.connections_critical if critical else settings.connections
        severity: Severity = "critical" if critical else "high"
        message = f"{told}: {share(part)} (limit {share(limit)}){who}."
        return Fail(server_spot(address), message, look.systems(address), severity=severity)
    return Pass(server_spot(address, told))


CHECK = LiveCheck(
    id="LIV12",
    name="connections",
    title="The server is short of connections",
    severity="high",
    what="How many of the connections that a server takes are in use.",
    why="When both systems run side by side, each brings its workers and their connections. The one that comes too late gets none, and "
    "it may "
    "be the one that serves requests.",
    how="Redis: `connected_clients` of INFO against `maxclients`. Postgres: client sessions of `pg_stat_activity` against "
    "`max_connections`.",
    limits=("connections", "connections_critical"),
    unknown="Neither INFO nor CONFIG says `maxclients`.",
    false_alarms="Connections of a pool that keeps them ready.",
    migration="Look at it before the second system is started, not after.",
    hint="Lower the pools, put a pooler before Postgres, or raise the limit.",
    sources=("PostgreSQL documentation, `max_connections`; Redis documentation, Clients",),
    check=check,
    related=("JOB205",),
)
