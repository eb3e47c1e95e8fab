# ruff: noqa: E501 - code under test reads better on one line
"""The names that the processor of a worker tells apart, and what only looks like it."""

from __future__ import annotations

import pytest

from migrator.jobs import Inventory, Job

PACKAGE = '{"dependencies": {"bullmq": "5.0.0", "bull": "4.0.0"}}'
WORKER = 'import { Worker } from "bullmq";\nimport { work, handlers } from "./work";\n%s\n'


def told(inventory: Inventory) -> list[str]:
    (job,) = inventory.of(Job)
    return [use.detail for use in job.uses if use.feature == "job.name"]


FORMS = {
    "switch": 'new Worker("m", async (job) => { switch (job.name) { case "a": return 1; case "b": { return 2; } default: throw 1; } });',
    "if": 'new Worker("m", async (job) => { if (job.name === "a") return 1; else if ("b" == job?.name) return 2; });',
    "a constant": 'const NAMES = { A: "a", B: "b" } as const;\nnew Worker("m", async (job) => { switch (job.name) { case NAMES.A: return 1; case NAMES.B: return 2; } });',
    "an object of functions": 'const own = { a: async () => 1, b: async () => 2 };\nnew Worker("m", async (job) => own[job.name](job));',
    "an imported object, with its type said": 'new Worker("m", async (job) => { const run = handlers[job.name as keyof typeof handlers]; return run(job); });',
    "a map": 'const own = new Map([["a", () => 1], ["b", () => 2]]);\nnew Worker("m", async (job) => own.get(job.name)?.(job));',
    "taken apart in the parameter": 'new Worker("m", async ({ name: kind, data }) => { switch (kind) { case "a": return 1; case "b": return 2; } });',
    "taken apart in the body": 'new Worker("m", async (job) => { const { name, data } = job; switch (name) { case "a": return 1; case "b": return 2; } });',
    "in a variable": 'new Worker("m", async (job) => { const kind = job.name; if (kind === "a") return 1; if (kind !== "b") throw 1; });',
    "handed on": 'new Worker("m", async (job) => { await work(job); });',
    "handed to a method": 'class P { run(job) { switch (job.name) { case "a": return 1; case "b": return 2; } } }\nconst p = new P();\nnew Worker("m", (job) => p.run(job));',
    "the name alone handed on": 'const by = (data, kind) => { switch (kind) { case "a": return 1; case "b": return 2; } };\nnew Worker("m", (job) => by(job.data, job.name));',
}  # fmt: skip
WORK = 'export const handlers = { a: () => 1, b: () => 2 };\nexport async function work(task) { if (task.name === "a") return 1; if (task.name === "b") return 2; }\n'


@pytest.mark.parametrize("code", FORMS.values(), ids=FORMS)
def test_names_that_a_processor_tells_apart(scan_tree, code: str) -> None:
    assert told(scan_tree({"package.json": PACKAGE, "work.ts": WORK, "main.ts": WORKER % code})) == ["a", "b"]


LOOK_ALIKES = {
    "another property": 'new Worker("m", async (job) => { switch (job.data.name) { case "a": return 1; } });',
    "a switch within the switch": 'new Worker("m", async (job) => { switch (job.name) { default: switch (job.data) { case "a": return 1; } } });',
    "put together": 'new Worker("m", async (job) => { console.log(job.name + "a"); });',
    "what is compared is something else": 'new Worker("m", async (job) => { if (job.data === "a") return; });',
    "a cache": 'const cache = new Cache([["a", 1]]);\nnew Worker("m", async (job) => cache.get(job.name));',
    "another map's key": 'const own = new Map([["a", 1]]);\nnew Worker("m", async (job) => own.get(job.data));',
    "a list": 'const own = ["a"];\nnew Worker("m", async (job) => own[job.name]);',
    "another thing of that name": 'new Worker("m", async ({ data }) => { switch (name) { case "a": return 1; } });',
    "its data handed on": 'new Worker("m", async (job) => { await work(job.data); });',
}  # fmt: skip


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes(scan_tree, code: str) -> None:
    assert told(scan_tree({"package.json": PACKAGE, "work.ts": WORK, "main.ts": WORKER % code})) == []


def test_bull_tells_names_apart_only_where_it_takes_any(scan_tree) -> None:
    code = 'import Queue from "bull";\nconst queue = new Queue("m");\nqueue.process("%s", async (job) => { switch (job.name) { case "a": return 1; } });\n'
    assert told(scan_tree({"package.json": PACKAGE, "main.ts": code % "*"})) == ["a"]
    assert told(scan_tree({"package.json": PACKAGE, "main.ts": code % "one"})) == []
