"""How rows are taken out and worked off: claims, loops, the kinds of job that are told apart, timers that put rows in."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Expression, Job, Literal, Schedule, Value, Worker

PRISMA = """
    enum JobStatus { PENDING RUNNING FAILED }
    model Job { id String @id
      type String
      payload Json
      status JobStatus
      @@map("jobs") }
    model Order { id String @id
      status String }
"""
DRIZZLE = """
    import { pgTable, text, jsonb, integer } from "drizzle-orm/pg-core";
    export const jobs = pgTable("jobs", { id: integer(), type: text(), payload: jsonb(), status: text(), attempts: integer() });
    export const orders = pgTable("orders", { status: text() });
"""
SCHEMA = {"p.prisma": PRISMA, "schema.ts": DRIZZLE}
TAKE = "UPDATE jobs SET status = 'RUNNING' WHERE id = (SELECT id FROM jobs FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING *"


def workers(scan_tree, code: str) -> list[Worker]:
    return [w for w in scan_tree({**SCHEMA, "take.ts": code}).of(Worker, "postgres-table") if w.location.path == "take.ts"]


CLAIMS = {
    "one statement": f"export async function take(db) {{ return (await db.query(`{TAKE}`)).rows[0]; }}",
    "a template": "export const take = () => sql`UPDATE jobs SET status = ${'x'} FROM (SELECT id FROM jobs FOR UPDATE SKIP LOCKED) j`;",
    "a template with types": """
        export const take = (prisma) => prisma.$transaction(async (tx) => {
          const rows = await tx.$queryRaw<Array<{ id: string }>>`SELECT id FROM "jobs" FOR UPDATE SKIP LOCKED LIMIT 1`;
          await tx.job.update({ where: { id: rows[0].id }, data: { status: "RUNNING" } });
          return rows[0];
        });
    """,
    "select, then update": """
        export async function take(db) {
          const { rows } = await db.query("SELECT * FROM jobs WHERE status = 'PENDING' FOR UPDATE SKIP LOCKED");
          await db.query("UPDATE jobs SET status = 'RUNNING' WHERE id = $1", [rows[0].id]);
          return rows[0];
        }
    """,
    "Prisma, find and update": """
        export async function take(prisma) {
          const job = await prisma.job.findFirst({ where: { status: "PENDING" }, orderBy: { id: "asc" } });
          if (job) await prisma.job.update({ where: { id: job.id }, data: { status: "RUNNING" } });
          return job;
        }
    """,
    "Prisma, a row that somebody else has chosen": """
        export async function take(prisma, id) {
          const job = await prisma.job.findUnique({ where: { id } });
          await prisma.job.update({ where: { id }, data: { status: "RUNNING", startedAt: new Date() } });
          return job;
        }
    """,
    "Drizzle, a row that somebody else has chosen": """
        import { jobs } from "./schema";
        export async function take(db, id) {
          return db.update(jobs).set({ status: "RUNNING", lockedBy: worker }).where(eq(jobs.id, id)).returning();
        }
    """,
    "Prisma, optimistic": """
        export async function take(prisma, id) {
          const { count } = await prisma.job.updateMany({ where: { id, status: "PENDING" }, data: { status: "RUNNING" } });
          return count === 1 ? prisma.job.findUnique({ where: { id } }) : null;
        }
    """,
    "Prisma, with the enum": """
        import { JobStatus } from "@prisma/client";
        export async function take(prisma) {
          const job = await prisma.job.findFirst({ where: { status: JobStatus.PENDING } });
          return prisma.job.update({ where: { id: job.id }, data: { status: JobStatus.RUNNING } });
        }
    """,
    "Drizzle, locking": """
        import { jobs } from "./schema";
        export const take = (db) => db.select().from(jobs).limit(1).for("update", { skipLocked: true });
    """,
    "Drizzle, optimistic": """
        import { jobs } from "./schema";
        export async function take(db) {
          return db.update(jobs).set({ status: "running" }).where(eq(jobs.status, "pending")).returning();
        }
    """,
    "Knex": "export const take = (trx) => trx('jobs').where({ status: 'pending' }).first().forUpdate().skipLocked();",
    "Kysely": "export const take = (db) => db.selectFrom('jobs').selectAll().forUpdate().skipLocked().executeTakeFirst();",
    "Sequelize": """
        import { DataTypes, Model } from "sequelize";
        class Row extends Model {}
        Row.init({
          type: DataTypes.STRING, payload: DataTypes.JSONB, status: DataTypes.STRING, attempts: DataTypes.INTEGER,
        }, { tableName: "work_queue" });
        export const take = (t) => Row.findOne({ where: { status: "pending" }, lock: true, skipLocked: true, transaction: t });
    """,
}


@pytest.mark.parametrize("code", CLAIMS.values(), ids=CLAIMS)
def test_code_that_takes_rows_is_a_worker(scan_tree, code: str) -> None:
    assert [(w.name, w.options["claims"]) for w in workers(scan_tree, code)] == [("take", Literal(True))]


NO_CLAIMS = {
    "a row that is over": """
        export const take = (prisma, id) => prisma.job.update({ where: { id }, data: { status: "FAILED", startedAt: null } });
    """,
    "another table whose rows begin": """
        export const take = (prisma, id) => prisma.order.update({ where: { id }, data: { status: "RUNNING", startedAt: new Date() } });
    """,
    "Prisma, another model": """
        export async function ship(prisma) {
          const order = await prisma.order.findFirst({ where: { status: "pending" } });
          await prisma.order.update({ where: { id: order.id }, data: { status: "processing" } });
        }
    """,
    "Drizzle, another table": """
        import { orders } from "./schema";
        export const ship = (db) => db.update(orders).set({ status: "processing" }).where(eq(orders.status, "pending"));
    """,
    "SQL, another table": """
        export const ship = (db) => db.query(
          "UPDATE orders SET status = 'processing' WHERE id IN (SELECT id FROM orders FOR UPDATE SKIP LOCKED)");
    """,
    "a row that is done": "export const done = (prisma, id) => prisma.job.update({ where: { id }, data: { status: 'COMPLETED' } });",
    "a row that is named": "export const mark = (prisma, id) => prisma.job.update({ where: { id }, data: { status: 'RUNNING' } });",
    "a list of what waits": "export const list = (prisma) => prisma.job.findMany({ where: { status: 'PENDING' } });",
    "a map": "const state = new Map();\nexport const f = (id) => state.set('status', 'running');",
}


@pytest.mark.parametrize("code", NO_CLAIMS.values(), ids=NO_CLAIMS)
def test_a_look_alike_takes_nothing(scan_tree, code: str) -> None:
    assert workers(scan_tree, code) == []


STORE = {"store.ts": CLAIMS["one statement"]}


def test_the_loop_around_a_claim_in_another_file(scan_tree) -> None:
    code = """
        import { take } from "./store";
        export async function loop(db) {
          while (true) {
            const job = await take(db);
            if (job) { await handle(job); continue; }
            await sleep(2_000);
          }
        }
        async function handle(job) { console.log(job.payload); }
    """
    inventory = scan_tree({**SCHEMA, **STORE, "loop.ts": code})
    found = [w for w in inventory.of(Worker) if w.location.path == "loop.ts"]
    assert [(w.name, w.location.line, w.options) for w in found] == [("take", 5, {"claims": Literal(False), "poll_seconds": Literal(2)})]
    assert [(j.name, j.location.path, j.location.line, j.form) for j in inventory.of(Job)] == [("handle", "loop.ts", 10, "is handed a row")]


def test_a_claim_behind_a_repository_and_a_service(scan_tree) -> None:
    files = {
        "repository.ts": "export class Rows { async claimNext() { return " + f"(await this.db.query(`{TAKE}`)).rows[0]; }} }}",
        "service.ts": """
            export class Service {
              constructor(private rows: IRows) {}
              async claimNext() { return await this.rows.claimNext(); }
            }
        """,
        "main.ts": """
            import { Service } from "./service";
            export class Runner {
              constructor(private service: Service) {}
              async run() { const job = await this.service.claimNext(); if (job) await this.process(job); }
              async process(job) {}
            }
        """,
    }
    inventory = scan_tree({**SCHEMA, **files})
    assert [(w.location.path, w.name) for w in inventory.of(Worker)] == [("main.ts", "claimNext"), ("repository.ts", "claimNext")]
    assert [(j.name, j.location.path) for j in inventory.of(Job)] == [("process", "main.ts")]


DISPATCHES = {
    "switch": """
        switch (job.type) {
          case "a": return runA(job.payload);
          case "b": { await runB(job.payload); break; }
          default: throw new Error(job.type);
        }
    """,
    "record": "const handlers = { a: runA, b: async (data) => {} };\nreturn handlers[job.type](job.payload);",
    "typed record": "const handlers: Record<string, Handler> = { a: runA, b: runB };\nreturn (handlers[job.type] as Handler)(job.payload);",
    "map": "const handlers = new Map([['a', runA], ['b', runB]]);\nreturn handlers.get(job.type)(job.payload);",
    "comparisons": "if (job.type === 'a') { await runA(job); } else if (job.type === 'b') { await runB(job); }",
    "comparisons in a row": """
        if (job.type === 'a') { return await runA(job); }
        // the other kind
        if (job.type === 'b') return runB(job);
        throw new Error(job.type);
    """,
    "constants": "const A = 'a';\nswitch (job.type) { case A: return runA(job); case 'b': return runB(job); }",
}


@pytest.mark.parametrize("body", DISPATCHES.values(), ids=DISPATCHES)
def test_the_kinds_that_are_told_apart_are_jobs(scan_tree, body: str) -> None:
    code = f"""
        import {{ take }} from "./store";
        async function runA(data) {{}}
        async function runB(data) {{}}
        export async function work(db) {{ const job = await take(db); {body} }}
    """
    found = scan_tree({**SCHEMA, **STORE, "work.ts": code}).of(Job)
    assert sorted(j.name for j in found) == ["a", "b"]
    assert {j.handler is not None for j in found} == {True}


def test_handlers_in_another_file(scan_tree) -> None:
    files = {
        "run-a.ts": "export async function runA(data) {}",
        "handlers.ts": 'import { runA } from "./run-a";\nexport const handlers = {\n  a: runA,\n  b: (data) => data,\n};',
        "work.ts": """
            import { handlers } from "./handlers";
            import { take } from "./store";
            export const work = async (db) => { const row = await take(db); handlers[row.type](row); };
        """,
    }
    found = scan_tree({**SCHEMA, **STORE, **files}).of(Job)
    assert [(j.name, j.location.path, j.location.line) for j in found] == [("a", "handlers.ts", 3), ("b", "handlers.ts", 4)]
    assert found[0].handler is not None
    assert found[0].handler.location.path == "run-a.ts"


HANDED_ON = {
    "a switch": """
        export async function run(kind, payload) {
          switch (kind) { case "a": return runA(payload); case "b": return runB(payload); default: throw new Error(kind); }
        }
    """,
    "comparisons": "export const run = async (k, row) => { if (k === 'a') { await runA(row); } else if (k === 'b') { await runB(row); } };",
    "a record": "const handlers = { a: runA, b: runB };\nexport function run(kind, payload) { return handlers[kind](payload); }",
}


@pytest.mark.parametrize("body", HANDED_ON.values(), ids=HANDED_ON)
@pytest.mark.parametrize("column", ["type", "action_type"])
def test_the_kind_of_a_row_that_is_handed_on(scan_tree, body: str, column: str) -> None:
    files = {
        "run.ts": f"async function runA(data) {{}}\nasync function runB(data) {{}}\n{body}",
        "work.ts": f"""
            import {{ run }} from "./run";
            import {{ take }} from "./store";
            export const work = async (db) => {{ const job = await take(db); await run(job.{column}, job.payload); }};
        """,
        "again.ts": f"""
            import {{ run }} from "./run";
            import {{ take }} from "./store";
            export const again = async (db) => {{ const job = await take(db); await run(job.{column}!, job); }};
        """,
    }
    found = scan_tree({**SCHEMA, **STORE, **files}).of(Job)
    assert sorted((j.name, j.location.path) for j in found) == [("a", "run.ts"), ("b", "run.ts")]
    assert {j.handler is not None for j in found} == {True}


def test_the_kind_of_what_a_row_belongs_to(scan_tree) -> None:
    code = """
        import { take } from "./store";
        const act = async (kind, payload) => { if (kind === "a") { await runA(payload); } else if (kind === "b") { await runB(payload); } };
        export const work = async (db) => { const job = await take(db); await act(job.pipeline.actionType, job.payload); };
        export const other = async (db) => {
          const job = await take(db);
          const flow = await find(job);
          await act(flow.actionType, job.payload);
        };
    """
    found = scan_tree({**SCHEMA, **STORE, "work.ts": code}).of(Job)
    assert sorted(j.name for j in found) == ["a", "b"]


NO_DISPATCHES = {
    "without a job table": ({}, "export const f = (job) => { switch (job.type) { case 'a': return 1; case 'b': return 2; } };"),
    "an action": (SCHEMA | STORE, "export const f = (action) => { switch (action.type) { case 'a': return 1; case 'b': return 2; } };"),
    "one comparison": (SCHEMA | STORE, "export const f = (job) => { if (job.type === 'a') return 1; };"),
    "comparisons in a row that only name": (
        SCHEMA | STORE,
        "export const f = (job) => { if (job.type === 'a') return 'A'; if (job.type === 'b') return 'B'; };",
    ),
    "a comparison, then another question": (
        SCHEMA | STORE,
        "export const f = async (job) => { if (job.type === 'a') await g(job); if (job.late) await g(job); };",
    ),
    "by status": (SCHEMA | STORE, "export const f = (job) => { switch (job.status) { case 'a': return 1; case 'b': return 2; } };"),
    "a name for people to read": (
        SCHEMA | STORE,
        (
            "const nameOf = (type) => { switch (type) { case 'a': return 'A'; case 'b': return 'B'; } };\n"
            "export const f = (job) => nameOf(job.type);"
        ),
    ),
    "the kind of something else, and what that carries": (
        SCHEMA | STORE,
        (
            "const run = (type, x) => { switch (type) { case 'a': return g(x); case 'b': return h(x); } };\n"
            "export const f = (event) => run(event.type, event.payload);"
        ),
    ),
    "the kind of something else": (
        SCHEMA | STORE,
        (
            "const run = (type, x) => { switch (type) { case 'a': return g(x); case 'b': return h(x); } };\n"
            "export const f = (e) => run(e.type, e);"
        ),
    ),
    "labels, no functions": (SCHEMA | STORE, "const LABELS = { a: 'A', b: 'B' };\nexport const f = (job) => LABELS[job.type];"),
}


@pytest.mark.parametrize(("declared", "code"), NO_DISPATCHES.values(), ids=NO_DISPATCHES)
def test_a_look_alike_tells_no_jobs_apart(scan_tree, declared: dict[str, str], code: str) -> None:
    # The import makes sure that the file is read.
    found = scan_tree({**declared, "use.ts": 'import { take } from "./store";\nexport { take };\n' + code}).of(Job)
    assert [j for j in found if j.location.path == "use.ts"] == []


def test_what_has_to_do_with_no_job_table_tells_no_jobs_apart(scan_tree) -> None:
    code = "export const f = async (item) => { switch (item.type) { case 'a': return await g(item); case 'b': return await h(item); } };"
    assert scan_tree({**SCHEMA, **STORE, "view.ts": code}).of(Job) == ()
    # One that names the table has to do with it.
    named = scan_tree({**SCHEMA, **STORE, "view.ts": f'const rows = db.select("jobs");\n{code}'}).of(Job)
    assert [(j.name, j.location.path) for j in named] == [("a", "view.ts"), ("b", "view.ts")]


ADD = {"add.ts": "export const add = (prisma, type) => prisma.job.create({ data: { type, payload: {} } });", **STORE}

TIMERS: dict[str, tuple[str, Value | None, Value | None, str]] = {
    "setInterval": ("setInterval(() => add(db, 'report'), 60_000);", None, Literal(60), ""),
    "setInterval of a function": ("async function tick() { await add(db, 'report'); }\nsetInterval(tick, EVERY);", None, Literal(3600), ""),
    "a timer that sets itself again": (
        "async function tick() { await add(db, 'report'); setTimeout(tick, 5_000); }\ntick();",
        None,
        Literal(5),
        "",
    ),
    "a timer that is armed again": (
        "const arm = () => { setTimeout(() => add(db, 'report').finally(arm), untilNight()); };\narm();",
        None,
        Expression("untilNight()", 0.001),
        "",
    ),
    "node-cron": ("import cron from 'node-cron';\ncron.schedule('0 3 * * *', () => add(db, 'report'));", Literal("0 3 * * *"), None, ""),
    "node-cron with a zone": (
        "import * as cron from 'node-cron';\ncron.schedule('0 3 * * *', () => { add(db, 'report'); }, { timezone: 'Europe/Oslo' });",
        Literal("0 3 * * *"),
        None,
        "Europe/Oslo",
    ),
    "cron": (
        "import { CronJob } from 'cron';\nnew CronJob('0 3 * * *', () => add(db, 'report'), null, true, 'UTC');",
        Literal("0 3 * * *"),
        None,
        "UTC",
    ),
    "cron from an object": (
        "import { CronJob } from 'cron';\nCronJob.from({ cronTime: '0 3 * * *', onTick: () => add(db, 'report'), timeZone: 'UTC' });",
        Literal("0 3 * * *"),
        None,
        "UTC",
    ),
    "croner": (
        "import { Cron } from 'croner';\nnew Cron('0 3 * * *', { timezone: 'UTC' }, () => add(db, 'report'));",
        Literal("0 3 * * *"),
        None,
        "UTC",
    ),
    "node-schedule": (
        "import schedule from 'node-schedule';\nschedule.scheduleJob('0 3 * * *', () => add(db, 'report'));",
        Literal("0 3 * * *"),
        None,
        "",
    ),
    "@nestjs/schedule": (
        "import { Cron } from '@nestjs/schedule';\nclass A { @Cron('0 3 * * *')\n async nightly() { await add(this.db, 'report'); } }",
        Literal("0 3 * * *"),
        None,
        "",
    ),
    "@nestjs/schedule interval": (
        "import { Interval } from '@nestjs/schedule';\nclass A { @Interval(10000)\n async tick() { await add(this.db, 'report'); } }",
        None,
        Literal(10),
        "",
    ),
}


@pytest.mark.parametrize(("code", "cron", "interval", "zone"), TIMERS.values(), ids=TIMERS)
def test_a_timer_that_puts_a_job_in_is_its_schedule(scan_tree, code: str, cron: Value | None, interval: Value | None, zone: str) -> None:
    inventory = scan_tree({**SCHEMA, **ADD, "timer.ts": f'import {{ add }} from "./add";\nconst EVERY = 3600 * 1000;\n{code}'})
    # The timer is a schedule of its own library, too.
    found = [s for s in inventory.of(Schedule) if s.system == "postgres-table"]
    assert [(s.name, s.cron, s.interval, s.timezone, s.location.path) for s in found] == [("report", cron, interval, zone, "timer.ts")]
    assert [e.name for e in inventory.production if isinstance(e, Enqueue)] == ["report"]


NO_TIMERS = {
    "only once": "setTimeout(() => add(db, 'report'), 5_000);",
    "polling": "setInterval(async () => { const row = await take(db); if (row) await add(db, 'next'); }, 1_000);",
    "something else": "setInterval(() => console.log('alive'), 1_000);",
    "a plan for people": "calendar.schedule('0 3 * * *', () => add(db, 'report'));",
}


@pytest.mark.parametrize("code", NO_TIMERS.values(), ids=NO_TIMERS)
def test_a_look_alike_is_no_schedule(scan_tree, code: str) -> None:
    found = scan_tree({**SCHEMA, **ADD, "timer.ts": f'import {{ add }} from "./add";\nimport {{ take }} from "./store";\n{code}'})
    assert found.of(Schedule) == ()


ROWS = """
    export default (superClass) => class extends superClass {
      async createJob(name, payload = {}, { unlockAt } = {}) {
        return await this.database.getRow(
          `insert into jobs (name, payload, unlock_at) values (:name, :payload, :unlockAt) returning *`,
          { name, payload, unlockAt },
        );
      }
      async fetchJobs(count) {
        return await this.database.getAll(
          `update jobs set attempts = attempts + 1 where id = any(select id from jobs for update skip locked limit :count) returning *`,
          { count },
        );
      }
    };
"""
REGISTRY = """
    import { store } from "./store";
    export class Manager {
      handlers = new Map();
      on(name, handler) {
        if (this.handlers.has(name)) throw new Error(name);
        this.handlers.set(name, handler);
      }
      async poll() {
        for (const job of await store.fetchJobs(5)) await (this.handlers.get(job.name) || none)(job);
      }
    }
"""
LOCKED = {
    "migrations/1_jobs.js": """
        exports.up = (knex) => knex.schema.raw(`do $$begin create table jobs (
          id uuid primary key, unlock_at timestamptz not null, attempts int not null default 0, name text not null, payload jsonb
        ); end$$`);
        """,
    "rows.js": ROWS,
    "store.js": 'import rows from "./rows";\nexport const store = new (rows(Object))();\n',
    "manager.ts": REGISTRY,
}


def test_handlers_that_are_registered_by_name_for_a_table_with_locked_rows(scan_tree) -> None:
    inventory = scan_tree(
        {
            **LOCKED,
            "use.ts": """
                import { Manager } from "./manager";
                import { store } from "./store";
                export function init(manager: Manager) {
                  manager.on("welcome", async (job) => { await send(job.payload); });
                }
                export const later = (at: Date) => store.createJob("welcome", {}, { unlockAt: at });
                """,
        }
    )
    assert [(j.name, j.location.path, j.location.line) for j in inventory.of(Job) if not j.wrapper] == [("welcome", "use.ts", 5)]
    found = [(e.name, e.location.path, e.location.line) for e in inventory.production if isinstance(e, Enqueue)]
    assert found == [("welcome", "use.ts", 7)]


def test_handlers_that_are_registered_on_what_only_its_name_tells(scan_tree) -> None:
    own = LOCKED | {"manager.ts": REGISTRY.replace("class Manager", "class JobManager")}
    inventory = scan_tree(
        {
            **own,
            "use.js": "export function init(jobManager) {\n  jobManager.on('welcome', async (job) => { await send(job.payload); });\n}\n",
            "app.js": "export const init = (app) => app.jobManager\n  ?.on('digest', run);\n",
            # What bears another name is something else.
            "other.js": "export const init = (manager, jobs) => { manager.on('a', run); jobs.on('c', run); };\n",
        }
    )
    found = [(j.name, j.location.path, j.location.line, j.confidence, j.reason) for j in inventory.of(Job) if not j.wrapper]
    doubt = "tied to `JobManager` by the name of its method alone"
    assert found == [("digest", "app.js", 2, "likely", doubt), ("welcome", "use.js", 2, "likely", doubt)]


def test_a_class_with_a_name_of_one_word_is_not_told_by_it(scan_tree) -> None:
    files = LOCKED | {"use.js": "export const init = (manager) => manager.on('welcome', run);\n"}
    assert [j.name for j in scan_tree(files).of(Job) if not j.wrapper and j.name] == []


NOT_REGISTERED = {
    "a map that nobody asks for jobs": "class Cache { items = new Map();\n on(name, run) { this.items.set(name, run); } }",
    "a map of what is no handler": "const seen = new Map();\nconst f = (job) => seen.get(job.name);\nseen.set('welcome', { at: 1 });",
    "another table": "const rows = new Map();\nrows.set('welcome', run);\nconst f = (user) => rows.get(user.name);",
}


@pytest.mark.parametrize("code", NOT_REGISTERED.values(), ids=NOT_REGISTERED)
def test_a_look_alike_registers_no_handler(scan_tree, code: str) -> None:
    inventory = scan_tree(
        {**{k: v for k, v in LOCKED.items() if k != "manager.ts"}, "use.ts": code + "\nconst c = new Cache();\nc.on('a', run);"}
    )
    assert inventory.of(Job) == ()


def test_a_name_beside_a_status_is_for_people_to_read(scan_tree) -> None:
    files = {
        "schema.sql": "create table jobs (id int, name text, payload jsonb, status text, attempts int, locked_at timestamptz);",
        "use.js": """
            const take = () => db.query("update jobs set status = 'running' where id in (select id from jobs for update skip locked)");
            const add = (name) => db.query("insert into jobs (name, payload, status) values ($1, $2, 'pending')", [name, {}]);
            add("Welcome mail");
            """,
    }
    assert [e.name for e in scan_tree(files).production if isinstance(e, Enqueue)] == ["jobs"]
