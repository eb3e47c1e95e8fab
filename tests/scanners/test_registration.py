"""A worker that nothing ever starts is said to be none; what cannot be told stays open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from migrator.jobs import Inventory, Job
from migrator.scanners.files import Tree

Scan = Callable[[Mapping[str, str]], Inventory]

BULL = 'import { Worker } from "bullmq";\n'
WORKER = BULL + 'export const worker = new Worker("mail", async () => {});\n'
START = BULL + 'export function startMails() { return new Worker("mail", async () => {}); }\n'
BOSS = 'import PgBoss from "pg-boss";\nconst boss = new PgBoss("");\nexport function takeMails() { boss.work("mail", async () => {}); }\n'

MAIN = BULL + 'async function main() { new Worker("mail", async () => {}); }\nmain().catch(exit);\n'

FORMS: dict[str, tuple[dict[str, str], bool | None, str]] = {
    "imported by what is started": ({"src/mails.ts": WORKER, "src/main.ts": 'import "./mails";\n'}, True, ""),
    "imported through a barrel": (
        {"src/mails.ts": WORKER, "src/all.ts": 'export * from "./mails";\n', "src/main.ts": 'import "./all.js";\n'},
        True,
        "",
    ),
    "started by a command": ({"src/mails.ts": WORKER, "package.json": '{"scripts": {"mails": "tsx src/mails.ts"}}'}, True, ""),
    "started by a container": ({"src/mails.ts": WORKER, "Dockerfile": 'FROM node\nCMD ["node", "dist/mails.js"]\n'}, True, ""),
    "named in a script of the shell": ({"src/mails.ts": WORKER, "deploy.sh": "supervise mails\n"}, None, ""),
    "nobody imports it": ({"src/mails.ts": WORKER, "src/main.ts": "console.log(1);\n"}, False, "nothing imports or starts src/mails.ts"),
    "a program that people start by hand": (
        {"src/mails.ts": MAIN, "src/main.ts": ""},
        None,
        "",
    ),
    "a program that nothing in it starts": (
        {"src/mails.ts": MAIN.replace("main().catch(exit);\n", ""), "src/main.ts": ""},
        False,
        "nothing imports or starts src/mails.ts",
    ),
    "only a test imports it": (
        {"src/mails.ts": WORKER, "src/main.ts": "", "src/mails.test.ts": 'import { worker } from "./mails";\n'},
        False,
        "nothing imports or starts src/mails.ts",
    ),
    "imported by something that nobody imports": (
        {"src/mails.ts": WORKER, "src/old.ts": 'import "./mails";\n', "src/main.ts": ""},
        False,
        "nothing imports or starts src/mails.ts",
    ),
    "a folder's files are loaded": (
        {"src/mails.ts": WORKER, "src/main.ts": 'import fs from "fs";\nfs.readdirSync(dir).forEach((f) => require(f));\n'},
        None,
        "",
    ),
    "its function is called": ({"src/mails.ts": START, "src/main.ts": 'import { startMails } from "./mails";\nstartMails();\n'}, True, ""),
    "its function is never called": ({"src/main.ts": START}, False, "nothing calls startMails"),
    "pg-boss, its function is never called": ({"src/main.ts": BOSS}, False, "nothing calls takeMails"),
}


@pytest.mark.parametrize(("files", "live", "reason"), FORMS.values(), ids=FORMS)
def test_whether_anything_runs_it(scan_tree: Scan, files: dict[str, str], live: bool | None, reason: str) -> None:
    (job,) = [j for j in scan_tree(files).production if isinstance(j, Job)]
    assert (job.name, job.live, job.reason) == ("mail", live, reason)


def test_how_often_a_file_is_read_does_not_grow_with_the_workers(scan_tree: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Tree.read
    counted: Counter[str] = Counter()

    def counting(tree: Tree, path: str) -> bytes:
        counted[path] += 1
        return read(tree, path)

    monkeypatch.setattr(Tree, "read", counting)
    most: list[int] = []
    for workers in (2, 20):
        counted.clear()
        files = {f"mail{i}.ts": f'import {{ Worker }} from "bullmq";\nnew Worker("mail{i}", async () => {{}});\n' for i in range(workers)}
        scan_tree({**files, "other.ts": "export const other = 1;"})
        most.append(counted["other.ts"])
    assert most[0] == most[1]
