# ruff: noqa: E501 - code under test reads better on one line
"""Tables that hold jobs, however they are declared; and tables that only look like it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Literal, literal_of
from tests.scanners.conftest import Scan

#: rows are put in and taken out, so that the table is in use
USE = """
    export async function put(db, type) { await db.query("INSERT INTO jobs (type, payload) VALUES ($1, $2)", [type, {}]); }
    export async function take(db) {
      const { rows } = await db.query(
        "UPDATE jobs SET status = 'running' WHERE id = (SELECT id FROM jobs FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING *",
      );
      return rows[0];
    }
"""

TABLES = {
    "Prisma": (
        "prisma/schema.prisma",
        """
        enum JobStatus { PENDING RUNNING COMPLETED FAILED }
        model Job {
          id          String    @id @default(cuid())
          type        String
          payload     Json
          status      JobStatus @default(PENDING)
          maxAttempts Int       @default(3)
          runAt       DateTime  @default(now())
          @@map("jobs")
        }
        """,
        ("Job", 3),
    ),
    "SQL": (
        "db/1.sql",
        """
        create type job_status as enum ('pending', 'running', 'done', 'failed');
        create table jobs (
          id bigserial primary key, type text not null, payload jsonb, status job_status default 'pending', attempts int default 0
        );
        """,
        ("jobs", 3),
    ),
    "Prisma, rows that are locked and deleted": (
        "prisma/schema.prisma",
        """
        model Job {
          id          String    @id
          queue       String
          payload     Json
          attempts    Int       @default(0)
          lockedAt    DateTime?
          @@map("jobs")
        }
        """,
        ("Job", 2),
    ),
    "Drizzle, rows that are locked and deleted": (
        "schema.ts",
        """
        import { pgTable, text, jsonb, integer, timestamp } from "drizzle-orm/pg-core";
        export const jobs = pgTable("jobs", { id: text(), payload: jsonb(), attempts: integer(), lockedUntil: timestamp() });
        """,
        ("jobs", 3),
    ),
    "SQL in a string": (
        "db.ts",
        """
        export const migrate = (pool) => pool.query(`
          CREATE TABLE IF NOT EXISTS jobs (id uuid, type text, payload jsonb, status text, attempts int)
        `);
        """,
        ("jobs", 3),
    ),
    "Drizzle": (
        "schema.ts",
        """
        import { pgEnum, pgTable, text, jsonb, integer } from "drizzle-orm/pg-core";
        const status = pgEnum("status", ["pending", "running", "done", "failed"]);
        export const jobs = pgTable("jobs", {
          type: text("type"), payload: jsonb("payload"), status: status("status"), maxAttempts: integer("max_attempts").default(4),
        });
        """,
        ("jobs", 4),
    ),
    "Drizzle, columns from a function": (
        "schema.ts",
        """
        import { pgTable } from "drizzle-orm/pg-core";
        export const jobs = pgTable("jobs", (t) => ({ type: t.text(), payload: t.jsonb(), status: t.text(), attempts: t.integer() }));
        """,
        ("jobs", 3),
    ),
    "Drizzle, in a schema": (
        "schema.ts",
        """
        import { pgSchema, text, jsonb, integer } from "drizzle-orm/pg-core";
        const work = pgSchema("work");
        export const jobs = work.table("jobs", { type: text(), payload: jsonb(), status: text(), attempts: integer() });
        """,
        ("jobs", 4),
    ),
    "TypeORM": (
        "job.entity.ts",
        """
        import { Entity, Column, PrimaryGeneratedColumn } from "typeorm";
        export enum JobStatus { Pending = "pending", Running = "running", Failed = "failed" }
        @Entity("jobs")
        export class Job {
          @PrimaryGeneratedColumn("uuid") id: string;
          @Column() type: string;
          @Column("jsonb") payload: object;
          @Column({ type: "enum", enum: JobStatus }) status: JobStatus;
          @Column({ default: 0 }) attempts: number;
        }
        """,
        ("Job", 5),
    ),
    "Sequelize define": (
        "models.js",
        """
        const { DataTypes } = require("sequelize");
        module.exports = (sequelize) => sequelize.define("Job", {
          type: DataTypes.STRING, payload: DataTypes.JSONB, attempts: DataTypes.INTEGER,
          status: { type: DataTypes.ENUM("pending", "running", "failed") },
        }, { tableName: "jobs" });
        """,
        ("Job", 3),
    ),
    "Sequelize init": (
        "models.ts",
        """
        import { DataTypes, Model } from "sequelize";
        export class Job extends Model {}
        Job.init({
          type: DataTypes.STRING, payload: DataTypes.JSONB, status: DataTypes.STRING, attempts: DataTypes.INTEGER,
        }, { sequelize, tableName: "jobs" });
        """,
        ("Job", 3),
    ),
    "Knex migration": (
        "migrations/1.js",
        """
        exports.up = (knex) => knex.schema.createTable("jobs", (table) => {
          table.uuid("id").primary();
          table.string("type").notNullable();
          table.jsonb("payload");
          table.enum("status", ["pending", "running", "failed"]).defaultTo("pending");
          table.integer("max_attempts").defaultTo(5);
        });
        """,
        ("jobs", 2),
    ),
    "Kysely migration": (
        "migrations/1.ts",
        """
        export const up = (db) => db.schema.createTable("jobs")
          .addColumn("type", "text")
          .addColumn("payload", "jsonb")
          .addColumn("status", "text")
          .addColumn("attempts", "integer", (c) => c.defaultTo(0))
          .execute();
        """,
        ("jobs", 2),
    ),
}


def tables(inventory) -> list[Client]:
    return [c for c in inventory.of(Client, "postgres-table") if c.role == "table"]


@pytest.mark.parametrize(("path", "text", "expected"), TABLES.values(), ids=TABLES)
def test_a_job_table_is_found_with_its_evidence(scan_tree, path: str, text: str, expected: tuple[str, int]) -> None:
    found = tables(scan_tree({path: text, "use.ts": USE}))
    assert [(t.name, t.location.line) for t in found] == [expected]
    assert found[0].location.path == path
    assert "carries a payload" in literal_of(found[0].options["evidence"])


def test_a_table_of_a_migration_and_of_a_model_is_one(scan_tree) -> None:
    files = {TABLES[name][0]: TABLES[name][1] for name in ("SQL", "Knex migration", "TypeORM", "SQL in a string")}
    assert [(t.name, t.location.path) for t in tables(scan_tree({**files, "use.ts": USE}))] == [("Job", "job.entity.ts")]


@pytest.mark.parametrize(
    ("name", "limit"), [("Prisma", 3), ("Drizzle", 4), ("Knex migration", 5), ("TypeORM", None), ("Kysely migration", None)]
)
def test_the_attempts_that_a_table_allows_are_those_of_its_jobs(scan_tree, name: str, limit: int | None) -> None:
    path, text, _ = TABLES[name]
    worker = """
        import { take } from "./use";
        const handlers = { a: async (data) => {}, b: async (data) => {} };
        export async function tick(db) { const job = await take(db); await handlers[job.type](job.payload); }
    """
    jobs = [i for i in scan_tree({path: text, "use.ts": USE, "worker.ts": worker}).production if i.kind == "definition"]
    assert [j.name for j in jobs] == ["a", "b"]
    assert [literal_of(j.retry.max_attempts) if j.retry else None for j in jobs] == [limit, limit]


#: too little for a job table, but that of which `USE` takes rows
THIN = (
    "create table jobs (id serial primary key, site_id int, payload jsonb not null, status text default 'pending', created_at timestamp);"
)
LATER = "alter table only public.jobs add column if not exists error text, add column attempts int default 0;"


@pytest.mark.parametrize(
    "files",
    [
        {"1.sql": f"{THIN} alter table jobs add column processed_at timestamp;", "use.ts": USE},
        {"1.sql": THIN, "2.sql": LATER, "use.ts": USE.replace("FOR UPDATE SKIP LOCKED", "LIMIT 1")},
    ],
    ids=["its rows are taken with SKIP LOCKED", "columns that are added later"],
)
def test_a_thin_table_is_a_job_table_by_what_else_is_known(scan_tree, files: dict[str, str]) -> None:
    inventory = scan_tree({f"db/{path}": text for path, text in files.items()})
    assert [(c.name, c.location.path) for c in inventory.of(Client)] == [("jobs", "db/1.sql")]
    assert [e.queue for e in inventory.of(Enqueue)] == [Literal("jobs")]


THIN_LOOK_ALIKES = {
    "rows of another table are taken": (THIN, USE.replace(" jobs", " orders")),
    "rows are only locked": (THIN, USE.replace("FOR UPDATE SKIP LOCKED", "FOR UPDATE")),
    "only a test takes rows": (THIN, ""),
    "of positions": ("create table jobs (id int, title text, status text, salary int, company text);", USE),
    "of payments that are locked": (
        "create table processed_payments (id int, payload jsonb, status text, attempts int, error text, processed_at timestamp);",
        USE.replace("jobs", "processed_payments"),
    ),
    "of seats that are held": (
        "create table seats (id int, payload jsonb, status text, processed_at timestamp);",
        USE.replace("jobs", "seats"),
    ),
}


@pytest.mark.parametrize(("sql", "code"), THIN_LOOK_ALIKES.values(), ids=THIN_LOOK_ALIKES)
def test_a_thin_table_alone_is_none(scan_tree, sql: str, code: str) -> None:
    inventory = scan_tree({"db/1.sql": sql, "use.ts": code, "tests/take.test.ts": USE})
    assert inventory.of(Client) == ()


LOOK_ALIKES = {
    "orders": "create table orders (id int, status text, type text, payload jsonb, created_at timestamptz);",
    "a to-do list": "create table tasks (id int, title text, status text, type text, due_at timestamptz, completed_at timestamptz);",
    "what people work off": """
        create type review_status as enum ('pending', 'approved', 'rejected');
        create table review_queue (id int, status review_status, type text, payload jsonb, error text);
    """,
    "open positions": "create table jobs (id int, title text, status text, salary int, company text, location text);",
    "no status": "create table jobs (id int, type text, payload jsonb, attempts int, run_at timestamptz);",
    "a lock, but nothing that counts attempts": "create table jobs (id int, type text, payload jsonb, locked_by text);",
    "a log of what ran": "create table runs (id int, status text, error text, started_at timestamptz, finished_at timestamptz);",
}


@pytest.mark.parametrize("sql", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_look_alike_is_no_job_table(scan_tree, sql: str) -> None:
    inventory = scan_tree({"db/1.sql": sql, "use.ts": "export const f = (db) => db.query('SELECT 1');"})
    assert inventory.items == ()


def test_a_table_that_only_notes_down_what_another_system_runs_is_a_loose_end(scan_tree) -> None:
    path, text, _ = TABLES["Prisma"]
    code = """
        import { Worker } from "bullmq";
        export const worker = new Worker("import", async (job) => {});
        export const note = (prisma) => prisma.job.create({ data: { type: "import", payload: {} } });
    """
    inventory = scan_tree({path: text, "worker.ts": code})
    assert {i.system for i in inventory.items} == {"bullmq"}
    assert [(u.path, u.line) for u in inventory.unresolved if u.system == "postgres-table"] == [
        ("prisma/schema.prisma", 3),
        ("worker.ts", 4),
    ]
    assert all("nothing in this tree takes rows out" in u.reason for u in inventory.unresolved)


def test_a_table_that_nothing_works_off_is_only_possible(scan_tree) -> None:
    path, text, _ = TABLES["Prisma"]
    inventory = scan_tree({path: text, "use.ts": "export const f = (prisma) => prisma.job.create({ data: { type: 'a' } });"})
    assert {(i.kind, i.confidence) for i in inventory.items} == {("client", "possible"), ("enqueue", "possible")}


def test_a_table_with_queues_and_kinds_that_nothing_claims_is_possible(scan_tree: Scan) -> None:
    columns = ["payload", "queue_name", "job_type", "status", "created_at"]
    made = "exports.up = (knex) => knex.schema.createTable('job_request', (t) => {{ t.increments('id'); {} }});\n"

    def told(names: list[str]) -> list[tuple[str, str, str]]:
        files = {
            "migrations/1.js": made.format(" ".join(f"t.text('{name}');" for name in names)),
            "save.js": "export const save = (knex, job) =>\n"
            "  knex('job_request').insert({ payload: job, queue_name: 'a', job_type: 'export' });\n",
        }
        return [(i.kind, i.name, i.confidence) for i in scan_tree(files).items if i.system == "postgres-table"]

    assert told(columns) == [("client", "job_request", "possible"), ("enqueue", "export", "possible")]
    # A queue alone may be one in which people stand, a kind alone is on every list.
    for missing in ("queue_name", "job_type", "payload"):
        assert told([name for name in columns if name != missing]) == []


def test_sql_of_a_migration_that_is_taken_back_puts_nothing_in(scan_tree: Scan) -> None:
    insert = "insert into jobs (type, payload, status, attempts) values ('%s', '{}', 'pending', 0)"
    files = {
        "schema.sql": "create table jobs (id int, type text, payload jsonb, status text, attempts int, run_at timestamptz, locked_at timestamptz);",
        "take.js": "export const take = () => db.query('update jobs set locked_at = now() where id in (select id from jobs for update skip locked)');\n",
        "migrations/1.js": f'exports.up = (knex) => knex.raw("{insert % "forward"}");\nexports.down = function down(knex) {{ return knex.raw("{insert % "back"}"); }};\n',
    }
    assert [e.name for e in scan_tree(files).of(Enqueue)] == ["forward"]
    # A function of that name is nothing special where no migration is.
    files["src/undo.js"] = f'export async function rollback(db) {{ await db.query("{insert % "undone"}"); }}\n'
    assert sorted(e.name for e in scan_tree(files).of(Enqueue)) == ["forward", "undone"]
