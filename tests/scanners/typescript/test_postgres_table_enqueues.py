"""Rows put into a job table, by every common query builder; and calls of the same name that put none."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Expression, Literal, Value

SQL_TABLE = """
    create table jobs (
      id int, type text, payload jsonb, status text, attempts int, max_attempts int default 3, run_at timestamptz, priority int
    );
"""
PRISMA = """
    enum JobStatus { PENDING RUNNING FAILED }
    model Job { id String @id
      type String
      payload Json
      status JobStatus
      runAt DateTime
      maxAttempts Int @default(3)
      @@map("jobs") }
"""
DRIZZLE = """
    import { pgTable, text, jsonb, integer, timestamp } from "drizzle-orm/pg-core";
    export const jobs = pgTable("jobs", {
      type: text(), payload: jsonb(), status: text(), attempts: integer(), runAt: timestamp(), maxRetries: integer(),
    });
    export const orders = pgTable("orders", { status: text(), total: integer() });
"""
ENTITY = """
    import { Entity, Column } from "typeorm";
    @Entity("jobs") export class Job {
      @Column() type: string; @Column() payload: object; @Column() status: string; @Column() attempts: number; @Column() runAt: Date;
    }
    @Entity("orders") export class Order { @Column() status: string; }
"""
SEQUELIZE = """
    import { DataTypes, Model } from "sequelize";
    export class Job extends Model {}
    Job.init({
      type: DataTypes.STRING, payload: DataTypes.JSONB, status: DataTypes.STRING, attempts: DataTypes.INTEGER,
    }, { tableName: "jobs" });
    export class Order extends Model {}
    Order.init({ status: DataTypes.STRING }, {});
"""
#: something must take rows out, or the table is not in use
TAKE = "UPDATE jobs SET status = 'running' WHERE id IN (SELECT id FROM jobs FOR UPDATE SKIP LOCKED)"
WORKER = {"worker.ts": f'export const take = (db) => db.query("{TAKE}");'}


def scanned(scan_tree, declared: dict[str, str], code: str) -> list[Enqueue]:
    inventory = scan_tree({**declared, **WORKER, "use.ts": code})
    return [i for i in inventory.production if isinstance(i, Enqueue) and i.location.path == "use.ts"]


P, D, T, S, R = {"p.prisma": PRISMA}, {"schema.ts": DRIZZLE}, {"job.ts": ENTITY}, {"job.ts": SEQUELIZE}, {"1.sql": SQL_TABLE}

FORMS = {
    "Prisma create": (P, "prisma.job.create({ data: { type: 'welcome', payload: {} } });"),
    "Prisma createMany": (P, "prisma.job.createMany({ data: users.map((u) => ({ type: 'welcome', payload: { u } })) });"),
    "Prisma createMany, from a name": (P, "const data = [{ type: 'welcome' }, { type: 'welcome' }];\nprisma.job.createMany({ data });"),
    "Prisma upsert": (P, "this.prisma.job.upsert({ where: { id }, update: {}, create: { type: 'welcome' } });"),
    "Prisma with a constant": (P, "const KIND = 'welcome';\nprisma.job.create({ data: { type: KIND } });"),
    "Prisma with an enum": (P, "enum Kind { Welcome = 'welcome' }\nprisma.job.create({ data: { type: Kind.Welcome } });"),
    "Drizzle": (D, "import { jobs } from './schema';\ndb.insert(jobs).values({ type: 'welcome', payload: {} });"),
    "Drizzle, aliased": (D, "import { jobs as queue } from './schema';\nawait db.insert(queue).values({ type: 'welcome' }).returning();"),
    "Drizzle, the schema as a namespace": (D, "import * as schema from './schema';\ndb.insert(schema.jobs).values([{ type: 'welcome' }]);"),
    "TypeORM repository": (T, "import { Job } from './job';\nds.getRepository(Job).save({ type: 'welcome' });"),
    "TypeORM repository, injected": (
        T,
        """
            import { Job } from './job';
            class A {
              constructor(private readonly rows: Repository<Job>) {}
              f() { return this.rows.save({ type: 'welcome' }); }
            }
        """,
    ),
    "TypeORM, made first": (
        T,
        "import { Job } from './job';\nconst repo: Repository<Job> = x;\nconst job = repo.create({ type: 'welcome' });\nrepo.save(job);",
    ),
    "TypeORM manager": (T, "import { Job } from './job';\nmanager.save(Job, { type: 'welcome' });"),
    "TypeORM insert": (T, "import { Job } from './job';\nds.getRepository(Job).insert([{ type: 'welcome' }]);"),
    "Sequelize create": (S, "import { Job } from './job';\nJob.create({ type: 'welcome' });"),
    "Sequelize bulkCreate": (S, "import { Job } from './job';\nJob.bulkCreate([{ type: 'welcome' }]);"),
    "Knex": (R, "knex('jobs').insert({ type: 'welcome' });"),
    "Knex into": (R, "trx.insert({ type: 'welcome' }).into('jobs');"),
    "Knex, in a schema": (R, "knex.withSchema('work').table('jobs').insert({ type: 'welcome' });"),
    "Kysely": (R, "db.insertInto('jobs').values({ type: 'welcome', payload: '{}' }).execute();"),
    "Supabase": (R, "supabase.from('jobs').insert([{ type: 'welcome' }]).select();"),
    "SQL, literal": (R, "pool.query(`INSERT INTO jobs (type, payload) VALUES ('welcome', '{}')`);"),
    "SQL, numbered": (R, "pool.query('INSERT INTO jobs (payload, type) VALUES ($1, $2)', [payload, 'welcome']);"),
    "SQL, question marks": (R, "knex.raw('insert into jobs (payload, type) values (?, ?)', [payload, 'welcome']);"),
    "SQL, named": (R, "sequelize.query('insert into jobs (type) values (:type)', { replacements: { type: 'welcome' } });"),
    "SQL, an object": (R, "pool.query({ text: 'insert into jobs (type) values ($1)', values: ['welcome'] });"),
    "SQL, quoted and with a schema": (R, 'pool.query(\'INSERT INTO public."jobs" ("type") VALUES ($1::text)\', ["welcome"]);'),
    "SQL template": (R, "await sql`insert into jobs (type, payload) values (${'welcome'}, ${payload})`;"),
    "SQL template, object": (R, "await sql`insert into jobs ${sql({ type: 'welcome', payload })}`;"),
    "SQL template with types": (
        R,
        "await tx.$queryRaw<Array<{ id: string }>>`INSERT INTO jobs (type) VALUES (${'welcome'}) RETURNING id`;",
    ),
    "SQL in a constant": (R, "const INSERT = 'INSERT INTO jobs (type) VALUES ($1)';\npool.query(INSERT, ['welcome']);"),
    "Prisma executeRaw": (P, "prisma.$executeRaw`INSERT INTO jobs (type) VALUES (${'welcome'})`;"),
    "wrapper": (P, "const add = (type, payload) => prisma.job.create({ data: { type, payload } });\nadd('welcome', {});"),
    "wrapper around SQL": (
        R,
        "async function add(type) { await pool.query('insert into jobs (type) values ($1)', [type]); }\nadd('welcome');",
    ),
    "wrapper around a template": (R, "const add = (type) => sql`insert into jobs (type) values (${type})`;\nadd('welcome');"),
}


@pytest.mark.parametrize(("declared", "code"), FORMS.values(), ids=FORMS)
def test_a_row_put_in_is_found(scan_tree, declared: dict[str, str], code: str) -> None:
    found = scanned(scan_tree, declared, code)
    assert [(e.name, e.confidence) for e in found] == [("welcome", "certain")]
    assert found[0].queue == Literal("jobs")


LOOK_ALIKES = {
    "Prisma, another model": (P, "prisma.order.create({ data: { type: 'welcome' } });"),
    "Prisma, an update": (P, "prisma.job.update({ where: { id }, data: { type: 'welcome' } });"),
    "a variable called job": (P, "job.create({ data: { type: 'welcome' } });"),
    "Drizzle, another table": (D, "import { orders } from './schema';\ndb.insert(orders).values({ status: 'pending' });"),
    "Drizzle, a set": (D, "import { jobs } from './schema';\nconst seen = new Set();\nseen.insert(1); jobs.add(2);"),
    "TypeORM, another entity": (T, "import { Order } from './job';\nds.getRepository(Order).save({ status: 'pending' });"),
    "TypeORM, only made": (T, "import { Job } from './job';\nds.getRepository(Job).create({ type: 'welcome' });"),
    "TypeORM, a row that was read": (
        T,
        "import { Job } from './job';\nconst repo: Repository<Job> = x;\nconst job = await repo.findOneBy({ id });\nrepo.save(job);",
    ),
    "Sequelize, another model": (S, "import { Order } from './job';\nOrder.create({ status: 'new' });"),
    "Knex, another table": (R, "knex('orders').insert({ type: 'welcome' });"),
    "Supabase, another table": (R, "supabase.from('job_history').insert({ type: 'welcome' });"),
    "SQL, another table": (R, "pool.query('INSERT INTO job_history (type) VALUES ($1)', ['welcome']);"),
    "SQL, a select": (R, "pool.query('SELECT * FROM jobs WHERE type = $1', ['welcome']);"),
    "an event": (R, "emitter.emit('jobs', { type: 'welcome' });"),
    "a mail": (R, "mailer.send('jobs', { type: 'welcome' });"),
    "a document": (P, "document.createElement('job'); canvas.save();"),
}


@pytest.mark.parametrize(("declared", "code"), LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_look_alike_is_none(scan_tree, declared: dict[str, str], code: str) -> None:
    assert scanned(scan_tree, declared, code) == []


def only(found: list[Enqueue]) -> Enqueue:
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("given", "delay", "eta"),
    [
        ("new Date(Date.now() + 60_000)", Literal(60), None),
        ("new Date(Date.now() + 2 * 60 * 1000)", Literal(120), None),
        ("new Date(Date.now() + WAIT)", Literal(5), None),
        ("new Date(Date.now() + wait)", Expression("wait", 0.001), None),
        ("tomorrow", None, Expression("tomorrow")),
        ("new Date()", None, None),
    ],
)
def test_when_a_job_is_to_run(scan_tree, given: str, delay: Value | None, eta: Value | None) -> None:
    code = f"const WAIT = 5000;\nexport const f = (wait, tomorrow) => prisma.job.create({{ data: {{ type: 'a', runAt: {given} }} }});"
    found = only(scanned(scan_tree, P, code))
    assert (found.delay, found.eta) == (delay, eta)


@pytest.mark.parametrize(
    ("declared", "row", "expected"),
    [(P, "maxAttempts: 5", Literal(5)), (P, "attempts: 0", None), (D, "maxRetries: 4", Literal(5)), (P, "maxAttempts: n", Expression("n"))],
)
def test_how_often_a_job_may_run(scan_tree, declared: dict[str, str], row: str, expected: Value | None) -> None:
    insert = "prisma.job.create({ data: ROW })" if declared is P else "import { jobs } from './schema';\ndb.insert(jobs).values(ROW)"
    found = only(scanned(scan_tree, declared, insert.replace("ROW", f"{{ type: 'a', {row} }}")))
    assert found.max_attempts == expected


def test_the_payload_is_what_the_job_is_given(scan_tree) -> None:
    code = "const add = (type, data) => prisma.job.create({ data: { type, payload: { ...data } } });\nadd('a', { id: 7 });"
    found = only(scanned(scan_tree, P, code))
    assert [a.value for a in found.arguments] == [Literal({"id": 7})]
    assert found.via == ("add",)


def test_a_kind_that_only_the_run_knows_is_left_open(scan_tree) -> None:
    found = only(scanned(scan_tree, P, "export const f = (kind) => prisma.job.create({ data: { type: kind } });"))
    assert found.name == ""


def test_a_retry_by_hand_is_told_from_a_new_job(scan_tree) -> None:
    table = SQL_TABLE.replace("priority int", "original_job_id int")
    code = "export const again = (old) => knex('jobs').insert({ type: old.type, payload: old.payload, original_job_id: old.id });"
    assert only(scanned(scan_tree, {"1.sql": table}, code)).form == "retry by insert"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("prisma.$transaction(async (tx) => { await tx.job.create({ data: { type: 'a' } }); });", True),
        ("prisma.$transaction(async (client) => { await client.job.create({ data: { type: 'a' } }); });", True),
        ("export const f = (tx) => tx.job.create({ data: { type: 'a' } });", True),
        ("prisma.job.create({ data: { type: 'a' } });", False),
    ],
)
def test_in_a_transaction(scan_tree, code: str, expected: bool) -> None:
    assert only(scanned(scan_tree, P, code)).in_transaction is expected


def test_rows_of_several_kinds_are_open(scan_tree) -> None:
    assert only(scanned(scan_tree, P, "prisma.job.createMany({ data: [{ type: 'a' }, { type: 'b' }] });")).name == ""
