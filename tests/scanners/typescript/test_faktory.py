"""The forms of Faktory's Node.js client that are read, and what is no form of it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Job, Literal, Worker

CODE = """
    import faktory from "faktory-worker";
    import { resize } from "./resize";

    faktory.register("ResizeImage", async ({ id, size }) => { await resize(id, size); });
    faktory.register("Other", resize);

    export async function main() {
      const worker = await faktory.work({ queues: ["critical", "default"], concurrency: 5 });
      const client = await faktory.connect();
      await client.job("ResizeImage", { id: 333, size: "thumb" }).push();
      await client.push({ jobtype: "Other", args: [1], queue: "critical", retry: 3 });
      await client.pushBulk([{ jobtype: "ResizeImage", args: [] }, { jobtype: "Other", args: [] }]);
      await client.close();
    }
"""


def test_every_form(scan_tree) -> None:
    inventory = scan_tree({"app.ts": CODE, "resize.ts": "export const resize = async (id, size) => {};"})
    assert {(j.name, j.handler is not None) for j in inventory.of(Job)} == {("ResizeImage", True), ("Other", True)}
    assert [(w.queues, w.concurrency) for w in inventory.of(Worker)] == [(("critical", "default"), Literal(5))]
    assert [c.symbol for c in inventory.of(Client)] == ["client"]
    assert sorted((e.form, e.name) for e in inventory.of(Enqueue)) == [
        ("job", "ResizeImage"),
        ("push", "Other"),
        ("pushBulk", "Other"),
        ("pushBulk", "ResizeImage"),
    ]
    pushed = next(e for e in inventory.of(Enqueue) if e.form == "push")
    assert (pushed.queue, pushed.max_attempts) == (Literal("critical"), Literal(4))


def test_required(scan_tree) -> None:
    code = "const faktory = require('faktory-worker');\n(async () => { const c = await faktory.connect(); await c.job('A', 1).push(); })();"
    assert [e.name for e in scan_tree({"app.js": code}).of(Enqueue)] == ["A"]


@pytest.mark.parametrize("code", ["const list = [];\nlist.push({ jobtype: 'x' });", "import { work } from './faktory';\nwork();"])
def test_what_only_looks_like_it(scan_tree, code: str) -> None:
    assert [i for i in scan_tree({"app.ts": code, "faktory.ts": "export const work = () => 1;"}).items if i.system == "faktory"] == []


#: what is handed to `pushBulk` -> what is listed
PUSHED = {
    "ids.map((id) => c.job('A', id))": [("job", "A")],
    "ids.map((id) => { const job = c.job('A', id); job.queue = 'low'; return job; })": [("job", "A")],
    "[c.job('A', 1), c.job('B', 2)]": [("job", "A"), ("job", "B")],
    "[c.job('A', 1), other]": [("job", "A"), ("pushBulk", "")],
    "ids.map((id) => make(id))": [("pushBulk", "")],
}


@pytest.mark.parametrize("given", PUSHED)
def test_jobs_that_are_made_first_are_pushed_once(scan_tree, given: str) -> None:
    code = f"""
        import faktory from "faktory-worker";
        import {{ make }} from "maker";
        export const go = async (ids, other) => {{
          const c = await faktory.connect();
          await c.pushBulk({given});
        }};
    """
    assert sorted((e.form, e.name) for e in scan_tree({"app.mjs": code}).of(Enqueue)) == sorted(PUSHED[given])
