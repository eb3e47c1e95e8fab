"""LIV19: a server is older than what runs on it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs.findings import Spot
from migrator.live.check import LiveCheck, Look, server_spot
from migrator.live.redis_server import RedisServer
from migrator.rules.rule import Fail, Outcome, Pass, Undecided

#: the first Redis that BullMQ runs on, the first on which it does not warn, and the first with all that the other systems use
_REDIS_LEAST, _REDIS_GOOD = (5, 0), (6, 2)
#: the first Postgres that its makers, pg-boss 11 and Procrastinate 3 support
_POSTGRES_LEAST = 13


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each server, one for each storage that says its version."""
    for untold in look.silent:
        yield Undecided(untold.reason)
    for server in look.redis:
        yield from _redis(look, server)
    for server in look.postgres:
        systems = look.systems(server.address)
        if server.version < _POSTGRES_LEAST * 10_000:
            yield Fail(server_spot(server.address), f"{server.title} is older than {_POSTGRES_LEAST}.", systems)
        else:
            yield Pass(server_spot(server.address, server.title))
    for standing in look.standings:
        if standing.problem:
            yield Fail(Spot(standing.at, 0), f"{standing.problem[:1].upper()}{standing.problem[1:]}.", (standing.system,))


def _redis(look: Look, server: RedisServer) -> Iterator[Outcome]:
    systems, at = look.systems(server.address), server_spot(server.address)
    numbers = re.findall(r"\d+", server.version)
    version = tuple(int(number) for number in numbers[:2])
    if server.cluster:
        yield Undecided(f"{server.title} is a cluster: only what lies on this node was looked at", at)
    if server.product == "Dragonfly":
        yield Undecided("Dragonfly numbers its versions otherwise than Redis does", at)
    elif len(version) < 2:
        yield Undecided(f"the version `{server.version}` cannot be read", at)
    elif version < _REDIS_LEAST:
        yield Fail(at, f"{server.title} is older than 5.0.", systems)
    elif version < _REDIS_GOOD and "bullmq" in systems:
        yield Fail(at, f"{server.title} is older than 6.2, and BullMQ warns of it.", systems, severity="medium")
    else:
        yield Pass(server_spot(server.address, server.title))


CHECK = LiveCheck(
    id="LIV19",
    name="server-version",
    title="A server is older than what runs on it asks for",
    severity="high",
    what="The versions of Redis or Valkey and Postgres, and of the tables of pg-boss.",
    why="Newer versions of job systems use what older servers do not have; some only say so when the first job arrives.",
    how="INFO, `server_version_num`, pg-boss's table `version`.",
    unknown="A cluster, of which one node was asked. Dragonfly, which counts its versions otherwise.",
    false_alarms="A hosted server that speaks a newer protocol than the version it gives.",
    migration="Bring the server up to date before the move, not in it.",
    hint="Update the server.",
    sources=("BullMQ 6.7, the versions that it checks; PostgreSQL versioning policy; pg-boss 12 README",),
    check=check,
)
