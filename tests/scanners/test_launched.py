"""Workers that are started as files of the project."""

from __future__ import annotations

import pytest

from migrator.jobs import Inventory, Worker

WORKER = 'import { Worker } from "bullmq";\nnew Worker("mail", async (job) => {});\n'


def launched(inventory: Inventory) -> list[tuple[str, int, str, str]]:
    return [(w.location.path, w.location.line, w.service, w.confidence) for w in inventory.of(Worker, "bullmq") if w.command]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param("Procfile", "web: node web.js\njobs: node --enable-source-maps dist/worker.js\n", (2, "jobs"), id="Procfile"),
        pytest.param("Procfile", "jobs: cd . && npx tsx watch src/worker.ts\n", (1, "jobs"), id="through npx"),
        pytest.param("package.json", '{\n"scripts": {\n"work": "tsx src/worker.ts"}}', (3, "work"), id="script"),
        pytest.param("docker-compose.yml", "services:\n  jobs:\n    command: node dist/worker.js\n", (3, "jobs"), id="compose"),
        pytest.param("Dockerfile", 'FROM node\nCMD ["node", "src/worker.js"]\n', (2, "Dockerfile"), id="Dockerfile"),
        pytest.param("Procfile", "jobs: bun run ./src/worker\n", (1, "jobs"), id="bun, without a suffix"),
    ],
)
def test_a_command_line_that_runs_a_worker(scan_tree, path: str, text: str, expected: tuple[int, str]) -> None:
    assert launched(scan_tree({"src/worker.ts": WORKER, path: text})) == [(path, *expected, "certain")]


def test_through_scripts_of_packages(scan_tree) -> None:
    inventory = scan_tree(
        {
            "package.json": '{"scripts": {"jobs": "pnpm --filter @x/jobs run work"}}',
            "jobs/package.json": '{"name": "@x/jobs", "scripts": {"work": "tsx src/main.ts"}}',
            "jobs/src/main.ts": WORKER,
            "docker-compose.yml": 'services:\n  jobs:\n    command: ["pnpm", "run", "jobs"]\n',
        }
    )
    # The root's script only passes on.
    assert [row[:3] for row in launched(inventory)] == [("docker-compose.yml", 3, "jobs"), ("jobs/package.json", 1, "work")]


def test_what_a_worker_file_imports_counts(scan_tree) -> None:
    files = {"src/queues/index.ts": 'export * from "./mail";\n', "src/queues/mail.ts": WORKER, "src/main.ts": 'import "./queues";\n'}
    inventory = scan_tree({**files, "src/worker.ts": 'import * as queues from "./queues";\n', "Procfile": "a: node dist/worker.js\n"})
    assert launched(inventory) == [("Procfile", 1, "a", "likely")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("Procfile", "web: node dist/web.js\n", id="another file"),
        pytest.param("Procfile", "web: node missing.js\n", id="no file"),
        pytest.param("package.json", '{"scripts": {"build": "tsc", "lint": "eslint src/worker.ts"}}', id="other programs"),
        pytest.param("package.json", '{"scripts": {"loop": "npm run loop"}}', id="a script that runs itself"),
    ],
)
def test_no_worker(scan_tree, path: str, text: str) -> None:
    assert launched(scan_tree({"src/worker.ts": WORKER, "src/web.ts": "import './worker';\n", path: text})) == []


CLOCK = """\
from apscheduler.schedulers.blocking import BlockingScheduler
from django.core.management.base import BaseCommand
class Command(BaseCommand):
    def handle(self, *args, **options):
        BlockingScheduler().start()
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("python manage.py start_clock", [("Procfile", 1)], id="python"),
        pytest.param("./manage.py start_clock --verbosity 2", [("Procfile", 1)], id="by itself"),
        pytest.param("cd . && django-admin start_clock", [("Procfile", 1)], id="django-admin"),
        pytest.param("python manage.py migrate", [], id="another command"),
        pytest.param("python manage.py", [], id="no command"),
    ],
)
def test_management_commands(scan_tree, command: str, expected: list[tuple[str, int]]) -> None:
    files = {"jobs/management/commands/start_clock.py": CLOCK, "manage.py": "import os\n", "Procfile": f"clock: {command}\n"}
    found = [(w.location.path, w.location.line) for w in scan_tree(files).of(Worker, "apscheduler") if w.command]
    assert found == expected
