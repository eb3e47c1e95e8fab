"""Pages of queues: what stands before them, and what only looks like a login or like an open page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.jobs.findings import Check
from migrator.rules import check
from migrator.scanners import scan

BOARD = (
    'import express from "express";\nimport { Queue, Worker } from "bullmq";\nimport { ExpressAdapter } from "@bull-board/express";\n'
    'import { login } from "./login";\nconst mails = new Queue("mail");\nnew Worker("mail", async (job) => send(job.data));\n'
    "const board = new ExpressAdapter();\nconst app = express();\nBEFOREapp.use('/queues', board.getRouter());\nAFTER"
)
LISTEN = "app.listen(3000);\n"
TASKS = "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n"
COMPOSE = "services:\n  flower:\n    image: shop\n    command: celery -A shop flower\n"
PORT = '    ports:\n      - "5555:5555"\n'


def board(before: str = "", after: str = LISTEN) -> dict[str, str]:
    return {"server.ts": BOARD.replace("BEFORE", before).replace("AFTER", after)}


FORMS: dict[str, tuple[Mapping[str, str], str]] = {
    "nothing before it": (board(), "fail"),
    "what is used before it says nothing of a login": (board("app.use(express.json());\n"), "fail"),
    "a login for all": (board("app.use(requireLogin);\n"), "pass"),
    "a login after it": (board("", "app.use(requireLogin);\n" + LISTEN), "fail"),
    "an application that is handed on": (board("", "export default app;\n"), "unknown"),
    "only in development": (
        {"server.ts": board()["server.ts"].replace("app.use(", 'if (process.env.NODE_ENV !== "production") app.use(')},
        "pass",
    ),
    "a middleware whose name says nothing": (
        {"server.ts": board()["server.ts"].replace("'/queues', ", "'/queues', first, ")},
        "unknown",
    ),
    "NestJS with a middleware": (
        {
            **board(),
            "server.ts": 'import { Worker } from "bullmq";\nimport { BullBoardModule } from "@bull-board/nestjs";\n'
            'new Worker("mail", async (job) => send(job.data));\nBullBoardModule.forRoot({ route: "/q", middleware: Basic });\n',
        },
        "pass",
    ),
    "Flower on an open port": ({"tasks.py": TASKS, "compose.yml": COMPOSE + PORT}, "fail"),
    "Flower on no port": ({"tasks.py": TASKS, "compose.yml": COMPOSE}, "pass"),
    "Flower on this machine only": ({"tasks.py": TASKS, "compose.yml": COMPOSE + PORT.replace("5555:", "127.0.0.1:5555:", 1)}, "pass"),
    "Flower with a login from the environment": (
        {"tasks.py": TASKS, "compose.yml": COMPOSE + PORT, ".env": "FLOWER_BASIC_AUTH=a:b\n"},
        "pass",
    ),
    "Flower for development": ({"tasks.py": TASKS, "docker-compose.dev.yml": COMPOSE + PORT}, "not-applicable"),
    "Flower in a script": ({"tasks.py": TASKS, "start.sh": "celery -A shop flower\n"}, "unknown"),
    "Flower as a web process": ({"tasks.py": TASKS, "Procfile": "web: celery -A shop flower --port=$PORT\n"}, "fail"),
}


@pytest.mark.parametrize("form", FORMS)
def test_who_sees_the_queues(tmp_path: Path, form: str) -> None:
    files, state = FORMS[form]
    found = became(tmp_path, files)
    assert found.state == state, found


@pytest.mark.parametrize(("path", "severity"), [("compose.yml", "medium"), ("deploy/production/compose.yml", "high")])
def test_how_bad_it_is_depends_on_what_the_file_is_for(tmp_path: Path, path: str, severity: str) -> None:
    write(tmp_path, {"tasks.py": TASKS, path: COMPOSE + PORT})
    (finding,) = check(scan(tmp_path), tmp_path, select=["JOB705"]).findings
    assert finding.severity == severity


def became(folder: Path, files: Mapping[str, str]) -> Check:
    write(folder, files)
    (found,) = check(scan(folder), folder, select=["JOB705"]).checks
    return found


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
