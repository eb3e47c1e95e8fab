"""What is on pg_cron's schedule after all migrations, and what it runs."""

from __future__ import annotations

import pytest

from migrator.jobs import Expression, Inventory, Job, Literal, Schedule
from tests.scanners.conftest import Scan

AT = "supabase/migrations/20240101000000_a.sql"


def live(inventory: Inventory) -> list[tuple[str, object]]:
    return sorted((s.name, s.cron.value if isinstance(s.cron, Literal) else None) for s in inventory.of(Schedule, "pg_cron"))


#: SQL -> (name, cron) of the one schedule
FORMS = {
    "named": ("select cron.schedule('nightly', '0 3 * * *', 'select 1');", ("nightly", "0 3 * * *")),
    "upper case, over lines": (
        "SELECT\n  cron.schedule (\n 'nightly', -- why\n '0 3 * * *',\n $$ delete from a; $$\n);",
        ("nightly", "0 3 * * *"),
    ),
    "without a name": ("select cron.schedule('0 3 * * *', $$ select public.tidy(30) $$);", ("tidy", "0 3 * * *")),
    "by parameter": (
        "select cron.schedule(job_name := 'nightly', schedule => '0 3 * * *', command := $c$ select 1 $c$);",
        ("nightly", "0 3 * * *"),
    ),
    "in another database": ("select cron.schedule_in_database('nightly', '0 3 * * *', 'select 1', 'app');", ("nightly", "0 3 * * *")),
    "in a block": (
        (
            "do $$ begin if exists (select 1 from pg_extension where extname = 'pg_cron') then\n"
            "perform cron.schedule('nightly', '0 3 * * *', 'select 1'); end if; end $$;"
        ),
        ("nightly", "0 3 * * *"),
    ),
    "by constants of a block": (
        (
            "do $$ declare job text := 'nightly'; spec constant text := '0 3 * * *'; begin\n"
            "perform cron.schedule(job, spec, 'select 1'); end $$;"
        ),
        ("nightly", "0 3 * * *"),
    ),
    "executed": ("do $$ begin execute 'select cron.schedule(''nightly'', ''0 3 * * *'', ''select 1'')'; end $$;", ("nightly", "0 3 * * *")),
    "in a function that is called": (
        (
            "create function plan() returns void language plpgsql as $$ begin perform cron.schedule('nightly', '0 3 * * *', 'x'); end $$;\n"
            "select plan();"
        ),
        ("nightly", "0 3 * * *"),
    ),
    "inserted": (
        "insert into cron.job (schedule, command, nodename, jobname) values ('0 3 * * *', 'select 1', 'localhost', 'nightly');",
        ("nightly", "0 3 * * *"),
    ),
    "with casts": ("select cron.schedule('nightly'::text, '0 3 * * *'::text, 'select 1'::text);", ("nightly", "0 3 * * *")),
    "twice the same": (
        "select cron.schedule('nightly', '0 1 * * *', 'select 1');\nselect cron.schedule('nightly', '0 3 * * *', 'select 1');",
        ("nightly", "0 3 * * *"),
    ),
    "altered": (
        (
            "select cron.schedule('nightly', '0 1 * * *', 'select 1');\n"
            "select cron.alter_job(job_id := (select jobid from cron.job where jobname = 'nightly'), schedule := '0 3 * * *');"
        ),
        ("nightly", "0 3 * * *"),
    ),
    "updated": (
        "select cron.schedule('nightly', '0 1 * * *', 'select 1');\nupdate cron.job set schedule = '0 3 * * *' where jobname = 'nightly';",
        ("nightly", "0 3 * * *"),
    ),
    "only where it is missing": (
        (
            "select cron.schedule('nightly', '0 3 * * *', 'select 1');\n"
            "select cron.schedule('nightly', '0 9 * * *', 'x') where not exists (select 1 from cron.job where jobname = 'nightly');"
        ),
        ("nightly", "0 3 * * *"),
    ),
    "quotes within quotes of one kind": (
        "do $$ begin perform cron.schedule('nightly', '0 3 * * *', $$select 1$$); end $$;",
        ("nightly", "0 3 * * *"),
    ),
}

MAKE = "select cron.schedule('nightly', '0 3 * * *', 'select 1');\n"
GONE = {
    "by name": "select cron.unschedule('nightly');",
    "by name, if it is there": "select cron.unschedule('nightly') where exists (select 1 from cron.job where jobname = 'nightly');",
    "in a block": "do $$ begin perform cron.unschedule('nightly'); exception when others then null; end $$;",
    "by id": "select cron.unschedule(jobid) from cron.job where jobname = 'nightly';",
    "by id, of several": "select cron.unschedule(jobid) from cron.job where jobname in ('other', 'nightly');",
    "by pattern": "select cron.unschedule(jobname) from cron.job where jobname like 'night%';",
    "in a loop": "do $$ declare r record; begin for r in select jobid from cron.job where jobname in ('a', 'nightly') loop\n"
    "perform cron.unschedule(r.jobid); end loop; end $$;",
    "over an array": "do $$ declare n text; begin foreach n in array array['a', 'nightly'] loop\n"
    "perform cron.unschedule(n); end loop; end $$;",
    "all": "select cron.unschedule(jobid) from cron.job;",
    "deleted": "delete from cron.job where jobname = 'nightly';",
    "switched off": "select cron.alter_job((select jobid from cron.job where jobname = 'nightly'), active := false);",
    "switched off in the table": "update cron.job set active = false where jobname = 'nightly';",
    "with the extension": "drop extension if exists pg_cron;",
    "in a variable": "do $$ declare j bigint; begin select jobid into j from cron.job where jobname = 'nightly';\n"
    "if j is not null then perform cron.unschedule(j); end if; end $$;",
}

LOOKALIKES = {
    "in a comment": "-- select cron.schedule('a', '* * * * *', 'x');\n/* select cron.schedule('a', '* * * * *', 'x'); */",
    "in a text": "comment on extension pg_cron is 'select cron.schedule(''a'', ''* * * * *'', ''x'')';",
    "another schema": "select crontab.schedule('a', '* * * * *', 'x');",
    "a function of that name": "create function cron.schedule(a text, b text, c text) returns bigint language sql as $$ select 1 $$;",
    "rights": "grant execute on function cron.schedule(text, text, text) to app; revoke all on cron.job from public;",
    "looking": "select * from cron.job where jobname = 'nightly';",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_way_onto_the_schedule(scan_tree: Scan, form: str) -> None:
    text, expected = FORMS[form]
    assert live(scan_tree({AT: text})) == [expected]


@pytest.mark.parametrize("form", GONE)
def test_every_way_off_the_schedule(scan_tree: Scan, form: str) -> None:
    other = "select cron.schedule('kept', '0 4 * * *', 'select 1');\n"
    found = live(scan_tree({AT: MAKE + other, "supabase/migrations/20240102000000_b.sql": GONE[form]}))
    assert found == ([] if form in ("all", "with the extension") else [("kept", "0 4 * * *")])


@pytest.mark.parametrize("form", LOOKALIKES)
def test_what_only_looks_like_it(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({AT: LOOKALIKES[form]})
    assert not inventory.of(Schedule)
    assert not inventory.of(Job)


def test_migrations_are_a_history(scan_tree: Scan) -> None:
    files = {
        "db/migrations/V2__off.sql": "select cron.unschedule('nightly');",
        "db/migrations/V10__on.sql": "select cron.schedule('nightly', '0 9 * * *', 'select 1');",
        "db/migrations/V1__first.sql": MAKE,
        "db/migrations/V11__never.down.sql": "select cron.unschedule('nightly');",
    }
    (found,) = scan_tree(files).of(Schedule)
    assert (found.location.path, found.cron, found.confidence) == ("db/migrations/V10__on.sql", Literal("0 9 * * *"), "certain")


def test_the_way_back_in_the_same_file(scan_tree: Scan) -> None:
    assert live(scan_tree({AT: f"-- migrate:up\n{MAKE}-- migrate:down\nselect cron.unschedule('nightly');"})) == [("nightly", "0 3 * * *")]


def test_two_databases_do_not_mix(scan_tree: Scan) -> None:
    files = {
        "apps/a/migrations/1.sql": MAKE,
        "apps/b/migrations/2.sql": "select cron.unschedule('nightly');",
    }
    assert live(scan_tree(files)) == [("nightly", "0 3 * * *")]
    assert live(scan_tree({"apps/b/migrations/2.sql": MAKE, "docs.sql": MAKE})) == [("nightly", "0 3 * * *")] * 2


def test_scripts_and_functions_are_less_sure(scan_tree: Scan) -> None:
    files = {
        "scripts/cron.sql": "select cron.schedule('by hand', '0 3 * * *', 'select 1');",
        AT: "create function later() returns void language plpgsql as $$ begin perform cron.schedule('later', '0 4 * * *', 'x'); end $$;",
    }
    assert [(s.name, s.confidence) for s in scan_tree(files).of(Schedule)] == [("by hand", "likely"), ("later", "likely")]


def test_intervals_are_seconds(scan_tree: Scan) -> None:
    (found,) = scan_tree({AT: "select cron.schedule('often', '30 seconds', 'select 1');"}).of(Schedule)
    assert (found.interval, found.cron) == (Literal(30), None)


def test_what_cannot_be_told_is_said(scan_tree: Scan) -> None:
    inventory = scan_tree({AT: MAKE + "select cron.unschedule(42);\nselect cron.schedule(j.name, j.spec, j.cmd) from jobs j;"})  # noqa: S608
    assert [u.line for u in inventory.unresolved] == [2]
    assert live(inventory) == [("", None), ("nightly", "0 3 * * *")]


EDGE = "import { serve } from 'std/http';\n\nDeno.serve(async (req) => new Response('ok'));\n"
COMMANDS = {
    "to the project's own address": "select net.http_post(url := 'https://abc.supabase.co/functions/v1/sync', body := '{}'::jsonb);",
    "to the functions' address": "select net.http_post('https://abc.functions.supabase.co/sync');",
    "joined from a secret": "select net.http_post(url := (select decrypted_secret from vault.decrypted_secrets where name = 'project_url')"
    " || '/functions/v1/sync', headers := '{\"Authorization\": \"Bearer abcdefgh\"}'::jsonb) as request_id;",
    "joined from a setting": "select net.http_get(url := current_setting('app.base_url') || '/sync');",
}


@pytest.mark.parametrize("form", COMMANDS)
def test_edge_functions_are_the_jobs(scan_tree: Scan, form: str) -> None:
    files = {AT: f"select cron.schedule('sync', '* * * * *', $$ {COMMANDS[form]} $$);", "supabase/functions/sync/index.ts": EDGE}
    inventory = scan_tree(files)
    (job,) = inventory.of(Job)
    assert (job.name, job.system, job.location.path, job.location.line) == ("sync", "pg_cron", "supabase/functions/sync/index.ts", 3)
    (found,) = inventory.of(Schedule)
    assert found.job == "supabase/functions/sync/index.ts:sync"
    assert "abcdefgh" not in str(found.options)


def test_functions_of_the_database_are_the_jobs(scan_tree: Scan) -> None:
    files = {
        AT: "create function public.tidy(days int) returns void language sql as $$ delete from a $$;\n"
        "select cron.schedule('tidy', '0 3 * * *', 'select public.tidy(30);');\n"
        "select cron.schedule('more', '0 4 * * *', 'select tidy(3)');",
        "supabase/migrations/20240105000000_b.sql": "\n"
        "create or replace function public.tidy(days int) returns void language sql as $$ x $$;",
    }
    inventory = scan_tree(files)
    (job,) = inventory.of(Job)
    assert (job.name, job.location.path, job.location.line) == ("tidy", "supabase/migrations/20240105000000_b.sql", 2)
    assert {s.job for s in inventory.of(Schedule)} == {f"{job.module}:tidy"}


def test_a_function_that_asks_an_edge_function(scan_tree: Scan) -> None:
    files = {
        AT: "create function kick() returns bigint language plpgsql as $$ begin\n"
        "return net.http_post(url := base() || '/functions/v1/sync'); end $$;\n"
        "create function outer_one() returns void language plpgsql as $$ begin perform public.kick(); end $$;\n"
        "select cron.schedule('kick', '* * * * *', 'select outer_one()');",
        "supabase/functions/sync/index.ts": EDGE,
    }
    assert sorted(j.name for j in scan_tree(files).of(Job)) == ["outer_one", "sync"]


def test_a_route_of_the_application(scan_tree: Scan) -> None:
    files = {
        AT: "select cron.schedule('bill', '0 2 * * *', $$ select net.http_post(url := app_url() || '/api/internal/bill') $$);",
        "src/app/api/internal/bill/route.ts": "\nexport async function POST(req: Request) {}\n",
    }
    inventory = scan_tree(files)
    assert [(j.name, j.location.line) for j in inventory.of(Job)] == [("/api/internal/bill", 2)]
    assert [s.job for s in inventory.of(Schedule)] == ["src/app/api/internal/bill/route.ts:/api/internal/bill"]


CODE = {
    "knex": ("migrations/2024_a.js", "exports.up = (knex) => knex.raw(`\n  SELECT cron.schedule('nightly', '0 3 * * *', 'x')`);\n", 2),
    "drizzle": ("src/cron.ts", "await db.execute(sql`select cron.schedule('nightly', '0 3 * * *', $$ select 1 $$)`);\n", 1),
    "alembic": ("alembic/versions/a.py", "def upgrade():\n    op.execute(\"select cron.schedule('nightly', '0 3 * * *', 'x')\")\n", 2),
    "django": (
        "app/migrations/0002.py",
        "SQL = \"\"\"\nselect cron.schedule('nightly', '0 3 * * *', 'x');\n\"\"\"\nmigrations.RunSQL(SQL)\n",
        2,
    ),
}


@pytest.mark.parametrize("form", CODE)
def test_sql_in_code(scan_tree: Scan, form: str) -> None:
    path, code, line = CODE[form]
    (found,) = scan_tree({path: code}).of(Schedule, "pg_cron")
    assert (found.name, found.location.path, found.location.line) == ("nightly", path, line)


def test_sql_with_parts_that_code_puts_in(scan_tree: Scan) -> None:
    code = (
        "await sql(`select cron.schedule('work', '${every()}', $$ select net.http_post(url := 'https://${ref}/functions/v1/sync') $$);\n"
        "select cron.schedule('${name}', '0 3 * * *', 'select 1')`);\n"
    )
    inventory = scan_tree({"src/a.ts": code, "supabase/functions/sync/index.ts": EDGE})
    first, second = inventory.of(Schedule, "pg_cron")
    assert (first.name, first.cron, first.job) == ("work", Expression("${every()}"), "supabase/functions/sync/index.ts:sync")
    assert (second.name, second.cron) == ("", Literal("0 3 * * *"))


def test_what_code_takes_back_and_what_only_sounds_like_it(scan_tree: Scan) -> None:
    files = {
        "alembic/versions/a.py": "def downgrade():\n    op.execute(\"select cron.schedule('old', '0 3 * * *', 'x')\")\n",
        "src/a.js": 'const cron = require("node-cron");\ncron.schedule("* * * * *", () => {});\nlog("select cron.schedule now");\n',
    }
    assert not scan_tree(files).of(Schedule, "pg_cron")


def test_hostile_files_end_in_a_report(scan_tree: Scan) -> None:
    files = {
        "migrations/1.sql": "select cron.schedule(",
        "migrations/2.sql": "select cron.schedule('a', '* * * * *', $$ select 1",
        "migrations/3.sql": "do $$ begin " + "(" * 3000 + " cron.unschedule(",
        "migrations/4.sql": ";;;create;create function;create or replace function f",
        "migrations/5.sql": "insert into cron.job values; update cron.job set schedule; select cron.alter_job();",
    }
    assert live(scan_tree(files)) == [("", None), ("a", "* * * * *")]
