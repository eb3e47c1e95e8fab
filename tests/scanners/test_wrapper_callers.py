"""Which callers of a wrapper decide what is listed in its place."""

from __future__ import annotations

from migrator.jobs import Enqueue, Schedule
from tests.scanners.conftest import Scan


def test_what_a_test_hands_in_says_nothing_of_what_runs(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "queue.ts": """
                import { Queue } from "bullmq";
                const queue = new Queue("mail");
                export const enqueue = (name: string) => queue.add(name, {});
                """,
            "use.ts": """
                import { enqueue } from "./queue";
                export const a = (job) => enqueue(job.name);
                """,
            "tests/queue.test.ts": """
                import { enqueue } from "../queue";
                await enqueue("sample");
                """,
        }
    )
    assert [(i.location.path, i.location.line, i.name) for i in inventory.production if isinstance(i, Enqueue)] == [("queue.ts", 4, "")]
    assert [(i.name, i.area) for i in inventory.of(Enqueue) if i.area] == [("sample", "test")]


def test_a_condition_on_what_the_caller_leaves_out_does_not_hold(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "queue.js": """
                import { Queue } from "bullmq";
                const plan = (name, queue) => queue.add(name, null, { repeat: { pattern: "0 1 * * *" } });
                export const make = (name, options) => {
                  const queue = new Queue(name);
                  if (options?.daily) plan(name, queue);
                  return queue;
                };
                export const usual = (name, options = { daily: true }) => {
                  const queue = new Queue(name);
                  if (options.daily) plan(name, queue);
                  return queue;
                };
                """,
            "use.js": """
                import { make, usual } from "./queue";
                make("left out");
                make("said", { daily: true });
                make("said otherwise", { daily: false });
                make("known at run time", settings());
                usual("by default");
                """,
        }
    )
    assert [s.name for s in inventory.of(Schedule) if not s.wrapper] == ["said", "known at run time", "by default"]
