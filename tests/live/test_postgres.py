"""Jobs in a real Postgres: pg-boss and Procrastinate put theirs there themselves; the tables of pg_cron are as its extension makes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migrator.errors import MigratorError
from migrator.live.limits import LiveSettings
from migrator.servers import Servers, install, node
from tests.live.conftest import Look

pytestmark = pytest.mark.behaviour

Run = Callable[[str], None]


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


# -- pg-boss --------------------------------------------------------------------------------------------------------------

BOSS = """
import * as module from "boss";
const Boss = module.PgBoss ?? module.default;
const boss = new Boss({ connectionString: process.env.DATABASE, schema: "jobs" });
boss.on("error", console.error);
await boss.start();
for (const queue of ["mail", "slow"]) await boss.createQueue?.(queue);
const seen = (number) => new Promise((done) => { const look = () => (count >= number ? done() : setTimeout(look, 20)); look(); });
let count = 0;
%s
await boss.stop({ graceful: false });
process.exit(0);
"""


@pytest.fixture(params=["9", "10", "12.35.0"])
def boss(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Run:
    """Runs code with a pg-boss of that version."""
    project = tmp_path / "node"
    project.mkdir()
    package = {"name": "t", "private": True, "type": "module", "dependencies": {"boss": f"npm:pg-boss@{request.param}"}}
    (project / "package.json").write_text(json.dumps(package))
    install(project, node())

    def run(code: str) -> None:
        (project / "run.mjs").write_text(BOSS % code)
        node().run(["run.mjs"], folder=project, extra={"DATABASE": database})

    return run


def test_pg_boss_that_waits(database: str, boss: Run, look: Look) -> None:
    boss(
        """
        for (let n = 0; n < 4; n++) await boss.send("mail", { to: "anna@example.org" });
        await boss.send("mail", { to: "anna@example.org" }, { startAfter: 864000 });
        """
    )
    seen = look(database, settings=LiveSettings(depth=3))
    assert seen.messages("LIV01") == ["4 jobs of `mail` are due (limit 3)."]
    assert seen.state("LIV02") == "pass"
    assert "no job of this queue began in the last 300 s" in seen.check("LIV09").reason
    assert "4 due, 1 delayed, 0 running" in seen.evidence("LIV20")
    assert "due in 10 d" in seen.evidence("LIV18")
    assert "of 5 payloads of `mail`" in seen.evidence("LIV16")
    assert "anna" not in repr(seen.inventory)
    made = "createdon" if "createdon" in columns(database) else "created_on"
    earlier = "now() - interval '20 minutes'"
    execute(database, f"update jobs.job set {made} = {earlier}, {started(database)} = {earlier}")  # noqa: S608
    late = look(database)
    assert late.messages("LIV02") == ["The oldest job of `mail` has been due for 20 min (limit 5 min)."]
    assert late.messages("LIV09") == ["5 jobs of `mail` are due and no worker is there."]
    assert late.state("LIV19") == "pass"


def columns(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select column_name from information_schema.columns where table_schema = 'jobs' and table_name = 'job'")
        return {name for (name,) in rows.fetchall()}


def started(url: str) -> str:
    return "startafter" if "startafter" in columns(url) else "start_after"


def test_pg_boss_that_works(database: str, boss: Run, look: Look) -> None:
    boss(
        """
        for (let n = 0; n < 25; n++) await boss.send("mail", { n });
        const options = { batchSize: 25, teamSize: 25, newJobCheckInterval: 500, pollingIntervalSeconds: 0.5 };
        await boss.work("mail", options, async (jobs) => { count += [jobs].flat().length; });
        await seen(25);
        await new Promise((done) => setTimeout(done, 500));
        """
    )
    seen = look(database)
    assert "of the last 25" in seen.evidence("LIV03")
    assert [seen.state(check) for check in ("LIV01", "LIV05", "LIV06", "LIV07", "LIV09", "LIV10")] == ["pass"] * 6


def test_pg_boss_that_fails_and_loses(database: str, boss: Run, look: Look) -> None:
    boss(
        """
        for (let n = 0; n < 12; n++) await boss.send("mail", { n }, { retryLimit: 0 });
        await boss.send("slow", {}, { expireInSeconds: 60 });
        const options = { batchSize: 12, teamSize: 12, newJobCheckInterval: 500, pollingIntervalSeconds: 0.5 };
        await boss.work("mail", options, async (jobs) => { count += [jobs].flat().length; throw new Error("anna@example.org"); });
        await boss.work("slow", options, async () => { count += 1; await new Promise(() => {}); });
        await seen(13);
        await new Promise((done) => setTimeout(done, 500));
        process.exit(0);
        """
    )
    seen = look(database)
    assert seen.messages("LIV05") == ["12 jobs of `mail` failed for good in the last hour (limit 10)."]
    assert "anna" not in repr(seen.inventory)
    assert seen.state("LIV07") == "pass"
    began = "startedon" if "startedon" in columns(database) else "started_on"
    execute(database, f"update jobs.job set {began} = now() - interval '1 hour' where name = 'slow'")  # noqa: S608
    assert look(database).messages("LIV07") == ["1 of 1 running jobs of `slow` have lost their worker."]


def test_pg_boss_over_a_window(database: str, boss: Run, look: Look) -> None:
    boss('for (let n = 0; n < 30; n++) await boss.send("mail", { n });')
    ended, state = "completedon" if "completedon" in columns(database) else "completed_on", "case when random() < 2 then 'failed' end"
    change = f"update jobs.job set state = ({state})::jobs.job_state, {ended} = clock_timestamp() where name = 'mail'"  # noqa: S608
    import threading

    timer = threading.Timer(0.5, lambda: execute(database, change))
    timer.start()
    seen = look(database, window=2)
    timer.join()
    assert seen.messages("LIV04") == ["In `mail` 30 of 30 jobs that ended in 2 s failed: 100 % (limit 5 %)."]
    assert seen.state("LIV08") == "pass"
    still = look(database, window=0.2)
    assert still.check("LIV04").reason.endswith("no job ended in 0.2 s")


def test_pg_boss_warnings(database: str, boss: Run, look: Look) -> None:
    boss("")
    if "group_id" not in columns(database):
        assert look(database).state("LIV23") == "pass"
        return
    execute(database, "insert into jobs.warning (type, message) values ('clock_skew', 'x'), ('slow_query', 'x'), ('slow_query', 'x')")
    assert [(f.severity, f.message) for f in look(database).findings("LIV23")] == [
        ("medium", "pg-boss warned of `clock_skew` 1 times in the last day."),
        ("low", "pg-boss warned of `slow_query` 2 times in the last day."),
    ]


# -- Procrastinate --------------------------------------------------------------------------------------------------------


@pytest.fixture
def procrastinate_app(database: str) -> Generator[Any]:
    """A Procrastinate whose tables are there."""
    import procrastinate

    app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=database))
    with app.open():
        app.schema_manager.apply_schema()
        yield app


def work(url: str, app: Any) -> None:
    """Let a worker run until nothing is left."""
    import asyncio

    import procrastinate

    async def run() -> None:
        other = app.with_connector(procrastinate.PsycopgConnector(conninfo=url))
        async with other.open_async():
            await other.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(run())


def test_procrastinate(database: str, procrastinate_app: Any, look: Look) -> None:
    @procrastinate_app.task(queue="mail", name="send")
    def send(to: str) -> None:
        if to == "nobody":
            raise ValueError("anna@example.org")

    for _ in range(4):
        send.defer(to="anna@example.org")
    send.configure(schedule_in={"days": 3}).defer(to="anna@example.org")
    seen = look(database, settings=LiveSettings(depth=3))
    assert seen.messages("LIV01") == ["4 jobs of `mail` are due (limit 3)."]
    assert seen.messages("LIV09") == ["4 jobs of `mail` are due and no worker is there."]
    assert "4 due, 1 delayed" in seen.evidence("LIV20")
    assert "due in 3 d" in seen.evidence("LIV18")
    assert seen.inventory.live is not None
    assert seen.inventory.live.queues[0].names == {"send": 5}
    assert "anna" not in repr(seen.inventory)
    execute(database, "update procrastinate_events set at = at - interval '10 minutes'")
    assert look(database).messages("LIV02") == ["The oldest job of `mail` has been due for 10 min (limit 5 min)."]
    for _ in range(20):
        send.defer(to="nobody")
    work(database, procrastinate_app)
    done = look(database)
    assert done.messages("LIV05") == ["20 jobs of `mail` failed for good in the last hour (limit 10)."]
    assert "of the last 24" in done.evidence("LIV03")
    assert done.state("LIV06") == "pass"
    assert look(database, settings=LiveSettings(kept=20)).state("LIV10") == "fail"


def test_procrastinate_workers_and_what_they_lost(database: str, procrastinate_app: Any, look: Look) -> None:
    @procrastinate_app.task(queue="mail", name="send")
    def send() -> None: ...

    send.defer()
    send.defer()
    execute(
        database,
        "insert into procrastinate_workers default values",
        "update procrastinate_jobs set status = 'doing', worker_id = (select max(id) from procrastinate_workers) where id = 1",
    )
    seen = look(database)
    assert [seen.state(check) for check in ("LIV07", "LIV09")] == ["pass"] * 2
    execute(database, "update procrastinate_workers set last_heartbeat = now() - interval '5 minutes'")
    lost = look(database)
    assert lost.messages("LIV07") == ["1 of 1 running jobs of `mail` have lost their worker."]
    assert lost.messages("LIV09") == ["1 job of `mail` is due and no worker is there."]


# -- pg_cron --------------------------------------------------------------------------------------------------------------

#: what pg_cron itself creates; the extension is in no wheel
CRON = """
create schema cron;
create table cron.job (jobid bigint primary key generated always as identity, schedule text not null, command text not null,
  nodename text not null default 'localhost', nodeport int not null default 5432, database text not null default current_database(),
  username text not null default current_user, active boolean not null default true, jobname text);
create table cron.job_run_details (jobid bigint, runid bigint primary key generated always as identity, job_pid int, database text,
  username text, command text, status text, return_message text, start_time timestamptz, end_time timestamptz);
insert into cron.job (schedule, command, jobname) values ('0 3 * * *', 'select tidy(30)', 'nightly'), ('* * * * *', 'select 1', 'beat');
insert into cron.job_run_details (jobid, status, start_time) select 1, case when n < 2 then 'failed' else 'succeeded' end, now()
  from generate_series(0, 9) n;
insert into cron.job_run_details (jobid, status, start_time) select 2, 'succeeded', now() from generate_series(0, 9) n;
insert into cron.job_run_details (jobid, status, start_time) select 2, 'failed', now() - interval '3 days' from generate_series(0, 9) n;
"""


def test_pg_cron(database: str, look: Look) -> None:
    execute(database, CRON)
    seen = look(database)
    assert seen.messages("LIV23") == ["2 of 10 runs of `nightly` failed in the last day: 20 % (limit 5 %)."]
    assert seen.findings("LIV23")[0].severity == "high"
    assert seen.state("LIV10") == "pass"
    assert len(seen.findings("LIV14")) == 2
    kept = look(database, settings=LiveSettings(kept=20))
    assert kept.messages("LIV10") == ["30 runs are stored, the oldest for 3 d (limit 20), and nothing seen here deletes them."]
    execute(database, "insert into cron.job (schedule, command) values ('@daily', 'DELETE FROM cron.job_run_details WHERE true')")
    assert look(database, settings=LiveSettings(kept=20)).state("LIV10") == "pass"


# -- job tables -----------------------------------------------------------------------------------------------------------

TABLE = """
create table "Job" ("id" serial primary key, "type" text not null, "payload" jsonb, "status" text not null default 'PENDING',
  "attempts" int not null default 0, "runAt" timestamp not null default (now() at time zone 'UTC'),
  "createdAt" timestamp not null default (now() at time zone 'UTC'), "startedAt" timestamp, "finishedAt" timestamp, "lastError" text);
"""
PRISMA = """
model Job {
  id Int @id @default(autoincrement())
  type String
  payload Json?
  status String @default("PENDING")
  attempts Int @default(0)
  runAt DateTime @default(now())
  createdAt DateTime @default(now())
  startedAt DateTime?
  finishedAt DateTime?
  lastError String?
}
"""


def test_a_job_table(database: str, look: Look, code: Path) -> None:
    (code / "prisma").mkdir()
    (code / "prisma/schema.prisma").write_text(PRISMA)
    (code / "package.json").write_text('{"dependencies": {"@prisma/client": "6"}}')
    (code / "jobs.ts").write_text(
        'import { PrismaClient } from "@prisma/client";\nconst prisma = new PrismaClient();\n'
        'export const enqueue = (to: string) => prisma.job.create({ data: { type: "MAIL", payload: { to } } });\n'
        'export const next = () => prisma.job.updateMany({ where: { status: "PENDING" }, data: { status: "RUNNING" } });\n'
    )
    execute(database, TABLE)
    assert look(database).findings("LIV01") == []
    execute(
        database,
        """insert into "Job" (type, payload) select 'MAIL', '{"to": "anna@example.org"}' from generate_series(1, 4)""",
        """insert into "Job" (type, "runAt") values ('MAIL', (now() at time zone 'UTC') + interval '2 days')""",
        """insert into "Job" (type, status, "startedAt", "finishedAt") select 'MAIL', 'FAILED', (now() at time zone 'UTC')
           - interval '1 minute', (now() at time zone 'UTC') from generate_series(1, 12)""",
        """insert into "Job" (type, status) values ('MAIL', 'ODD')""",
    )
    seen = look(database, settings=LiveSettings(depth=3))
    assert seen.messages("LIV01") == ["4 jobs of `Job` are due (limit 3)."]
    assert seen.messages("LIV05") == ["12 jobs of `Job` failed for good in the last hour (limit 10)."]
    assert seen.messages("LIV03") == ["Jobs of `Job` take 1 min on average, 95 % within 1 min, of the last 12 (limit 30 s)."]
    assert "4 due, 1 delayed" in seen.evidence("LIV20")
    assert "due in 2 d" in seen.evidence("LIV18") or "due in 48 h" in seen.evidence("LIV18")
    assert "what the state ODD means is not known" in seen.check("LIV20").reason
    assert "anna" not in repr(seen.inventory)
    execute(database, """update "Job" set "createdAt" = "createdAt" - interval '1 hour', "runAt" = "runAt" - interval '1 hour'""")
    assert look(database).messages("LIV02") == ["The oldest job of `Job` has been due for 60 min (limit 5 min)."]


# -- the server -----------------------------------------------------------------------------------------------------------


def test_connections(running: Servers, database: str, look: Look) -> None:
    seen = look(database)
    assert seen.state("LIV12") == "pass"
    with psycopg.connect(database, application_name="hungry"):
        (finding,) = look(database, settings=LiveSettings(connections=0)).findings("LIV12")
    assert finding.severity == "high"
    assert "hungry 1" in finding.message
    (critical,) = look(database, settings=LiveSettings(connections=0, connections_critical=0)).findings("LIV12")
    assert critical.severity == "critical"


def test_a_role_that_can_only_read_sees_the_same(database: str, procrastinate_app: Any, look: Look) -> None:
    @procrastinate_app.task(queue="mail", name="send")
    def send() -> None: ...

    for _ in range(4):
        send.defer()
    execute(database, CRON)
    name = database.rpartition("/")[2]
    execute(
        database,
        f"create role {name}_reader login password 'word' nosuperuser",
        f"grant usage on schema public, cron to {name}_reader",
        f"grant select on all tables in schema public, cron to {name}_reader",
    )
    try:
        at = database.partition("@")[2]
        settings = LiveSettings(depth=3)
        one, other = look(database, settings=settings), look(f"postgresql://{name}_reader:word@{at}", settings=settings)
        assert one.messages("LIV01") == other.messages("LIV01") == ["4 jobs of `mail` are due (limit 3)."]
        assert one.messages("LIV23") == other.messages("LIV23")
        assert "only told to a superuser" in other.check("LIV22").reason
        execute(database, f"revoke select on procrastinate_jobs, cron.job_run_details from {name}_reader")  # noqa: S608
        narrow = look(f"postgresql://{name}_reader:word@{at}", settings=settings)
        assert narrow.findings("LIV01") == []
        assert "permission denied for table job_run_details" in narrow.check("LIV23").reason
    finally:
        execute(database, f"drop owned by {name}_reader", f"drop role {name}_reader")


def test_nothing_is_written(database: str, procrastinate_app: Any, look: Look) -> None:
    """The database's own count of rows that were written stays what it was."""
    execute(database, CRON)
    question = "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_user_tables"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("select pg_stat_force_next_flush()")
        before = connection.execute(question).fetchone()
        look(database, window=0.1)
        connection.execute("select pg_stat_clear_snapshot()")
        assert connection.execute(question).fetchone() == before


def test_a_server_that_is_not_there(look: Look) -> None:
    with pytest.raises(MigratorError) as raised:
        look("postgresql://me:hunter2@127.0.0.1:1/app")
    assert "postgresql://127.0.0.1:1/app: Postgres cannot be asked" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_an_empty_database(database: str, look: Look) -> None:
    seen = look(database)
    assert seen.inventory.live is not None
    assert seen.inventory.live.queues == ()
    assert seen.state("LIV01") == seen.state("LIV08") == "not-applicable"
