"""Timers that the application makes itself: those that do a job's work, and the many that do not."""

from __future__ import annotations

import pytest

from migrator.jobs import Expression, Inventory, Job, Literal, Schedule, Value

SWEEP = "async function sweep() {\n  await prisma.session.deleteMany({ where: { expiresAt: { lt: new Date() } } });\n}\n"


def timers(inventory: Inventory) -> list[Job]:
    return [i for i in inventory.items if isinstance(i, Job) and i.system == "custom-timer"]


FOUND: dict[str, tuple[str, str, Value | None]] = {
    "setInterval of a function": (SWEEP + "setInterval(sweep, 60_000);", "sweep", Literal(60)),
    "setInterval of an arrow": (SWEEP + "setInterval(async () => { await sweep(); }, 5 * 60 * 1000);", "sweep", Literal(300)),
    "setInterval of a bound method": (
        (
            "class Cleaner {\n  start() { setInterval(this.clean.bind(this), EVERY); }\n"
            "  async clean() { await db.query('DELETE FROM sessions'); }\n}"
        ),
        "clean",
        Expression("EVERY", 0.001),
    ),
    "a handle that can be stopped": (
        SWEEP
        + "let timer;\nexport function start() { timer = setInterval(sweep, 60000); }\nexport function stop() { clearInterval(timer); }",
        "sweep",
        Literal(60),
    ),
    "stopped with the process": (
        SWEEP + "export function start() { const t = setInterval(sweep, 60000); process.on('SIGTERM', () => clearInterval(t)); }",
        "sweep",
        Literal(60),
    ),
    "sets itself again": (SWEEP + "async function tick() { await sweep(); setTimeout(tick, 5000); }\ntick();", "tick", Literal(5)),
    "sets itself again, sooner when there was something to do": (
        SWEEP + "const tick = async () => { const some = await sweep(); timer = setTimeout(tick, some ? 500 : IDLE); };\ntick();",
        "tick",
        Expression("some ? 500 : IDLE", 0.001),
    ),
    "sets itself again by another": (
        SWEEP
        + "function next() { setTimeout(() => { runOnce(); }, 1000); }\n"
        + "async function runOnce() { try { await sweep(); } finally { next(); } }\nnext();",
        "runOnce",
        Literal(1),
    ),
    "loop that sleeps": (
        SWEEP + "export async function work() {\n  while (true) {\n    await sweep();\n    await sleep(10_000);\n  }\n}",
        "work",
        Literal(10),
    ),
    "loop until the process ends": (
        SWEEP + "export async function work() {\n  while (!stopped) {\n    if (stopped) break;\n"
        "    await sweep();\n    await delay(2000);\n  }\n}",
        "work",
        Literal(2),
    ),
    "loop with a promise": (
        SWEEP + "export async function work() { for (;;) { await sweep(); await new Promise((r) => setTimeout(r, 3000)); } }",
        "work",
        Literal(3),
    ),
}


@pytest.mark.parametrize(("code", "name", "interval"), FOUND.values(), ids=FOUND)
def test_a_timer(scan_tree, code: str, name: str, interval: Value | None) -> None:
    found = timers(scan_tree({"server/sweeper.ts": code}))
    assert [j.name for j in found] == [name]
    assert found[0].confidence in ("likely", "possible")
    assert "works on rows of a database" in found[0].reason
    assert [t.value for t in found[0].triggers] == [interval]


def test_a_timer_that_puts_jobs_on_their_way(scan_tree) -> None:
    code = "import { Queue } from 'bullmq';\nconst q = new Queue('mail');\nsetInterval(() => { q.add('digest', {}); }, 60000);"
    found = timers(scan_tree({"server/digest.ts": code}))
    assert [(j.confidence, "puts jobs on their way" in j.reason) for j in found] == [("likely", True)]


def test_classes_that_derive_from_a_runner(scan_tree) -> None:
    files = {
        "utils/PeriodicRunner.ts": """
            export abstract class PeriodicRunner {
              protected abstract execute(): Promise<void>;
              public start() { this.run(); }
              private async run() { try { await this.execute(); } finally { this.next(); } }
              private next() { this.timer = setTimeout(() => { this.run(); }, this.interval); }
            }
        """,
        "utils/Exclusive.ts": (
            "import { PeriodicRunner } from './PeriodicRunner';\nexport abstract class Exclusive extends PeriodicRunner {}"
        ),
        "features/a.ts": "import { PeriodicRunner } from '../utils/PeriodicRunner';\nexport class Cleaner extends PeriodicRunner {}",
        "features/b.ts": "import { Exclusive } from '../utils/Exclusive';\n\nexport class Monitor extends Exclusive {}",
    }
    found = timers(scan_tree(files))
    assert {(j.name, j.location.path, j.location.line) for j in found} == {("Cleaner", "features/a.ts", 2), ("Monitor", "features/b.ts", 3)}


def test_classes_that_derive_from_what_only_puts_off_are_none(scan_tree) -> None:
    files = {
        "queries/runner.ts": """
            export abstract class QueryRunner {
              protected abstract analyse(): Promise<void>;
              async onFinished() {
                if (!this.timer) {
                  this.timer = setTimeout(() => { this.timer = null; this.refresh(); }, 1000);
                }
              }
              private async refresh() { await this.analyse(); await this.onFinished(); }
            }
        """,
        "queries/a.ts": "import { QueryRunner } from './runner';\nexport class Totals extends QueryRunner {}",
    }
    assert timers(scan_tree(files)) == []


NOT_FOUND: dict[str, tuple[str, str]] = {
    "no work": ("server/a.ts", "setInterval(() => { console.log('alive'); }, 60000);"),
    "a heartbeat": ("server/a.ts", "async function heartbeat() { await prisma.worker.update({}); }\nsetInterval(heartbeat, 5000);"),
    "a ping": ("server/ws.ts", "setInterval(() => { for (const c of clients) c.ping(); }, 30000);"),
    "a cache": ("server/cache.ts", "setInterval(() => { for (const [k] of cache) cache.delete(k); }, 60000);"),
    "metrics": (
        "server/a.ts",
        "async function collectMetrics() { gauge.set(await db.user.findMany()); }\nsetInterval(collectMetrics, 5000);",
    ),
    "a cache of rows": ("server/a.ts", "async function load() { rows = await prisma.meta.findMany(); }\nsetInterval(load, 5000);"),
    "somebody who is connected": ("server/streaming.ts", SWEEP + "setInterval(sweep, 60000);"),
    "a browser": ("src/app.ts", SWEEP + "document.getElementById('x');\nsetInterval(sweep, 60000);"),
    "a phone": (
        "utils/offline.ts",
        "import AsyncStorage from '@react-native-async-storage/async-storage';\n" + SWEEP + "setInterval(sweep, 60000);",
    ),
    "a phone, by its platform": ("lib/sync.ts", "import * as Network from 'expo-network';\n" + SWEEP + "setInterval(sweep, 60000);"),
    "a component": ("src/App.tsx", SWEEP + "setInterval(sweep, 60000);"),
    "a hook": ("src/hooks/useSweep.ts", SWEEP + "setInterval(sweep, 60000);"),
    "what is for clients": ("src/sweep.ts", "'use client';\n" + SWEEP + "setInterval(sweep, 60000);"),
    "a test": ("server/sweep.test.ts", SWEEP + "setInterval(sweep, 60000);"),
    "only once": ("server/a.ts", SWEEP + "setTimeout(sweep, 60000);"),
    "tries again": (
        "server/a.ts",
        "async function load() { try { await db.user.findMany(); } catch (error) { setTimeout(load, 1000); } }\nload();",
    ),
    "connects again": ("server/a.ts", "function connect() { db.query('SELECT 1 FROM x'); setTimeout(() => connect(), 1000); }\nconnect();"),
    "waits for something": (
        "server/a.ts",
        (
            "export const done = (id) => new Promise((resolve) => {\n"
            "  const t = setInterval(async () => { if (await prisma.job.findUnique({ id })) { clearInterval(t); resolve(); } }, 500);\n});"
        ),
    ),
    "accompanies something": (
        "server/a.ts",
        (
            "export async function run(id) {\n  const t = setInterval(() => prisma.run.update({ id }), 5000);\n"
            "  try { await work(); } finally { clearInterval(t); }\n}"
        ),
    ),
    "a loop with an end": (
        "server/migrate.ts",
        (
            "export async function run() { while (true) {\n  const rows = await db.user.findMany();\n  if (rows.length === 0) break;\n"
            "  await sleep(1000);\n} }"
        ),
    ),
    "very short": ("server/a.ts", SWEEP + "setInterval(sweep, 50);"),
    "a method of its own": ("server/a.ts", SWEEP + "this.clock.setInterval(sweep, 60000);"),
}


@pytest.mark.parametrize(("path", "code"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_no_job(scan_tree, path: str, code: str) -> None:
    assert timers(scan_tree({path: code})) == []


JOB_TABLE = {"schema.prisma": "model Job {\n  id String @id\n  type String\n  payload Json\n  status String\n  attempts Int\n}\n"}
TAKES_ROWS = """
    export async function claim(prisma) {
      return (await prisma.$queryRaw`UPDATE "Job" SET status = 'running' WHERE id = (SELECT id FROM "Job" FOR UPDATE SKIP LOCKED)`)[0];
    }
"""


def test_what_looks_after_a_job_table_belongs_to_it(scan_tree) -> None:
    files = {
        **JOB_TABLE,
        "server/take.ts": TAKES_ROWS,
        "server/reaper.ts": "setInterval(async () => { await prisma.job.updateMany({ data: { status: 'failed' } }); }, 60000);",
    }
    assert timers(scan_tree(files)) == []


def test_a_timer_that_works_on_a_job_table_out_of_which_nothing_is_known_to_take_rows(scan_tree) -> None:
    files = {
        **JOB_TABLE,
        "server/rows.ts": """
            export const waiting = () => prisma.job.findMany({ where: { status: "pending" } });
            export const mark = (id, status) => prisma.job.update({ where: { id }, data: { status } });
            export const add = (type, payload) => prisma.job.create({ data: { type, payload, status: "pending" } });
        """,
        "server/worker.ts": """
            import { mark, waiting } from "./rows";
            export function start() {
              setInterval(async () => {
                for (const job of await waiting()) {
                  await mark(job.id, "processing");
                  await act(job.payload);
                }
              }, 5000);
            }
        """,
    }
    inventory = scan_tree(files)
    assert [(j.name, j.location.path, j.location.line) for j in timers(inventory)] == [("start", "server/worker.ts", 4)]
    others = [i for i in inventory.items if i.system == "postgres-table"]
    assert {i.kind: i.confidence for i in others} == {"client": "likely", "enqueue": "likely"}
    assert {i.reason.partition(" ")[0] for i in others} == {"server/worker.ts:4"}


def test_a_table_of_timers(scan_tree) -> None:
    code = """
        import { sweep } from "./sweep";
        export async function runTask(task: Task, isShuttingDown: () => boolean) {
          while (!isShuttingDown()) {
            await new Promise((resolve) => setTimeout(resolve, task.intervalMs));
            if (isShuttingDown()) break;
            await task.execute();
          }
        }
        export const start = (stop) => tasks.forEach((task) => { runTask(task, stop); });
        export const tasks: Task[] = [
          { name: "Sweeper", intervalMs: 30_000, execute: sweep },
          { name: "Other", intervalMs: 60_000, execute: async () => {} },
        ];
    """
    inventory = scan_tree({"server/tasks.ts": code, "server/sweep.ts": "export async function sweep() {}"})
    assert [(j.name, j.location.line, j.handler is not None) for j in timers(inventory)] == [("Sweeper", 12, True), ("Other", 13, True)]
    assert [(s.name, s.interval) for s in inventory.of(Schedule)] == [("Sweeper", Literal(30)), ("Other", Literal(60))]
