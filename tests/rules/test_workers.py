"""How workers end, what they write, and what their Redis does when it is full: hits and look-alikes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

WORKER = 'import { Worker } from "bullmq";\nexport const worker = new Worker("mail", async (job) => {\n  BODY\n});\n'
PLAIN = WORKER.replace("BODY", "await send(job.data);")
TASK = "from celery import Celery\n\napp = Celery('shop', broker='BROKER')\n\n@app.task\ndef send(to): ...\n"
IMPORT = 'import { worker } from "./worker";\n'
COMPOSE = "services:\n  redis:\n    image: redis:7\n"


def policy(name: str) -> str:
    return f"maxmemory 1gb\nmaxmemory-policy {name}\n"


FORMS: dict[str, tuple[str, Mapping[str, str], str]] = {
    "nothing listens": ("JOB801", {"worker.ts": PLAIN}, "fail"),
    "a listener that ends the process": ("JOB801", {"worker.ts": PLAIN + 'process.on("SIGTERM", () => process.exit(0));\n'}, "fail"),
    "a listener for something else": (
        "JOB801",
        {"worker.ts": PLAIN + 'process.on("uncaughtException", () => worker.close());\n'},
        "unknown",
    ),
    "in another file, through a function": (
        "JOB801",
        {
            "worker.ts": PLAIN,
            "main.ts": IMPORT + 'async function stop() {\n  await worker.close();\n}\nprocess.once("SIGINT", () => void stop());\n',
        },
        "pass",
    ),
    "for each signal of a list": (
        "JOB801",
        {"worker.ts": PLAIN, "main.ts": IMPORT + 'for (const s of ["SIGTERM", "SIGINT"]) process.on(s, () => worker.close());\n'},
        "pass",
    ),
    "a list of workers": (
        "JOB801",
        {
            "worker.ts": PLAIN,
            "main.ts": IMPORT + 'const workers = make(worker);\nprocess.on("SIGTERM", () => Promise.all(workers.map((w) => w.close())));\n',
        },
        "pass",
    ),
    "a hook of a framework": ("JOB801", {"worker.ts": PLAIN + 'app.addHook("onClose", () => worker.close());\n'}, "unknown"),
    "only the server is closed": (
        "JOB801",
        {
            "worker.ts": PLAIN,
            "main.ts": 'import { createServer } from "node:http";\nconst s = createServer();\nprocess.on("SIGTERM", () => s.close());\n',
        },
        "fail",
    ),
    "NestJS with its hooks": ("JOB801", {"worker.ts": PLAIN, "main.ts": "app.enableShutdownHooks();\n"}, "pass"),
    "only console": ("JOB401", {"worker.ts": WORKER.replace("BODY", "console.log(job.id);")}, "fail"),
    "a logger of one's own": (
        "JOB401",
        {
            "worker.ts": 'import { logger } from "./log";\n' + WORKER.replace("BODY", "logger.info(job.id);"),
            "log.ts": "export const logger = { info: (x: unknown) => console.log(x) };\n",
        },
        "pass",
    ),
    "a logger further down": (
        "JOB401",
        {
            "worker.ts": 'import { deliver } from "./deliver";\n' + WORKER.replace("BODY", "console.log(1);\n  await deliver(job);"),
            "deliver.ts": 'import pino from "pino";\nconst log = pino();\nexport function deliver(job: any) {\n  log.info(job.id);\n}\n',
        },
        "pass",
    ),
    "records that are printed": ("JOB401", {"worker.ts": WORKER.replace("BODY", "console.log(JSON.stringify({ id: job.id }));")}, "pass"),
    "nothing is said": ("JOB401", {"worker.ts": PLAIN}, "not-applicable"),
    "a logarithm is no logger": ("JOB401", {"worker.ts": WORKER.replace("BODY", "console.log(Math.log(job.data.n));")}, "fail"),
    "console in the web server": ("JOB401", {"worker.ts": PLAIN, "web.ts": "console.log('up');\n"}, "not-applicable"),
    "any key": ("JOB806", {"worker.ts": PLAIN, "redis.conf": policy("allkeys-lru")}, "fail"),
    "keys with an end": ("JOB806", {"worker.ts": PLAIN, "redis.conf": policy("volatile-lru")}, "fail"),
    "Terraform": (
        "JOB806",
        {"worker.ts": PLAIN, "infra/redis.tf": 'parameter {\n  name  = "maxmemory-policy"\n  value = "allkeys-lfu"\n}\n'},
        "fail",
    ),
    "a comment": ("JOB806", {"worker.ts": PLAIN, "redis.conf": "# maxmemory-policy allkeys-lru\nmaxmemory-policy noeviction\n"}, "pass"),
    "a server that is told nothing": ("JOB806", {"worker.ts": PLAIN, "compose.yml": COMPOSE}, "pass"),
    "two servers": ("JOB806", {"worker.ts": PLAIN, "compose.yml": COMPOSE, "cache.conf": policy("allkeys-lru")}, "unknown"),
    "two servers in one file": (
        "JOB806",
        {
            "worker.ts": PLAIN,
            "compose.yml": COMPOSE + "  cache:\n    image: redis:7\n    command: redis-server --maxmemory-policy allkeys-lru\n",
        },
        "unknown",
    ),
    "a server for development": ("JOB806", {"worker.ts": PLAIN, "redis.dev.conf": policy("allkeys-lru")}, "unknown"),
    "no server at all": ("JOB806", {"worker.ts": PLAIN}, "unknown"),
    "Celery on Redis": ("JOB806", {"t.py": TASK.replace("BROKER", "redis://cache"), "redis.conf": policy("allkeys-lru")}, "fail"),
    "Celery on RabbitMQ": ("JOB806", {"t.py": TASK.replace("BROKER", "amqp://mq"), "redis.conf": policy("allkeys-lru")}, "not-applicable"),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_said_of_workers(tmp_path: Path, form: str) -> None:
    rule, files, state = FORMS[form]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (found,) = check(scan(tmp_path), tmp_path, select=[rule]).checks
    assert found.state == state, found


@pytest.mark.parametrize(("name", "severity"), [("allkeys-lru", "critical"), ("volatile-ttl", "high")])
def test_what_evicts_any_key_is_worse(tmp_path: Path, name: str, severity: str) -> None:
    (tmp_path / "worker.ts").write_text(PLAIN)
    (tmp_path / "redis.conf").write_text(policy(name))
    (finding,) = check(scan(tmp_path), tmp_path, select=["JOB806"]).findings
    assert finding.severity == severity
