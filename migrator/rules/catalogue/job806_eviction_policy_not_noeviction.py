"""JOB806: a Redis that throws jobs away when its memory is full."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.celery_configuration import broker
from migrator.rules.evidence import Evidence
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems.redis_servers import ALWAYS, BY_CHOICE, EVICTS, IMAGES, KEEPS

_MARKERS = (b"maxmemory-policy", b"maxmemory_policy", b"maxmemoryPolicy", b"maxMemoryPolicy")
#: the policy, in redis.conf, on a command line, in Terraform and in a blueprint; what stands behind a comment's mark is none
_POLICY = regex(
    rb"""^(?P<before>[^\n]*?)max_?-?[mM]emory[-_]?[pP]olicy["']?[\s"'=:,\[\]-]*(?:value["'\s=:]*)?"""
    rb"""(?P<policy>noeviction|(?:allkeys|volatile)[-_](?:lru|lfu|lrm|random|ttl))\b""",
    re.MULTILINE,
)
_COMMENT = regex(rb"^\s*(?:#|//|;|--\s)")
_IMAGE = regex(rb"^\s*image:\s*[\"']?(?:[\w.-]+/)*(?:" + "|".join(IMAGES).encode() + rb")(?::[^\s\"']*)?[\"']?\s*$", re.MULTILINE)
#: files of machines on which nobody's jobs are lost
_ELSEWHERE = regex(r"(?:^|[._-])(?:dev|devel|development|local|test|tests|testing|ci|override|e2e)(?:[._-]|$)", re.IGNORECASE)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all servers that the repository sets up."""
    systems = tuple(s for s in (*ALWAYS, *BY_CHOICE, "celery") if s in evidence.systems and _on_redis(evidence, s))
    if not systems:
        return
    evicting, keeping, several = _servers(evidence)
    if evicting and (keeping or several):
        where = keeping[0] if keeping else several[0]
        yield Undecided("one server evicts keys and another does not: which of them holds the queues is not told", where)
    elif evicting:
        policy = evicting[0].what
        worse = policy.startswith("allkeys")
        lost = EVICTS[policy.partition("-")[0]]
        message = f"The Redis that holds the jobs has the policy `{policy}`: when its memory is full it throws away {lost}."
        yield Fail(evicting[0], message, systems, tuple(evicting[1:]), severity=None if worse else "high", confidence="likely")
    elif keeping:
        yield Pass(keeping[0])
    else:
        yield Undecided("no configuration of a Redis server is in the repository")


def _on_redis(evidence: Evidence, system: str) -> bool:
    if system == "celery":
        return broker(evidence) == "redis"
    return system in ALWAYS or bool(evidence.containing(*BY_CHOICE[system]))


def _servers(evidence: Evidence) -> tuple[list[Spot], list[Spot], list[Spot]]:
    """Statements of a policy that evicts, of servers that keep everything, and files with more than one server."""
    evicting: list[Spot] = []
    keeping: list[Spot] = []
    several: list[Spot] = []
    told: set[str] = set()
    for path in (*evidence.mentioning(*_MARKERS), *evidence.containing(*_MARKERS)):
        data = evidence.tree.read(path)
        for match in _POLICY.finditer(data) if not _ELSEWHERE.search(posixpath.basename(path)) else ():
            if _COMMENT.match(match["before"]):
                continue
            policy = match["policy"].decode().replace("_", "-")
            where = Spot(path, data.count(b"\n", 0, match.start("policy")) + 1, policy)
            (keeping if policy == KEEPS else evicting).append(where)
            told.add(path)
    for path in evidence.mentioning(b"image:"):
        data = evidence.tree.read(path)
        images = list(_IMAGE.finditer(data)) if not _ELSEWHERE.search(posixpath.basename(path)) else []
        if len(images) > 1 and path in told:
            several.append(Spot(path, data.count(b"\n", 0, images[1].start()) + 1, "more than one server"))
        elif images and path not in told:
            line = data.count(b"\n", 0, images[0].end()) + 1
            keeping.append(Spot(path, line, f"is told no policy, and `{KEEPS}` is the default"))
    return evicting, keeping, several


_COMPOSE = "services:\n  redis:\n    image: redis:7\n    command: redis-server --maxmemory 256mb --maxmemory-policy POLICY\n"
_WORKER = 'import { Worker } from "bullmq";\nnew Worker("mail", async (job) => send(job.data));\n'
_TASKS = 'from celery import Celery\n\napp = Celery("shop", broker="redis://redis:6379/0")\n\n@app.task\ndef send(to): ...\n'

RULE = Rule(
    id="JOB806",
    name="eviction-policy-not-noeviction",
    title="A Redis that throws jobs away",
    severity="critical",
    systems=(*ALWAYS, *BY_CHOICE, "celery"),
    what="A `maxmemory-policy` other than `noeviction` for the Redis that holds the jobs, in redis.conf, compose, a chart, Terraform, a "
    "blueprint, or set by code.",
    why="When its memory is full, such a server deletes keys to make room. Jobs that wait are keys like any other: they are gone without "
    "an "
    "error, or half of one is gone and workers fail on the rest. With `noeviction` the next enqueue fails, and somebody hears of it. "
    "BullMQ "
    "names it the only setting under which queues work.",
    how="The policy as it is written, on lines that are no comment. A container of Redis that is told nothing has `noeviction` (its own "
    "default). Files for development and tests are left out. Policies that only evict keys with an end (`volatile-…`) are one level lower. "
    "Where one server evicts and another does not, or no server is in the repository, the answer is unknown.",
    false_alarms="A Redis that is only a cache, where the one with the queues is set up somewhere else.",
    migration="A target on the same Redis has the same trouble; on Postgres there is none.",
    fix="unsafe",
    hint="Set `maxmemory-policy noeviction` on the server with the queues, and give the cache a server of its own.",
    effort=Effort(30, 30, "project", "an estimate"),
    sources=("BullMQ guide, Going to production, Max memory policy", "Redis documentation, Key eviction; redis.conf of Redis 7.0"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _WORKER, "docker-compose.yml": _COMPOSE.replace("POLICY", "allkeys-lru")},
            good={"mail.ts": _WORKER, "docker-compose.yml": _COMPOSE.replace("POLICY", "noeviction")},
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASKS, "redis.conf": "maxmemory 1gb\nmaxmemory-policy allkeys-lfu\n"},
            good={"tasks.py": _TASKS, "redis.conf": "maxmemory 1gb\n# maxmemory-policy allkeys-lfu\nmaxmemory-policy noeviction\n"},
        ),
    ),
    check=check,
    left_behind=True,
)
