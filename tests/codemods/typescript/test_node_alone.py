"""JavaScript that Node loads by itself, and JavaScript that is written for a bundler."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemods.typescript.node_alone import aliases_file, runs_alone
from migrator.codemods.typescript.package_manager import runner
from migrator.codemods.typescript.project import Project

MODULE = '{ "type": "module", "dependencies": { "express": "4" } }'
PLAIN = '{ "dependencies": { "express": "4", "@acme/db": "1" } }'
ALIASES = '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }'


def _project(root: Path, package: str, job: str, **more: str) -> Project:
    files = {"package.json": package, "jobs.js": job, "db.js": "export const db = 1;\n", "old.js": "module.exports = 1;\n", **more}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Project(root)


@pytest.mark.parametrize(
    ("package", "job", "suffix"),
    [
        pytest.param(MODULE, 'import express from "express";\nimport { db } from "./db.js";\n', ".js", id="modules by their whole name"),
        pytest.param(MODULE, 'import { createHash } from "node:crypto";\nexport const a = 1;\n', ".js", id="nothing of the project"),
        pytest.param(PLAIN, 'const one = require("./old");\nmodule.exports = one;\n', "", id="CommonJS"),
        pytest.param(PLAIN, 'const { db } = require("@acme/db");\nmodule.exports = db;\n', "", id="a package"),
    ],
)
def test_what_node_loads(tmp_path: Path, package: str, job: str, suffix: str) -> None:
    project = _project(tmp_path, package, job)
    assert runs_alone(project, ["jobs.js"], suffix)
    assert runner(project, "", "worker.js", alone=True) == ("node worker.js", False)


@pytest.mark.parametrize(
    ("package", "job", "suffix"),
    [
        pytest.param(PLAIN, 'import { db } from "./db.js";\n', ".js", id="modules in a package of scripts"),
        pytest.param(MODULE, 'import { db } from "./db";\n', "", id="the name of a file without its end"),
        pytest.param(MODULE, 'import { db } from "./db.js";\n', "", id="the generated files ask without an end"),
        pytest.param(MODULE, 'import { db } from "@/db.js";\n', ".js", id="another name for a folder"),
        pytest.param(PLAIN, 'const db = require("@/old");\nmodule.exports = db;\n', "", id="the same in CommonJS"),
        pytest.param(MODULE, 'import { db } from "./deep.js";\n', ".js", id="further on"),
        pytest.param(MODULE, 'import { Mail } from "./mail.jsx";\n', ".js", id="JSX"),
    ],
)
def test_what_only_a_bundler_loads(tmp_path: Path, package: str, job: str, suffix: str) -> None:
    more = {"jsconfig.json": ALIASES, "deep.js": 'import "./db";\n', "mail.jsx": "export const Mail = () => <p />;\n"}
    project = _project(tmp_path, package, job, **more)
    assert not runs_alone(project, ["jobs.js"], suffix)
    assert runner(project, "", "worker.js", alone=False) == ("tsx --tsconfig jsconfig.json worker.js", True)


def test_tsx_reads_a_tsconfig_by_itself(tmp_path: Path) -> None:
    project = _project(tmp_path, MODULE, "", **{"jsconfig.json": ALIASES, "tsconfig.json": ALIASES})
    assert aliases_file(project, "") == ""
    assert runner(project, "", "worker.js", alone=False) == ("tsx worker.js", True)
