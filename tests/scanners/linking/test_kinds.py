"""One of several classes of the project, chosen when the application starts: what they have in common counts, not the first one."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Job
from tests.scanners.conftest import Scan

FILES = {
    "package.json": '{"dependencies": {"bullmq": "5.0.0", "pg-boss": "10.1.0"}}',
    "types.ts": """
        export interface Jobs { define(name: string, run: Run): void; push(name: string, data: unknown): Promise<void> }
        export abstract class Base {
          abstract define(name: string, run: Run): void;
          abstract push(name: string, data: unknown): Promise<void>;
        }
        """,
    "memory.ts": """
        import { Base, type Jobs } from "./types";
        export class Memory extends Base implements Jobs {
          define(name: string, run: Run) { handlers[name] = run; }
          async push(name: string, data: unknown) { setImmediate(() => handlers[name](data)); }
        }
        """,
    "bull.ts": """
        import { Queue, Worker } from "bullmq";
        import { Base, type Jobs } from "./types";
        export class Bull extends Base implements Jobs {
          define(name: string, run: Run) { new Worker(name, run); }
          async push(name: string, data: unknown) { await new Queue(name).add(name, data); }
        }
        """,
    "boss.ts": """
        import PgBoss from "pg-boss";
        import { Base, type Jobs } from "./types";
        export class Boss extends Base implements Jobs {
          private boss = new PgBoss("postgres://x");
          define(name: string, run: Run) { void this.boss.work(name, run); }
          async push(name: string, data: unknown) { await this.boss.send(name, data); }
        }
        """,
    "app.ts": """
        import { jobs } from "./jobs";
        jobs.define("mail", async (job) => { await send(job); });
        export const go = () => jobs.push("mail", { id: 1 });
        """,
}
IMPORTS = """
import { Base, type Jobs } from "./types";
import { Memory } from "./memory";
import { Bull } from "./bull";
import { Boss } from "./boss";
"""
CHOICES = {
    "an interface": "export const jobs: Jobs = process.env.FAST ? new Memory() : process.env.BULL ? new Bull() : new Boss();",
    "no type": "export const jobs = process.env.BULL ? new Bull() : new Boss();",
    "a function": """
function make(): Base {
  switch (process.env.JOBS) {
    case "memory": return new Memory();
    case "bull": return new Bull();
    default: return new Boss();
  }
}
export const jobs = make();
""",
}


@pytest.mark.parametrize("choice", CHOICES)
def test_jobs_through_what_several_classes_have_in_common_are_of_each_of_them(scan_tree: Scan, choice: str) -> None:
    inventory = scan_tree({**FILES, "jobs.ts": IMPORTS + CHOICES[choice]})
    assert [(j.system, j.name, j.location.path) for j in inventory.of(Job) if not j.wrapper] == [
        ("bullmq", "mail", "app.ts"),
        ("pg-boss", "mail", "app.ts"),
    ]
    assert [(e.system, e.name, e.location.path) for e in inventory.of(Enqueue) if not e.wrapper] == [
        ("bullmq", "mail", "app.ts"),
        ("pg-boss", "mail", "app.ts"),
    ]


ONE = {
    "one class": "export const jobs: Jobs = process.env.URL ? new Bull({ url: process.env.URL }) : new Bull();",
    "one that derives from the other": "class Own extends Bull {}\nexport const jobs: Jobs = process.env.OWN ? new Own() : new Bull();",
    "one that has nothing in common with the other": "class Own {}\nexport const jobs = process.env.BULL ? new Bull() : new Own();",
}


@pytest.mark.parametrize("choice", ONE)
def test_what_is_one_class_in_the_end_is_that_class(scan_tree: Scan, choice: str) -> None:
    inventory = scan_tree({**FILES, "jobs.ts": IMPORTS + ONE[choice]})
    assert [(j.system, j.name) for j in inventory.of(Job) if not j.wrapper and j.name] == [("bullmq", "mail")]
    assert [(e.system, e.name) for e in inventory.of(Enqueue) if not e.wrapper and e.name] == [("bullmq", "mail")]
