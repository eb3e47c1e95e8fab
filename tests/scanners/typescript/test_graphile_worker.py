# ruff: noqa: E501 - code under test reads better on one line
"""The forms of Graphile Worker that are read, and what is no form of it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Inventory, Job, Literal, Schedule, Worker, literal_of

RUN = """
    import { makeWorkerUtils, parseCronItems, quickAddJob, run } from "graphile-worker";
    import type { TaskList } from "graphile-worker";
    import { welcome } from "./welcome";

    const tasks: TaskList = {
      welcome,
      "mail.send": async (payload, helpers) => { await helpers.addJob("audit", payload, { maxAttempts: 3, priority: 2, jobKey: "x" }); },
      async audit(payload, { addJob }) { await addJob("welcome", {}); },
    };

    export async function main() {
      const runner = await run({
        connectionString: url,
        concurrency: 5,
        taskList: tasks,
        parsedCronItems: parseCronItems([{ task: "audit", match: "0 3 * * *", identifier: "nightly" }]),
      });
      await runner.addJob("welcome", { id: 1 });
      const utils = await makeWorkerUtils({ connectionString: url });
      await utils.addJob("welcome", { id: 2 });
      await utils.addJobs([{ identifier: "welcome", payload: {} }]);
      await quickAddJob({ connectionString: url }, "mail.send", { to: "x" });
      await pg.query("select graphile_worker.add_job('welcome', payload := $1)", [data]);
    }
"""
WELCOME = "export const welcome = async (payload, helpers) => {};"


def test_every_form(scan_tree) -> None:
    inventory = scan_tree({"app.ts": RUN, "welcome.ts": WELCOME})
    assert {(j.name, j.handler is not None) for j in inventory.of(Job)} == {("welcome", True), ("mail.send", True), ("audit", True)}
    assert [(w.name, w.concurrency) for w in inventory.of(Worker)] == [("run", Literal(5))]
    assert [c.symbol for c in inventory.of(Client)] == ["utils"]
    assert [(s.name, s.job_name, s.cron) for s in inventory.of(Schedule)] == [("nightly", "audit", Literal("0 3 * * *"))]
    assert sorted((e.name, e.form, e.confidence) for e in inventory.of(Enqueue)) == [
        ("audit", "addJob", "likely"),
        ("mail.send", "quickAddJob", "certain"),
        ("welcome", "addJob", "certain"),
        ("welcome", "addJob", "certain"),
        ("welcome", "addJob", "likely"),
        ("welcome", "addJobs", "certain"),
        ("welcome", "graphile_worker.add_job", "certain"),
    ]
    audit = next(e for e in inventory.of(Enqueue) if e.name == "audit")
    assert (audit.max_attempts, audit.priority, audit.dedupe) == (Literal(3), Literal(-2), Literal("x"))


def test_a_crontab_in_code(scan_tree) -> None:
    crontab = "\n# nightly\n0 3 * * * sweep ?fill=1d {full: true}\n*/5 * * * * poll\n"
    code = f"import {{ run }} from 'graphile-worker';\nrun({{\n  taskList: {{}},\n  crontab: `{crontab}`,\n}});"
    found = scan_tree({"app.ts": code}).of(Schedule)
    assert [(s.name, s.cron, s.location.line) for s in found] == [("sweep", Literal("0 3 * * *"), 6), ("poll", Literal("*/5 * * * *"), 7)]


FOLDERS = {
    "beside the file": {"src/worker.ts": "taskDirectory: `${__dirname}/tasks`"},
    "joined": {"src/worker.ts": "taskDirectory: path.join(__dirname, 'tasks')"},
    "what a build makes": {"src/worker.ts": "taskDirectory: 'dist/tasks'"},
}


@pytest.mark.parametrize("files", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_of_tasks(scan_tree, files: dict[str, str]) -> None:
    code = {
        path: f"import path from 'path';\nimport {{ run }} from 'graphile-worker';\nrun({{ {option} }});" for path, option in files.items()
    }
    tasks = {
        "src/tasks/welcome.ts": "import { x } from 'y';\n\nexport default async function welcome(payload, helpers) {}",
        "src/tasks/mail/send.js": "module.exports = async (payload, helpers) => {};",
        "src/tasks/welcome.test.ts": "export default async () => {};",
        "src/tasks/format.ts": "export const format = (x) => x;",
    }
    jobs = scan_tree({**code, **tasks}).of(Job)
    assert {(j.name, j.location.path, j.location.line) for j in jobs} == {
        ("welcome", "src/tasks/welcome.ts", 3),
        ("mail/send", "src/tasks/mail/send.js", 1),
    }


def test_a_folder_of_tasks_that_a_build_puts_beside_the_worker(scan_tree) -> None:
    files = {
        "packages/jobs/src/runner.ts": (
            "import { run } from 'graphile-worker';\nexport const start = () => run({ taskDirectory: `${__dirname}/tasks` });"
        ),
        "apps/worker/src/index.ts": "import { start } from '../../../packages/jobs/src/runner';\nstart();",
        "apps/worker/src/tasks/welcome.ts": "module.exports = async (payload, helpers) => {};",
    }
    assert [(j.name, j.location.path) for j in scan_tree(files).of(Job)] == [("welcome", "apps/worker/src/tasks/welcome.ts")]
    several = scan_tree({"apps/web/src/tasks/other.ts": "module.exports = async () => {};"})
    assert not several.of(Job)
    assert [(u.path, u.reason) for u in several.unresolved] == [
        ("packages/jobs/src/runner.ts", "the folder of its tasks, tasks, is not where the worker is told to look")
    ]


def test_sql(scan_tree) -> None:
    sql = """
        -- select graphile_worker.add_job('old');
        create function on_user() returns trigger as $$
        begin
          perform graphile_worker.add_job('user.created', json_build_object('id', NEW.id));
          perform graphile_worker.add_job(identifier := 'user.welcome');
          return NEW;
        end $$ language plpgsql;
    """
    inventory: Inventory = scan_tree({"migrations/1.sql": sql})
    assert [(e.name, e.location.line, e.language) for e in inventory.of(Enqueue)] == [
        ("user.created", 5, "sql"),
        ("user.welcome", 6, "sql"),
    ]


def test_rows_that_sql_puts_into_the_table(scan_tree) -> None:
    sql = """
        insert into graphile_worker.jobs (task_identifier, payload) values ('user.created', '{}');
        INSERT INTO "graphile_worker"."jobs" (task_identifier, payload, run_at)
          SELECT 'user.welcome', json_build_object('id', id), now() FROM users;
        insert into graphile_worker.jobs (payload, task_identifier) values ('{}', 'later');
        select * from graphile_worker.jobs where task_identifier = 'none';
        insert into other.jobs (task_identifier) values ('none');
    """
    code = "import { run } from \"graphile-worker\";\nawait pool.query(`insert into graphile_worker.jobs (task_identifier, payload) values ('mail', $1)`);"
    inventory: Inventory = scan_tree({"migrations/1.sql": sql, "send.ts": code})
    assert [(e.name, e.location.path, e.location.line, e.form) for e in inventory.of(Enqueue)] == [
        ("user.created", "migrations/1.sql", 2, "insert"),
        ("user.welcome", "migrations/1.sql", 3, "insert"),
        ("", "migrations/1.sql", 5, "insert"),
        ("mail", "send.ts", 2, "insert"),
    ]


def test_what_takes_a_migration_back_adds_nothing(scan_tree) -> None:
    add = "select graphile_worker.add_job('%s');"
    knex = "exports.up = (knex) => knex.raw(`select graphile_worker.add_job('up')`);\nexports.down = (knex) => knex.raw(`select graphile_worker.add_job('down')`);\n"
    named = "export async function up(db) { await db.raw(`select graphile_worker.add_job('forward')`); }\nexport async function down(db) { await db.raw(`select graphile_worker.add_job('back')`); }\n"
    files = {
        "migrations/1.sql": f"-- migrate:up\n{add % 'first'}\n-- migrate:down\n{add % 'none'}\n",
        "migrations/2.down.sql": add % "none",
        "migrations/3.js": knex,
        "migrations/4.ts": named,
    }
    assert sorted(e.name for e in scan_tree(files).of(Enqueue)) == ["first", "forward", "up"]


SCHEDULED = """
    import { run } from "graphile-scheduler";
    import { others } from "./others";
    const nightly = { name: "nightly", pattern: "0 3 * * *", timeZone: "Europe/Paris", task: async () => { await sweep(); } };
    await run({ connectionString: url, schedules: [nightly, ...others] });
"""


def test_schedules_of_the_scheduler_beside_it(scan_tree) -> None:
    others = 'import type { ScheduleConfig } from "graphile-scheduler";\nexport const others: ScheduleConfig[] = [\n  { name: "hourly", pattern: "0 * * * *", taskIdentifier: "count" },\n];\n'
    inventory = scan_tree({"worker.ts": SCHEDULED, "others.ts": others})
    assert sorted((s.name, literal_of(s.cron), s.timezone, s.location.path, s.location.line) for s in inventory.of(Schedule)) == [
        ("hourly", "0 * * * *", "", "others.ts", 3),
        ("nightly", "0 3 * * *", "Europe/Paris", "worker.ts", 5),
    ]
    assert sorted((j.name, j.handler is not None) for j in inventory.of(Job)) == [("nightly", True)]
    assert {s.name: s.job_name for s in inventory.of(Schedule)} == {"hourly": "count", "nightly": "nightly"}
    assert [(w.name, w.location.line) for w in inventory.of(Worker)] == [("run", 5)]
    untold = scan_tree({"worker.ts": SCHEDULED.replace("[nightly, ...others]", "await load()"), "others.ts": others})
    assert not untold.of(Schedule)
    assert [u.reason for u in untold.unresolved] == ["schedules that are only known at run time"]
    other = scan_tree({"worker.ts": SCHEDULED.replace("graphile-scheduler", "./run"), "others.ts": "export const others = [];"})
    assert not other.of(Schedule)


def test_nestjs(scan_tree) -> None:
    code = """
        import { Task, TaskHandler, WorkerService } from "nestjs-graphile-worker";
        @Task("welcome")
        export class Welcome { @TaskHandler() handler(payload) {} }
        export class Users { constructor(private readonly worker: WorkerService) {}
          create() { return this.worker.addJob("welcome", { id: 1 }); } }
    """
    inventory = scan_tree({"app.ts": code})
    assert [(j.name, j.symbol) for j in inventory.of(Job)] == [("welcome", "Welcome")]
    assert [e.name for e in inventory.of(Enqueue)] == ["welcome"]


LOOK_ALIKES = {
    "another addJob": "export class Board { addJob(name) {} }\nnew Board().addJob('x');",
    "something unknown": "export const f = (board) => board.addJob('x');",
    "run": "import { run } from './run';\nrun({ taskList: { a: () => 1 } });",
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_like_it(scan_tree, code: str) -> None:
    found = scan_tree({"app.ts": code, "run.ts": "export const run = (o) => o;", "w.ts": "import 'graphile-worker';"})
    assert [i for i in found.items if i.system == "graphile-worker"] == []


def test_the_folder_that_the_workers_program_looks_into(scan_tree) -> None:
    files = {
        "worker/package.json": '{ "scripts": { "start": "cd dist && cross-env A=\\"b c\\" graphile-worker --crontab ../crontab" } }',
        "worker/src/tasks/mail.ts": "import { Task } from 'graphile-worker';\nconst task: Task = async () => {};\nexport default task;",
    }
    inventory = scan_tree(files)
    assert [(w.service, w.location.path) for w in inventory.of(Worker)] == [("start", "worker/package.json")]
    assert [(j.name, j.handler is not None) for j in inventory.of(Job)] == [("mail", True)]


def test_tasks_that_a_function_of_the_project_is_handed(scan_tree) -> None:
    runner = """
        import { run, type TaskList } from "graphile-worker";
        interface Options { name: string; taskList: TaskList; crontab?: string }
        export const start = async (options: Options) => {
          const { name, taskList } = options;
          await run({ connectionString: process.env.URL, taskList, crontab: options.crontab });
        };
        """
    mail = """
        import { start } from "./runner";
        const NAMES = { MAIL: "send-mail", CLEAN: "clean" } as const;
        void start({ name: "m", taskList: { [NAMES.MAIL]: async () => {}, [NAMES.CLEAN]: async () => {} }, crontab: `
          0 3 * * * ${NAMES.CLEAN}
        ` });
        """
    inventory = scan_tree({"package.json": '{"dependencies": {"graphile-worker": "0.16.0"}}', "runner.ts": runner, "mail.ts": mail})
    jobs = [(i.name, i.location.path, i.location.line) for i in inventory.production if isinstance(i, Job)]
    assert jobs == [("send-mail", "mail.ts", 4), ("clean", "mail.ts", 4)]
    assert [(i.name, i.location.line) for i in inventory.production if isinstance(i, Schedule)] == [("clean", 5)]


def test_a_list_of_tasks_that_only_the_run_knows_is_said(scan_tree) -> None:
    code = 'import { run } from "graphile-worker";\nimport { load } from "loader";\nrun({ taskList: await load() });\n'
    inventory = scan_tree({"package.json": '{"dependencies": {"graphile-worker": "0.16.0"}}', "main.mjs": code})
    assert inventory.of(Job) == ()
    assert [(u.path, u.line, u.reason) for u in inventory.unresolved] == [("main.mjs", 3, "tasks that are only known at run time")]
