"""Which callers of a wrapper decide what is listed in its place."""

from __future__ import annotations

from migrator.jobs import Enqueue
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
