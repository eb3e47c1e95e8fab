"""Redis as the place where jobs are kept: which systems keep them there, and what a server does when its memory is full."""

from __future__ import annotations

from collections.abc import Mapping

#: systems that keep their jobs in Redis and nowhere else
ALWAYS = ("bullmq", "bull", "rq", "arq", "bee-queue")
#: system -> names in code that show that this application has it on Redis
BY_CHOICE: Mapping[str, tuple[bytes, ...]] = {
    "dramatiq": (b"RedisBroker",),
    "huey": (b"RedisHuey", b"RedisExpireHuey", b"huey.RedisStorage", b"contrib.djhuey"),
    "taskiq": (b"taskiq_redis",),
}
#: what a server does that is told nothing: it refuses writes when its memory is full (redis.conf of Redis 7.0)
KEEPS = "noeviction"
#: first part of any other policy -> which keys it throws away
EVICTS: Mapping[str, str] = {
    "allkeys": "any key, waiting jobs among them",
    "volatile": "keys that have an end, locks of running jobs among them",
}
#: names of images that are such a server
IMAGES = ("redis", "valkey", "keydb", "dragonfly", "redis-stack", "redis-stack-server")
