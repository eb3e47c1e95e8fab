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
