"""The forms of Bee-Queue that are read, and what is no form of it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Job, Literal, Worker

IMPORTS = {
    "default": "import Queue from 'bee-queue';",
    "require": "const Queue = require('bee-queue');",
    "import equals": "import Queue = require('bee-queue');",
    "namespace": "import * as Queue from 'bee-queue';",
}


@pytest.mark.parametrize("code", IMPORTS.values(), ids=IMPORTS)
def test_a_queue(scan_tree, code: str) -> None:
    text = """
        const mails = new Queue('mail', { isWorker: true });
        mails.process(5, async (job) => {});
        export async function send(id) {
          const job = await mails
            .createJob({ id })
            .timeout(3000)
            .retries(2)
            .setId('x')
            .save();
        }
    """
    inventory = scan_tree({"app.ts": code + text})
    assert [(c.name, c.symbol) for c in inventory.of(Client)] == [("mail", "mails")]
    assert [(j.name, j.concurrency, j.handler is not None) for j in inventory.of(Job)] == [("mail", Literal(5), True)]
    assert [w.queues for w in inventory.of(Worker)] == [("mail",)]
    found = inventory.of(Enqueue)
    assert [(e.name, e.max_attempts, e.dedupe, e.location.line) for e in found] == [("mail", Literal(3), Literal("x"), 6)]


def test_queues_of_a_table(scan_tree) -> None:
    files = {
        "lib/Queue.js": """
            import Bee from "bee-queue";
            import Welcome from "../jobs/Welcome";
            import Cancel from "../jobs/Cancel";
            const jobs = [Welcome, Cancel];
            class Queue {
              constructor() { this.queues = {}; this.init(); }
              init() {
                jobs.forEach(({ key, handle }) => {
                  this.queues[key] = { bee: new Bee(key, {}), handle };
                });
              }
              add(queue, job) { return this.queues[queue].bee.createJob(job).save(); }
              processQueue() {
                jobs.forEach((job) => {
                  const { bee, handle } = this.queues[job.key];
                  bee.on("failed", () => {}).process(handle);
                });
              }
            }
            export default new Queue();
        """,
        "jobs/Welcome.js": "class Welcome { get key() { return 'Welcome'; }\n async handle({ data }) {} }\nexport default new Welcome();",
        "jobs/Cancel.js": "class Cancel { get key() { return 'Cancel'; }\n async handle({ data }) {} }\nexport default new Cancel();",
        "app.js": "import Queue from './lib/Queue';\nimport Welcome from './jobs/Welcome';\nQueue.add(Welcome.key, { id: 1 });",
    }
    inventory = scan_tree(files)
    assert [c.location.line for c in inventory.of(Client)] == [10]
    found = [e for e in inventory.of(Enqueue) if not e.wrapper]
    assert [(e.name, e.location.path, e.via) for e in found] == [("Welcome", "app.js", ("add",))]
    assert {(j.name, j.location.path) for j in inventory.of(Job)} == {("Welcome", "lib/Queue.js"), ("Cancel", "lib/Queue.js")}


LOOK_ALIKES = {
    "another queue": "class Queue { createJob(x) { return this; }\n save() {} }\nnew Queue('mail').createJob({}).save();",
    "a printer": "import { printer } from 'printer';\nprinter.createJob({});",
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_like_it(scan_tree, code: str) -> None:
    assert [i for i in scan_tree({"app.ts": code}).items if i.system == "bee-queue"] == []
