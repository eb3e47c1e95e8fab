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
    "a map that is filled": 'const own = new Map();\nown.set("a", () => 1);\nown.set("b", () => 2);\nnew Worker("m", async (job) => { const run = own.get(job.name); return run(job); });',
    "an object that is filled": 'const own = {};\nown["a"] = () => 1;\nown["b"] = () => 2;\nnew Worker("m", (job) => own[job.name](job));',
    "an object that is filled by name": 'const own: Record<string, Run> = {};\nown.a = () => 1;\nown.b = () => 2;\nnew Worker("m", (job) => own[job.name](job));',
    "an object that is made and filled": 'const own: any = { a: () => 1 };\nown.b = () => 2;\nnew Worker("m", (job) => { const run = own[job.name]; return run(job); });',
    "an object of a class that is filled by name": 'class P { own = {};\nconstructor() { this.own.a = () => 1; this.own.b = () => 2; new Worker("m", (job) => this.own[job.name](job)); } }',
    "a module as a whole": 'import * as all from "./all";\nnew Worker("m", (job) => all[job.name](job));',
    "keys from an enum": 'enum N { A = "a", B = "b" }\nconst own = { [N.A]: () => 1, [N.B]: () => 2 };\nnew Worker("m", (job) => own[job.name as N](job));',
    "one of a list of objects": 'const all = [{ name: "a", run: () => 1 }, { name: "b", run: () => 2 }];\nnew Worker("m", (job) => all.find((each) => each.name === job.name).run(job));',
    "in a list": 'new Worker("m", async (job) => { if (["a", "b"].includes(job.name)) return 1; });',
    "in a set": 'const own = new Set(["a", "b"]);\nnew Worker("m", async (job) => { if (own.has(job.name)) return 1; });',
    "a switch on conditions": 'new Worker("m", async ({ name }) => { switch (true) { case name === "a": return 1; case name === "b": return 2; } });',
    "a processor that a factory makes": 'const make = (table) => async (job) => table[job.name](job);\nnew Worker("m", make({ a: () => 1, b: () => 2 }));',
    "a map of a class": 'class P { own = { a: this.a.bind(this), b: () => 2 };\na() {}\nstart() { return new Worker("m", (job) => this.own[job.name](job)); } }',
    "taken apart in the parameter": 'new Worker("m", async ({ name: kind, data }) => { switch (kind) { case "a": return 1; case "b": return 2; } });',
    "taken apart in the body": 'new Worker("m", async (job) => { const { name, data } = job; switch (name) { case "a": return 1; case "b": return 2; } });',
    "in a variable": 'new Worker("m", async (job) => { const kind = job.name; if (kind === "a") return 1; if (kind !== "b") throw 1; });',
    "handed on": 'new Worker("m", async (job) => { await work(job); });',
    "handed to a method": 'class P { run(job) { switch (job.name) { case "a": return 1; case "b": return 2; } } }\nconst p = new P();\nnew Worker("m", (job) => p.run(job));',
    "the name alone handed on": 'const by = (data, kind) => { switch (kind) { case "a": return 1; case "b": return 2; } };\nnew Worker("m", (job) => by(job.data, job.name));',
}  # fmt: skip
ALL = "export const a = () => 1;\nexport function b() {}\nexport default a;\n"
WORK = 'export const handlers = { a: () => 1, b: () => 2 };\nexport async function work(task) { if (task.name === "a") return 1; if (task.name === "b") return 2; }\n'


@pytest.mark.parametrize("code", FORMS.values(), ids=FORMS)
def test_names_that_a_processor_tells_apart(scan_tree, code: str) -> None:
    assert told(scan_tree({"package.json": PACKAGE, "work.ts": WORK, "all.ts": ALL, "main.ts": WORKER % code})) == ["a", "b"]


LOOK_ALIKES = {
    "another property": 'new Worker("m", async (job) => { switch (job.data.name) { case "a": return 1; } });',
    "a switch within the switch": 'new Worker("m", async (job) => { switch (job.name) { default: switch (job.data) { case "a": return 1; } } });',
    "put together": 'new Worker("m", async (job) => { console.log(job.name + "a"); });',
    "what is compared is something else": 'new Worker("m", async (job) => { if (job.data === "a") return; });',
    "a cache": 'const cache = new Cache([["a", 1]]);\nnew Worker("m", async (job) => cache.get(job.name));',
    "another map's key": 'const own = new Map([["a", 1]]);\nnew Worker("m", async (job) => own.get(job.data));',
    "a list in which something else is looked for": 'new Worker("m", async (job) => { if (["a"].includes(job.data)) return 1; });',
    "one of a list by something else": 'const all = [{ name: "a" }];\nnew Worker("m", (job) => all.find((each) => each.name === job.data.name));',
    "a property of something else": 'const other = load();\nnew Worker("m", (job) => { if (other.name === job.name) return 1; });',
    "an object with nothing in it": 'const own = {};\nnew Worker("m", (job) => own[job.name]);',
    "an object of that name elsewhere": 'const own = {};\nexport function f(own) { own.a = 1; }\nconst other = {};\nother.a = 2;\nnew Worker("m", (job) => own[job.name]);',
    "what an entry is given, and what is compared": 'const own = {};\nown.a.b = 1;\nif (own.c === 1) stop();\nnew Worker("m", (job) => own[job.name]);',
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


UNKNOWN_KEYS = {
    "a registry": 'class R { own = new Map();\nadd(name, run) { this.own.set(name, run); }\nget(name) { return this.own.get(name); } }\nconst r = new R();\nr.add("a", () => 1);\nnew Worker("m", (job) => r.get(job.name)(job));',
    "what is put in at run time": 'const own = {};\nexport const add = (name, run) => { own[name] = run; };\nnew Worker("m", (job) => own[job.name](job));',
    "what other files put in": 'export const own = {};\nnew Worker("m", (job) => own[job.name](job));',
    "another table within": 'const own = { a: () => 1, ...others() };\nnew Worker("m", (job) => own[job.name](job));',
}  # fmt: skip


@pytest.mark.parametrize("code", UNKNOWN_KEYS.values(), ids=UNKNOWN_KEYS)
def test_a_table_that_is_filled_at_run_time_is_said(scan_tree, code: str) -> None:
    inventory = scan_tree({"package.json": PACKAGE, "work.ts": WORK, "main.ts": WORKER % code})
    assert [(u.path, u.reason) for u in inventory.unresolved] == [("main.ts", "this table has names of jobs that only the run knows")]


def test_where_a_name_is_told_apart_is_in_the_file_of_the_processor(scan_tree) -> None:
    code = 'import { Worker } from "bullmq";\nimport { work } from "./work";\nnew Worker("m", work);\n'
    (job,) = scan_tree({"package.json": PACKAGE, "work.ts": WORK, "main.ts": code}).of(Job)
    assert [(use.detail, use.location.path, use.location.line) for use in job.uses] == [("a", "work.ts", 2), ("b", "work.ts", 2)]
