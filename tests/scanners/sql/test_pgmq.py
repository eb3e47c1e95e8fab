"""Queues of the database: what makes, fills and empties them, in SQL and in code."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Literal, Worker
from tests.scanners.conftest import Scan

AT = "supabase/migrations/20240101000000_a.sql"


def test_sql(scan_tree: Scan) -> None:
    text = """
    select pgmq.create('mails');
    select from pgmq.create('mails');
    create function on_user() returns trigger language plpgsql as $$ begin
      perform pgmq.send('mails', jsonb_build_object('id', new.id), 30); return new; end $$;
    create function work() returns void language plpgsql as $$ begin perform pgmq.read('mails', 30, 5); end $$;
    select cron.schedule('tick', '* * * * *', $$ select pgmq.send_batch('reports', array['{}'::jsonb]) $$);
    select pgmq.archive('mails', 1);
    """
    inventory = scan_tree({AT: text})
    assert [(c.name, c.role) for c in inventory.of(Client, "pg_cron")] == [("mails", "queue")]
    assert [(e.name, e.form, e.delay, e.inside, e.location.line) for e in inventory.of(Enqueue, "pg_cron")] == [
        ("mails", "send", Literal(30), "on_user", 5),
        ("reports", "send_batch", None, "", 7),
    ]
    assert [w.queues for w in inventory.of(Worker, "pg_cron")] == [("mails",)]


def test_of_a_function_the_last_definition_holds(scan_tree: Scan) -> None:
    make = "create or replace function f() returns void language sql as $$ select pgmq.send('{}', '1') $$;"
    files = {AT: make.replace("{}", "old"), "supabase/migrations/20240201000000_b.sql": make.replace("{}", "new")}
    assert [e.name for e in scan_tree(files).of(Enqueue)] == ["new"]


def test_a_dump_of_the_schema_adds_nothing(scan_tree: Scan) -> None:
    text = "select pgmq.create('q');\ncreate function f() returns void language sql as $$ select pgmq.send('q', '1') $$;"
    inventory = scan_tree({AT: text, "supabase/schemas/all.sql": text})
    assert {i.location.path for i in inventory.items} == {AT}
    assert len(inventory.items) == 2


def test_a_queue_that_is_dropped(scan_tree: Scan) -> None:
    assert not scan_tree({AT: "select pgmq.create('q'); select pgmq.drop_queue('q');"}).items


def test_the_functions_that_pass_calls_on_are_no_senders(scan_tree: Scan) -> None:
    text = "create function pgmq_public.send(queue_name text, message jsonb) returns bigint as $$ select pgmq.send(queue_name, message) $$;"
    assert not scan_tree({AT: text}).items


SENT = {
    "narrowed": ('await db.schema("pgmq_public").rpc("send", { queue_name: "mails", message: {}, sleep_seconds: 5 });', "mails"),
    "narrowed before": ('const q = db.schema("pgmq_public");\nawait q.rpc("send_batch", { queue_name: "mails", messages: [] });', "mails"),
    "made for it": (
        'const q = createClient(url, key, { db: { schema: "pgmq_public" } });\nawait q.rpc("send", { queue_name: "mails", message: {} });',
        "mails",
    ),
    "by a constant": ('const Q = "mails";\nawait db.schema("pgmq_public").rpc("send", { queue_name: Q, message: {} });', "mails"),
    "in SQL": ("await sql`select pgmq.send('mails', ${JSON.stringify(payload)}::jsonb)`;", "mails"),
}


@pytest.mark.parametrize("form", SENT)
def test_senders_in_typescript(scan_tree: Scan, form: str) -> None:
    code, name = SENT[form]
    head = 'import { createClient } from "@supabase/supabase-js";\nconst db = createClient(url, key);\n'
    found = [e for e in scan_tree({"src/a.ts": head + code}).of(Enqueue) if not e.wrapper]
    assert [(e.name, e.system) for e in found] == [(name, "pg_cron")]


def test_callers_of_a_sender_of_ones_own(scan_tree: Scan) -> None:
    files = {
        "src/queue.ts": "export const send = (db, queue: string, message: unknown) =>\n"
        '  db.schema("pgmq_public").rpc("send", { queue_name: queue, message });\n',
        "src/a.ts": 'import { send } from "./queue";\nawait send(db, "mails", {});\n',
    }
    found = [e for e in scan_tree(files).of(Enqueue) if not e.wrapper]
    assert [(e.name, e.location.path, e.via) for e in found] == [("mails", "src/a.ts", ("send",))]


def test_readers_and_other_functions(scan_tree: Scan) -> None:
    code = """
    const { data } = await db.schema("pgmq_public").rpc("pop", { queue_name: "mails" });
    await db.schema("pgmq_public").rpc("delete", { queue_name: "mails", message_id: 1 });
    await db.rpc("send", { queue_name: "no queue" });
    """
    inventory = scan_tree({"src/a.ts": code})
    assert [w.queues for w in inventory.of(Worker)] == [("mails",)]
    assert not inventory.of(Enqueue)


def test_python(scan_tree: Scan) -> None:
    code = """
    from tembo_pgmq_python import PGMQueue

    queue = PGMQueue()
    queue.create_queue("mails")
    queue.send("mails", {"id": 1}, delay=10)
    queue.read("mails", vt=30)
    client.schema("pgmq_public").rpc("send", {"queue_name": "others", "message": {}}).execute()
    cursor.execute("select pgmq.send('raw', '{}')")
    """
    inventory = scan_tree({"app.py": code})
    assert [c.name for c in inventory.of(Client)] == ["mails"]
    assert [(e.name, e.delay) for e in inventory.of(Enqueue)] == [("mails", Literal(10)), ("others", None), ("raw", None)]
    assert [w.queues for w in inventory.of(Worker)] == [("mails",)]


def test_functions_of_the_database_that_others_send_through(scan_tree: Scan) -> None:
    sql = """
    create function public.enqueue_email(queue_name text, payload jsonb) returns bigint language sql as $$
      select pgmq.send(queue_name, payload); $$;
    create function public.read_batch(batch integer, q text) returns setof record language sql as $$ select pgmq.read(q, 30, batch); $$;
    create function on_order() returns trigger language plpgsql as $$ begin
      perform public.enqueue_email('orders', to_jsonb(new)); return new; end $$;
    """
    code = """
    await supabase.rpc("enqueue_email", { queue_name: "mails", payload: {} });
    const { data } = await supabase.rpc('read_batch', { batch: 5, q: "mails" });
    await supabase.rpc("other", { queue_name: "mails" });
    """
    inventory = scan_tree({AT: sql, "src/a.ts": code})
    sent = [(e.name, e.location.path, e.location.line, e.via) for e in inventory.of(Enqueue) if not e.wrapper]
    assert sent == [("mails", "src/a.ts", 2, ("enqueue_email",)), ("orders", AT, 6, ("enqueue_email",))]
    assert [(w.name, w.location.path, w.location.line) for w in inventory.of(Worker) if w.name] == [("mails", "src/a.ts", 3)]
