# ruff: noqa: E501 - code under test reads better on one line
"""Helpers of Sails, which code calls by the names of their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from migrator.jobs import Enqueue, Inventory, Item, Job, literal_of

Scan = Callable[[Mapping[str, str]], Inventory]

QUEUE = """\
const Bull = require("bull");
const queues = {};
module.exports = {
  inputs: { queueName: { required: true }, prefix: { type: "string" } },
  sync: true,
  fn: %s
};
"""
BODIES = {
    "an exit": 'function (inputs, exits) { if (queues[inputs.queueName]) { return exits.success(queues[inputs.queueName]); }\n'
    "    const queue = new Bull(inputs.queueName); queues[inputs.queueName] = queue; return exits.success(queue); }",
    "the exit itself": "function (inputs, done) { done(new Bull(inputs.queueName)); }",
    "returned": "async function ({ queueName }) { return new Bull(queueName); }",
}  # fmt: skip


def told(inventory: Inventory, kind: type[Item]) -> list[tuple[str, str, int]]:
    return sorted((i.name, i.location.path, i.location.line) for i in inventory.items if isinstance(i, kind) and not i.wrapper)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_a_helper_gives_is_a_queue(scan_tree: Scan, body: str) -> None:
    inventory = scan_tree(
        {
            "api/helpers/queues/get-queue-object.js": QUEUE % body,
            "api/controllers/send.js": 'module.exports = async () => { await sails.helpers.queues.getQueueObject("mail").add({ to: 1 }); };\n',
            "api/controllers/named.js": 'module.exports = () => sails.helpers.queues\n  .getQueueObject.with({ queueName: "push" })\n  .add({ to: 1 });\n',
            "api/hooks/jobs/index.js": 'module.exports = function jobs(sails) { sails.helpers.queues.getQueueObject("hooks").add({ to: 1 }); };\n',
            "worker.js": 'const queue = sails.helpers.queues.getQueueObject("mail");\nqueue.process(async (job) => {});\n',
        }
    )
    assert told(inventory, Enqueue) == [
        ("hooks", "api/hooks/jobs/index.js", 1),
        ("mail", "api/controllers/send.js", 1),
        ("push", "api/controllers/named.js", 3),
    ]
    assert told(inventory, Job) == [("mail", "worker.js", 2)]
    assert {literal_of(i.queue) for i in inventory.items if isinstance(i, Enqueue)} == {"hooks", "mail", "push"}


UNLIKE = {
    "another helper": 'sails.helpers.queues.getOther("mail").add({ to: 1 });\n',
    "another folder": 'sails.helpers.getQueueObject("mail").add({ to: 1 });\n',
    "not of the framework": 'const sails = { helpers: { queues: { getQueueObject: () => new Set() } } };\nsails.helpers.queues.getQueueObject("mail").add(1);\n',
    "something else that a hook is handed": 'module.exports = (app) => app.helpers.queues.getQueueObject("mail").add(1);\n',
}


@pytest.mark.parametrize("code", UNLIKE.values(), ids=UNLIKE)
def test_other_calls_are_none_of_a_helper(scan_tree: Scan, code: str) -> None:
    body = BODIES["an exit"]
    inventory = scan_tree({"api/helpers/queues/get-queue-object.js": QUEUE % body, "api/send.js": code})
    assert told(inventory, Enqueue) == []
