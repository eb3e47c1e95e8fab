"""LIV13: what is in Redis is not on any disk."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look, server_spot
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each Redis."""
    for untold in look.silent:
        yield Undecided(untold.reason)
    limit = look.limits.settings.save_seconds
    for server in look.redis:
        systems, at = look.systems(server.address), server_spot(server.address)
        replicas = f"; it has {server.replicas} {'replica' if server.replicas == 1 else 'replicas'}" if server.replicas else ""
        if server.appends:
            yield Pass(server_spot(server.address, "every command is written to a log"))
        elif not server.saved_well:
            yield Fail(at, f"The last snapshot of {server.product} failed{replicas}.", systems, severity="high")
        elif server.changes and server.saved > limit:
            message = (
                f"{server.product} keeps no log, and has {server.changes:,} changes since it last wrote a snapshot, {span(server.saved)} "
                "ago "
                f"(limit {span(limit)}){replicas}."
            )
            yield Fail(at, message, systems)
        else:
            yield Pass(server_spot(server.address, f"snapshot {span(server.saved)} ago, {server.changes:,} changes since"))


CHECK = LiveCheck(
    id="LIV13",
    name="persistence",
    title="What is in Redis is not on any disk",
    severity="medium",
    what="Whether Redis writes a log of its commands, and else how old its last snapshot is.",
    why="Jobs that lie in memory alone are gone after a restart.",
    how="`aof_enabled`, `rdb_last_save_time`, `rdb_changes_since_last_save` and `rdb_last_bgsave_status` of INFO.",
    limits=("save_seconds",),
    unknown="INFO is refused.",
    false_alarms="A hosted Redis that keeps its data safe in its own way, and does not say so in INFO.",
    migration="During the move there are jobs on both sides; a restart must not decide which of them exist.",
    hint="Set `appendonly yes`.",
    sources=("BullMQ guide, Going to production, Persistence; Redis documentation, Persistence",),
    check=check,
    related=("LIV11",),
)
