"""Job systems that no reader knows: said once, at the first file that imports their package."""

from __future__ import annotations

from tests.scanners.conftest import Scan


def test_a_system_that_is_not_read_is_said(scan_tree: Scan) -> None:
    files = {
        "a.ts": "import { start } from 'workflow/api';\nstart(run, []);",
        "b.ts": 'import { start } from "workflow/api";\nstart(run, []);',
        "c.js": "const Bree = require('bree');\nnew Bree({ jobs: ['sweep'] });",
        "c.test.js": "const Bree = require('bree');",
    }
    assert [(u.path, u.line, u.reason) for u in scan_tree(files).unresolved] == [
        ("a.ts", 1, "workflow: the jobs of Workflow DevKit are not read; 2 files name it"),
        ("c.js", 1, "bree: the jobs of Bree are not read"),
    ]


def test_what_only_bears_such_a_name_is_not(scan_tree: Scan) -> None:
    files = {
        "a.ts": "import { start } from './workflow/api';\nimport { x } from '@acme/workflow';\nconst y = 'bree';\nstart(x, y);",
        "workflow/api.ts": "export const start = () => {};",
        "b.ts": "import { run } from 'workflow/run';\nrun();",
        "packages/workflow/package.json": '{"name": "workflow"}',
        "packages/workflow/run.ts": "export const run = () => {};",
    }
    assert not scan_tree(files).unresolved


def test_a_system_of_python_that_is_not_read_is_said(scan_tree: Scan) -> None:
    files = {
        "jobs.py": "from background_task import background\n\n@background(schedule=0)\ndef tidy(): ...\n",
        "more.py": "def start():\n    import background_task.models\n",
        "queue.py": "from google.cloud import storage\nfrom google.cloud import tasks_v2\n",
        "clock.py": "import os\nfrom fastapi_utils.tasks import repeat_every\n",
        "tests/test_jobs.py": "import saq\n",
    }
    assert [(u.path, u.line, u.reason) for u in scan_tree(files).unresolved] == [
        ("clock.py", 2, "fastapi_utils.tasks: the jobs of fastapi-utils are not read"),
        ("jobs.py", 1, "background_task: the jobs of django-background-tasks are not read; 2 files name it"),
        ("queue.py", 2, "google.cloud.tasks_v2: the jobs of Google Cloud Tasks are not read"),
    ]


def test_what_only_bears_such_a_name_in_python_is_not(scan_tree: Scan) -> None:
    files = {
        "a.py": "from google.cloud import storage\nfrom scheduled import schedule\nfrom fastapi_utils.cbv import cbv\n# import saq\n",
        "b.py": "import schedule\nfrom kronos.jobs import sweep\nfrom .saq import Queue\nimport background_tasks\n",
        "schedule.py": "def every(): ...\n",
        "kronos/jobs.py": "def sweep(): ...\n",
        "saq.py": "class Queue: ...\n",
    }
    assert scan_tree(files).unresolved == ()
