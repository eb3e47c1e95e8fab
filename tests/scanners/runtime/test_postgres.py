"""Schedules in a real Postgres, put there by the libraries whose they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from migrator.cli import app
from migrator.errors import MigratorError
from migrator.jobs import Inventory, Literal, Schedule
from migrator.scanners import scan
from migrator.scanners.runtime import ask
from migrator.scanners.runtime.postgres import connected
from migrator.servers import Servers, install, node

pytestmark = pytest.mark.behaviour


@pytest.fixture
def database(running: Servers) -> Generator[str]:
    """A database of its own."""
    name = f"runtime_{os.urandom(4).hex()}"
    with psycopg.connect(running.postgres, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    url = f"{running.postgres.rpartition('/')[0]}/{name}"
    yield url
    with psycopg.connect(running.postgres, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


def found(url: str, folder: Path) -> list[tuple[str, str, str, object, object, str]]:
    inventory = ask([url], scan(folder))
    return [
        (s.system, s.name, s.job_name, s.cron.value if isinstance(s.cron, Literal) else s.cron and s.cron.source,
         s.interval.value if isinstance(s.interval, Literal) else None, s.timezone)
        for s in inventory.of(Schedule)
    ]  # fmt: skip


DJANGO = """
import importlib.util
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit
import django
from django.conf import settings

at = urlsplit(os.environ["DATABASE"])
settings.configure(
    SECRET_KEY="x", USE_TZ=True, INSTALLED_APPS=["django_celery_beat", "django_q"],
    Q_CLUSTER={"orm": "default", "retry": 120, "timeout": 60},
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": at.path[1:], "USER": at.username,
                           "PASSWORD": at.password or "", "HOST": at.hostname, "PORT": at.port}},
)
# Two packages are called crontab; the one of rq-scheduler is a folder, and would be taken.
if importlib.util.find_spec("crontab").submodule_search_locations:
    other = Path(importlib.util.find_spec("crontab").origin).parents[1] / "crontab.py"
    spec = importlib.util.spec_from_file_location("crontab", other)
    sys.modules["crontab"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["crontab"])
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


def django(url: str, code: str) -> None:
    environment = {**os.environ, "DATABASE": url}
    subprocess.run([sys.executable, "-c", DJANGO + textwrap.dedent(code)], check=True, env=environment, timeout=120)


def test_django_celery_beat_and_django_q(database: str, empty: Path) -> None:
    django(
        database,
        """
        from django.utils import timezone
        from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
        from django_q.models import Schedule

        cron = CrontabSchedule.objects.create(minute="30", hour="4", day_of_week="mon,fri", timezone="Europe/Berlin")
        often = IntervalSchedule.objects.create(every=2, period="minutes")
        sun = SolarSchedule.objects.create(event="sunset", latitude=1, longitude=1)
        once = ClockedSchedule.objects.create(clocked_time=timezone.now())
        PeriodicTask.objects.create(name="report", task="app.tasks.report", crontab=cron, queue="slow")
        PeriodicTask.objects.create(name="poll", task="app.tasks.poll", interval=often)
        PeriodicTask.objects.create(name="lamp", task="app.tasks.lamp", solar=sun)
        PeriodicTask.objects.create(name="once", task="app.tasks.once", clocked=once, one_off=True)
        PeriodicTask.objects.create(name="off", task="app.tasks.off", interval=often, enabled=False)
        Schedule.objects.create(name="digest", func="app.jobs.digest", schedule_type=Schedule.CRON, cron="0 7 * * *")
        Schedule.objects.create(func="app.jobs.sweep", schedule_type=Schedule.MINUTES, minutes=15)
        Schedule.objects.create(name="bill", func="app.jobs.bill", schedule_type=Schedule.MONTHLY)
        Schedule.objects.create(name="never", func="app.jobs.never", schedule_type=Schedule.ONCE)
        """,
    )
    assert sorted(found(database, empty)) == [
        ("celery", "lamp", "app.tasks.lamp", "solar sunset", None, ""),
        ("celery", "poll", "app.tasks.poll", None, 120, ""),
        ("celery", "report", "app.tasks.report", "30 4 * * mon,fri", None, "Europe/Berlin"),
        ("django-q", "app.jobs.sweep", "app.jobs.sweep", None, 900, ""),
        ("django-q", "bill", "app.jobs.bill", "monthly", None, ""),
        ("django-q", "digest", "app.jobs.digest", "0 7 * * *", None, ""),
    ]


BOSS = """
import * as module from "boss";
const Boss = module.PgBoss ?? module.default;
const boss = new Boss({ connectionString: process.env.DATABASE, schema: process.env.SCHEMA });
boss.on("error", console.error);
await boss.start();
await boss.createQueue?.("nightly");
await boss.schedule("nightly", "0 3 * * *", { a: 1 }, { tz: "Asia/Manila" });
await boss.stop({ graceful: false });
process.exit(0);
"""


@pytest.mark.parametrize(("version", "schema"), [("9", "pgboss"), ("10", "jobs"), ("12.35.0", "Jobs_2")])
def test_pg_boss_under_whatever_schema(database: str, tmp_path: Path, version: str, schema: str) -> None:
    project, code = tmp_path / "node", tmp_path / "code"
    project.mkdir()
    code.mkdir()
    package = {"name": "t", "private": True, "type": "module", "dependencies": {"boss": f"npm:pg-boss@{version}"}}
    (project / "package.json").write_text(json.dumps(package))
    (project / "run.mjs").write_text(BOSS)
    runtime = node()
    install(project, runtime)
    runtime.run(["run.mjs"], folder=project, extra={"DATABASE": database, "SCHEMA": schema})
    assert found(database, code) == [("pg-boss", "nightly", "nightly", "0 3 * * *", None, "Asia/Manila")]


#: what pg_cron itself creates; the extension is in no wheel
CRON = """
create schema cron;
create table cron.job (jobid bigint primary key generated always as identity, schedule text not null, command text not null,
  nodename text not null default 'localhost', nodeport int not null default 5432, database text not null default current_database(),
  username text not null default current_user, active boolean not null default true, jobname text);
insert into cron.job (schedule, command, jobname, active) values
  ('0 3 * * *', 'select public.tidy(30)', 'nightly', true),
  ('20 seconds', $$ select net.http_post(url := 'https://x.supabase.co/functions/v1/sync',
    headers := '{"Authorization": "Bearer abcdefgh"}') $$, null, true),
  ('* * * * *', 'select 1', 'off', false);
"""


def test_pg_cron(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(CRON.encode())
    folder = tmp_path / "supabase/migrations"
    folder.mkdir(parents=True)
    (folder / "1.sql").write_text("select cron.schedule('nightly', '0 4 * * *', 'x'); select cron.schedule('gone', '0 5 * * *', 'x');")
    inventory = ask([database], scan(tmp_path))
    assert inventory.runtime is not None
    assert [(d.kind, d.name, d.detail, d.code) for d in inventory.runtime.differences] == [
        ("not running", "gone", "0 5 * * *", "supabase/migrations/1.sql:1"),
        ("differs", "nightly", "code says 0 4 * * *, running is 0 3 * * *", "supabase/migrations/1.sql:1"),
        ("not in code", "sync", "every 20 s", ""),
    ]
    assert "abcdefgh" not in str(inventory)


def test_every_form_of_the_report_shows_what_was_asked_and_no_password(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(CRON.encode())
    for form in ("text", "markdown", "json", "csv", "html"):
        result = CliRunner().invoke(app, ["audit", str(tmp_path), "--runtime", database, "--format", form])
        assert result.exit_code == 0, result.output
        assert "nightly" in result.stdout
        assert "@" not in "".join(line for line in result.stdout.splitlines() if "postgresql://" in line)
        if form in ("text", "markdown"):
            assert "runs and is not in the code" in " ".join(result.stdout.split())


def test_a_database_without_any_of_it(database: str, empty: Path) -> None:
    inventory: Inventory = ask([database], scan(empty))
    assert inventory.runtime is not None
    assert inventory.runtime.sources[0].found == {}
    assert not inventory.items


def test_nothing_can_be_written(database: str) -> None:
    with connected(database) as asked, pytest.raises(MigratorError, match="read-only transaction"):
        asked.rows("create table x (a int)")


def test_a_server_that_is_not_there(empty: Path) -> None:
    with pytest.raises(MigratorError) as raised:
        ask(["postgresql://me:hunter2@127.0.0.1:1/app"], scan(empty))
    assert "postgresql://127.0.0.1:1/app" in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("secret", ["hunter2", "hun@ter2", "hunter2]"])
def test_a_refusal_tells_no_password(running: Servers, empty: Path, secret: str) -> None:
    there = running.postgres.rpartition("@")[2]
    with pytest.raises(MigratorError) as raised:
        ask([f"postgresql://nobody:{secret}@{there}"], scan(empty))
    assert "ter2" not in str(raised.value)


def test_an_address_that_cannot_be_asked(empty: Path) -> None:
    with pytest.raises(MigratorError, match="is no address of a system that can be asked"):
        ask(["mysql://u:hunter2@h/db"], scan(empty))
