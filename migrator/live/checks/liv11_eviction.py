"""LIV11: Redis may throw jobs away."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import share, size
from migrator.live.check import LiveCheck, Look, server_spot
from migrator.live.redis_server import RedisServer
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """Outcomes for the policy, for what was evicted, and for the memory of each Redis."""
    for untold in look.silent:
        yield Undecided(untold.reason)
    for server in look.redis:
        systems, at = look.systems(server.address), server_spot(server.address)
        if isinstance(server.policy, Untold):
            yield Undecided(server.policy.reason, at)
        elif server.policy != "noeviction" and not systems:
            yield Undecided(f"`maxmemory-policy` is `{server.policy}`, and nothing of a job system was found here", at)
        elif server.policy != "noeviction":
            yield Fail(at, f"`maxmemory-policy` is `{server.policy}`: when the memory is full, {server.product} deletes keys.", systems)
        else:
            yield Pass(server_spot(server.address, "nothing is evicted"))
        if server.evicted and systems:
            yield Fail(at, f"{server.product} has evicted {server.evicted:,} keys since it was started.", systems)
        yield from _memory(look, server, systems)


def _memory(look: Look, server: RedisServer, systems: tuple[str, ...]) -> Iterator[Outcome]:
    limit = look.limits.settings.memory
    if not server.maximum:
        return
    used = server.used / server.maximum
    told = f"{size(server.used)} of {size(server.maximum)} memory are used"
    if used > limit:
        message = f"{told}: {share(used)} (limit {share(limit)})."
        yield Fail(server_spot(server.address), message, systems, severity="high")
    else:
        yield Pass(server_spot(server.address, told))


CHECK = LiveCheck(
    id="LIV11",
    name="eviction",
    title="Redis may throw jobs away",
    severity="critical",
    what="The eviction policy of Redis, what it has evicted, and how full its memory is.",
    why="With any policy but `noeviction` a full Redis deletes keys, jobs and locks among them, and says nothing. With it, a full Redis "
    "refuses "
    "the next job, which at least is an error.",
    how="`maxmemory_policy`, `evicted_keys`, `used_memory` and `maxmemory` of INFO; `CONFIG GET maxmemory-policy` where INFO does not "
    "say it.",
    limits=("memory",),
    unknown="Neither INFO nor CONFIG says the policy, as with some hosted servers.",
    false_alarms="Evicted keys of a cache in the same Redis: they tell that jobs could have been among them.",
    migration="Jobs that were evicted are missing on both sides; nobody can count them.",
    hint="Set `maxmemory-policy noeviction`, and give a cache a Redis of its own.",
    sources=("BullMQ guide, Going to production; Redis documentation, Key eviction",),
    check=check,
    related=("LIV10", "JOB806"),
)
