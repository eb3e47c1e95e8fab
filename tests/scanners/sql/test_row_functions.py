"""Functions of the database that take rows of a job table or put rows in, and what only looks like one."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Literal, Worker, literal_of
from tests.scanners.conftest import Scan

TABLE = """
create table public.jobs (
  id bigint primary key, type text not null, payload jsonb, status text not null default 'queued',
  attempts int default 0, run_at timestamptz
);
"""
CLAIM = """
create or replace function public.claim_next_job(p_worker text) returns setof public.jobs language plpgsql security definer as $$
begin
  return query
  with picked as (
    select j.id from public.jobs j where j.status = 'queued' and j.run_at <= now() order by j.run_at limit 1 for update skip locked
  )
  update public.jobs j set status = 'running' from picked where j.id = picked.id returning j.*;
end;
$$;
"""
PUT = """
create function enqueue_job(p_type text, p_payload jsonb default '{}') returns bigint language sql as $$
  insert into public.jobs (type, payload, status) values (p_type, p_payload::jsonb, 'queued') returning id;
$$;
create function enqueue_welcome(p_user uuid) returns void language plpgsql as $$
begin
  insert into jobs (type, payload) values ('welcome', jsonb_build_object('user', p_user));
end;
$$;
"""
SUPABASE = 'import { createClient } from "@supabase/supabase-js";\nconst db = createClient(url, key);\n'

TAKERS = {
    "over Supabase's interface": SUPABASE
    + 'export async function work() { const { data } = await db.rpc("claim_next_job", { p_worker: "w" }); await run(data); }',
    "in SQL": (
        'import { Pool } from "pg";\nconst pool = new Pool();\n'
        'export async function work() { const { rows } = await pool.query("select * from claim_next_job($1)", ["w"]); await run(rows); }'
    ),
    "in SQL, with a schema": (
        "import postgres from 'postgres';\nconst sql = postgres();\n"
        "export async function work() { const rows = await sql`select * from public.claim_next_job(${name})`; await run(rows); }"
    ),
}


@pytest.mark.parametrize("form", TAKERS)
def test_what_calls_a_function_that_claims_rows_is_a_worker(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"supabase/migrations/1_jobs.sql": TABLE + CLAIM, "worker.ts": TAKERS[form]})
    assert [(w.name, w.location.path, w.location.line) for w in inventory.of(Worker)] == [("work", "worker.ts", 3)]
    (table,) = inventory.of(Client)
    assert (table.name, table.confidence) == ("jobs", "certain")
    evidence = literal_of(table.options["evidence"])
    assert isinstance(evidence, list)
    assert evidence[-1] == "its rows are taken by the function claim_next_job()"


def test_what_calls_a_function_that_puts_rows_in_is_an_enqueue(scan_tree: Scan) -> None:
    code = """
export const f = () => db.rpc("enqueue_job", { p_type: "invoice", p_payload: { id: 1 } });
export const g = async (user) => { await db.rpc("enqueue_welcome", { p_user: user }); };
export const h = (type) => db.rpc("enqueue_job", { p_type: type });
"""
    inventory = scan_tree({"supabase/migrations/1_jobs.sql": TABLE + CLAIM + PUT, "app.ts": SUPABASE + code})
    assert [(e.name, e.form, e.queue, e.location.line, e.awaited) for e in inventory.of(Enqueue)] == [
        ("invoice", "rpc", Literal("jobs"), 4, False),
        ("welcome", "rpc", Literal("jobs"), 5, True),
        ("", "rpc", Literal("jobs"), 6, False),
    ]


def test_rows_that_are_claimed_speak_for_a_job_table(scan_tree: Scan) -> None:
    table = "create table import_queue (id bigint primary key, status text, error text, payload jsonb);\n"
    claim = CLAIM.replace("public.jobs", "import_queue").replace("j.run_at", "j.id")
    bare = "create table exports (id bigint primary key, status text, attempts int, payload jsonb);\n"
    files = {"migrations/1.sql": table + claim + bare, "worker.ts": TAKERS["over Supabase's interface"]}
    assert [c.name for c in scan_tree(files).of(Client)] == ["import_queue"]


CALL = {"worker.ts": TAKERS["over Supabase's interface"]}
NONE = {
    "it waits for rows that others hold": {"migrations/1.sql": TABLE + CLAIM.replace(" skip locked", ""), **CALL},
    "it takes rows of another table": {"migrations/1.sql": TABLE + CLAIM.replace("public.jobs", "public.seats"), **CALL},
    "it no longer does": {"migrations/1.sql": TABLE + CLAIM, "migrations/2.sql": CLAIM.replace(" skip locked", ""), **CALL},
    "a migration took it back": {"migrations/1.sql": TABLE, "migrations/1.down.sql": CLAIM, **CALL},
    "a comment": {"migrations/1.sql": TABLE + "/*" + CLAIM + "*/", **CALL},
    "another function": {
        "migrations/1.sql": TABLE + CLAIM,
        "worker.ts": SUPABASE + 'export async function work() { await db.rpc("count_jobs"); }',
    },
    "a method of that name": {
        "migrations/1.sql": TABLE + CLAIM,
        "worker.ts": 'export const work = (api) => api.call("claim_next_job");',
    },
    "a function that puts rows elsewhere": {
        "migrations/1.sql": TABLE + PUT.replace("public.jobs", "mails").replace("into jobs", "into mails"),
        "app.ts": SUPABASE + 'export const f = () => db.rpc("enqueue_job", { p_type: "x" });',
    },
}


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree(NONE[form])
    assert [*inventory.of(Worker), *inventory.of(Enqueue)] == []
