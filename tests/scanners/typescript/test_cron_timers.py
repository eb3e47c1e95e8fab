"""Timers that follow a cron: node-cron, cron, croner, node-schedule, toad-scheduler and @nestjs/schedule, and what is none."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Expression, Job, Literal, Schedule, Value

NIGHTLY = Literal("0 3 * * *")
SIX = Literal("*/30 * * * * *")
RUN = "export async function sweep() { await db.clean(); }\n"

TIMERS: dict[str, tuple[str, str, str, Value | None, str]] = {
    # code, system, name, cron, time zone
    "node-cron": ("import cron from 'node-cron';\ncron.schedule('0 3 * * *', sweep);", "node-cron", "sweep", NIGHTLY, ""),
    "node-cron, namespace": (
        "import * as cron from 'node-cron';\ncron.schedule('0 3 * * *', () => sweep());",
        "node-cron",
        "sweep",
        NIGHTLY,
        "",
    ),
    "node-cron, named import": ("import { schedule } from 'node-cron';\nschedule('0 3 * * *', sweep);", "node-cron", "sweep", NIGHTLY, ""),
    "node-cron, require": ("const cron = require('node-cron');\ncron.schedule('0 3 * * *', sweep);", "node-cron", "sweep", NIGHTLY, ""),
    "node-cron, options": (
        "import cron from 'node-cron';\ncron.schedule('0 3 * * *', sweep, { name: 'nightly', timezone: 'Europe/Oslo' });",
        "node-cron",
        "nightly",
        NIGHTLY,
        "Europe/Oslo",
    ),
    "node-cron, six fields": ("import cron from 'node-cron';\ncron.schedule('*/30 * * * * *', sweep);", "node-cron", "sweep", SIX, ""),
    "node-cron, task": ("import cron from 'node-cron';\ncron.createTask('0 3 * * *', sweep).start();", "node-cron", "sweep", NIGHTLY, ""),
    "cron": (
        "import { CronJob } from 'cron';\nnew CronJob('0 3 * * *', sweep, null, true, 'Europe/Oslo');",
        "cron",
        "sweep",
        NIGHTLY,
        "Europe/Oslo",
    ),
    "cron, object": (
        "import { CronJob } from 'cron';\nnew CronJob({ cronTime: '0 3 * * *', onTick: sweep, timeZone: 'Europe/Oslo' });",
        "cron",
        "sweep",
        NIGHTLY,
        "Europe/Oslo",
    ),
    "cron, from": (
        "import { CronJob } from 'cron';\nCronJob.from({ cronTime: '0 3 * * *', onTick: sweep });",
        "cron",
        "sweep",
        NIGHTLY,
        "",
    ),
    "cron, what a method gives": (
        """
        import { CronJob } from 'cron';
        class Jobs { sweep() { return async () => { await db.clean(); await db.count(); }; } }
        export class Clock {
          constructor(private jobs: Jobs) {}
          start() { CronJob.from({ cronTime: '0 3 * * *', onTick: this.jobs.sweep() }); }
        }
        """,
        "cron",
        "sweep",
        NIGHTLY,
        "",
    ),
    "cron, require": ("const cron = require('cron');\nnew cron.CronJob('0 3 * * *', sweep).start();", "cron", "sweep", NIGHTLY, ""),
    "cron, default": ("import cron from 'cron';\ncron.job('0 3 * * *', sweep);", "cron", "sweep", NIGHTLY, ""),
    "croner": ("import { Cron } from 'croner';\nnew Cron('0 3 * * *', sweep);", "croner", "sweep", NIGHTLY, ""),
    "croner, options first": (
        "import Cron from 'croner';\nCron('0 3 * * *', { name: 'nightly', timezone: 'Europe/Oslo' }, sweep);",
        "croner",
        "nightly",
        NIGHTLY,
        "Europe/Oslo",
    ),
    "croner, options last": (
        "import { Cron } from 'croner';\nnew Cron('0 3 * * *', sweep, { protect: true });",
        "croner",
        "sweep",
        NIGHTLY,
        "",
    ),
    "croner, function later": (
        "import { Cron } from 'croner';\nconst c = new Cron('0 3 * * *');\nc.schedule(sweep);",
        "croner",
        "sweep",
        NIGHTLY,
        "",
    ),
    "node-schedule": (
        "import schedule from 'node-schedule';\nschedule.scheduleJob('0 3 * * *', sweep);",
        "node-cron",
        "sweep",
        NIGHTLY,
        "",
    ),
    "node-schedule, named": (
        "import { scheduleJob } from 'node-schedule';\nscheduleJob('nightly', { rule: '0 3 * * *', tz: 'Europe/Oslo' }, sweep);",
        "node-cron",
        "nightly",
        NIGHTLY,
        "Europe/Oslo",
    ),
    "node-schedule, object": (
        "import schedule from 'node-schedule';\nschedule.scheduleJob({ hour: 3, minute: 0 }, sweep);",
        "node-cron",
        "sweep",
        NIGHTLY,
        "",
    ),
    "node-schedule, beside an id": (
        "import schedule from 'node-schedule';\nexport const jobs = [{ id: 'nightly', job: schedule.scheduleJob('0 3 * * *', sweep) }];",
        "node-cron",
        "nightly",
        NIGHTLY,
        "",
    ),
    "toad-scheduler": (
        (
            "import { CronJob, AsyncTask } from 'toad-scheduler';\n"
            "new CronJob({ cronExpression: '0 3 * * *', timezone: 'Europe/Oslo' }, new AsyncTask('nightly', sweep));"
        ),
        "node-cron",
        "nightly",
        NIGHTLY,
        "Europe/Oslo",
    ),
    "cron of the environment": (
        "import cron from 'node-cron';\ncron.schedule(process.env.SWEEP, sweep);",
        "node-cron",
        "sweep",
        Expression("process.env.SWEEP"),
        "",
    ),
    "a class that is asked for its cron": (
        (
            "import { CronJob } from 'cron';\n"
            "class Timer { constructor(private cron: string) {}\n"
            " start() { new CronJob(this.cron, () => this.run()).start(); }\n run() {} }\n"
            "new Timer('0 3 * * *').start();"
        ),
        "cron",
        "run",
        NIGHTLY,
        "",
    ),
    "Deno": ("Deno.cron('nightly', '0 3 * * *', () => { sweep(); });", "cron", "nightly", NIGHTLY, "UTC"),
    "Deno, options": ("Deno.cron('nightly', '0 3 * * *', { backoffSchedule: [1000] }, sweep);", "cron", "nightly", NIGHTLY, "UTC"),
    "Deno, an object for the cron": (
        "Deno.cron('often', { minute: { every: 5 } }, sweep);",
        "cron",
        "often",
        Expression("{ minute: { every: 5 } }"),
        "UTC",
    ),
    "Deno, in a function of the project": (
        "const nightly = (name: string) => Deno.cron(name, '0 3 * * *', sweep);\nnightly('sweeping');",
        "cron",
        "sweeping",
        NIGHTLY,
        "UTC",
    ),
}


@pytest.mark.parametrize(("code", "system", "name", "cron", "zone"), TIMERS.values(), ids=TIMERS)
def test_a_timer(scan_tree, code: str, system: str, name: str, cron: Value | None, zone: str) -> None:
    inventory = scan_tree({"app.ts": RUN + code})
    schedules = [s for s in inventory.of(Schedule) if not s.wrapper]
    assert [(s.system, s.name, s.cron, s.timezone) for s in schedules] == [(system, name, cron, zone)]
    jobs = [j for j in inventory.of(Job) if not j.wrapper]
    assert [(j.system, j.name) for j in jobs] == [(system, name)]
    assert jobs[0].handler is not None
    assert [t.value for t in jobs[0].triggers] == [cron]


def test_an_interval_of_several_units(scan_tree) -> None:
    code = """
        import { SimpleIntervalJob, Task } from "toad-scheduler";
        const task = new Task("poll", () => { poll(); });
        scheduler.addSimpleIntervalJob(new SimpleIntervalJob({ minutes: 1, seconds: 30, runImmediately: true }, task));
    """
    assert [(s.name, s.interval) for s in scan_tree({"app.ts": code}).of(Schedule)] == [("poll", Literal(90))]


def test_callers_of_a_wrapper_of_toad_scheduler(scan_tree) -> None:
    code = """
        import { AsyncTask, CronJob } from "toad-scheduler";
        export function scheduled(when: string, name: string, run: () => Promise<void>) {
          const task = new AsyncTask(name, async () => { await run(); });
          scheduler.addCronJob(new CronJob({ cronExpression: when }, task, { preventOverrun: true }));
        }
        scheduled("0 3 * * *", "nightly", () => sweep());
    """
    found = [s for s in scan_tree({"app.ts": code}).of(Schedule) if not s.wrapper]
    assert [(s.name, s.cron, s.via) for s in found] == [("nightly", NIGHTLY, ("scheduled",))]


def test_a_function_that_only_names_the_timer_is_no_wrapper(scan_tree) -> None:
    code = """
        import { scheduleJob } from "node-schedule";
        export function start(id: string) { scheduleJob(id, "0 3 * * *", async () => { await sweep(); }); }
        start("a");
        start("b");
    """
    found = scan_tree({"app.ts": code}).of(Schedule)
    assert [(s.name, s.location.line, s.wrapper) for s in found] == [("sweep", 3, False)]


def test_timers_of_a_table(scan_tree) -> None:
    code = """
        import cron from "node-cron";
        const jobs = [{ name: "a", schedule: "0 1 * * *", run: () => one() }, { name: "b", schedule: "0 2 * * *", run: () => two() }];
        for (const job of jobs) {
          cron.schedule(job.schedule, job.run, { name: job.name });
        }
    """
    assert {(s.name, s.cron) for s in scan_tree({"app.ts": code}).of(Schedule)} == {
        ("a", Literal("0 1 * * *")),
        ("b", Literal("0 2 * * *")),
    }


def test_callers_of_a_wrapper_name_the_timer(scan_tree) -> None:
    files = {
        "timers.ts": "import cron from 'node-cron';\n"
        "export function every(name: string, when: string, run: () => void) { cron.schedule(when, async () => { run(); }, { name }); }",
        "app.ts": "import { every } from './timers';\nevery('nightly', '0 3 * * *', () => sweep());",
    }
    found = [s for s in scan_tree(files).of(Schedule) if not s.wrapper]
    assert [(s.name, s.cron, s.location.path, s.via) for s in found] == [("nightly", NIGHTLY, "app.ts", ("every",))]


ONCE = {
    "cron": "import { CronJob } from 'cron';\nnew CronJob(new Date(Date.now() + 1000), sweep);",
    "croner": "import { Cron } from 'croner';\nnew Cron('2030-01-01T00:00:00', sweep);",
    "node-schedule": "import schedule from 'node-schedule';\nconst startAt = new Date();\nschedule.scheduleJob(startAt, () => sweep());",
}


@pytest.mark.parametrize("code", ONCE.values(), ids=ONCE)
def test_a_moment_is_no_schedule(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.ts": RUN + code})
    assert not inventory.of(Schedule)
    found = inventory.of(Enqueue)
    assert [e.name for e in found] == ["sweep"]
    assert found[0].eta is not None


NONE = {
    "asked for its next times": "import { Cron } from 'croner';\nexport const next = (s: string) => new Cron(s).nextRun();",
    "tried whether it can be read": "import { Cron } from 'croner';\nexport const valid = (s: string) => { new Cron(s, () => {}); };",
    "a cron of another object": (
        "const Deno = { cron: (name: string, when: string, run: () => void) => run() };\nDeno.cron('a', '0 3 * * *', () => {});"
    ),
    "validated": "import cron from 'node-cron';\ncron.validate('0 3 * * *');",
    "a class of its own": "class CronJob { constructor(when: string, run: () => void) {} }\nnew CronJob('0 3 * * *', () => sweep());",
    "another schedule": "import { schedule } from './timers';\nschedule('0 3 * * *', () => {});",
    "cancelled": "import schedule from 'node-schedule';\nschedule.cancelJob('nightly');",
}


@pytest.mark.parametrize("code", NONE.values(), ids=NONE)
def test_what_only_looks_like_a_timer(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.ts": code, "timers.ts": "export const schedule = (when: string, run: () => void) => run();"})
    assert [i for i in inventory.items if i.kind in ("definition", "schedule", "enqueue")] == []


NEST = """
    import { Cron, CronExpression, Interval, SchedulerRegistry, Timeout } from "@nestjs/schedule";
    import { CronJob } from "cron";

    export class Tasks {
      constructor(private readonly registry: SchedulerRegistry) {}

      @Cron(CronExpression.EVERY_DAY_AT_3AM, { name: "nightly", timeZone: "Europe/Oslo" })
      async sweep() {}

      @Cron("*/10 * * * * *")
      async poll() {}

      @Interval(60_000)
      refresh() {}

      @Interval("named", 5000)
      other() {}

      @Timeout(1000)
      warm() {}

      add(run: () => void) {
        const job = new CronJob("0 4 * * *", () => this.sweep());
        this.registry.addCronJob("dynamic", job);
      }
    }
"""


def test_nestjs(scan_tree) -> None:
    inventory = scan_tree({"tasks.ts": NEST})
    found = {s.name: (s.cron, s.interval, s.timezone, s.location.line) for s in inventory.of(Schedule)}
    assert found == {
        "nightly": (Literal("0 03 * * *"), None, "Europe/Oslo", 8),
        "poll": (Literal("*/10 * * * * *"), None, "", 11),
        "refresh": (None, Literal(60), "", 14),
        "named": (None, Literal(5), "", 17),
        "dynamic": (Literal("0 4 * * *"), None, "", 24),
    }
    assert {i.system for i in inventory.items} == {"nest-schedule"}
    jobs = inventory.of(Job)
    assert {j.name for j in jobs} == {*found, "warm"}
    assert {j.symbol for j in jobs if j.form.startswith("@")} == {f"Tasks.{m}" for m in ("sweep", "poll", "refresh", "other", "warm")}


def test_a_decorator_of_the_projects_own(scan_tree) -> None:
    files = {
        "safe.ts": "import { applyDecorators } from '@nestjs/common';\nimport { Cron } from '@nestjs/schedule';\n"
        "export const SafeCron = (when: string) => applyDecorators(Cron(when));",
        "tasks.ts": "import { SafeCron } from './safe';\nexport class Tasks {\n  @SafeCron('0 3 * * *')\n  async sweep() {}\n}",
    }
    found = [s for s in scan_tree(files).of(Schedule) if not s.wrapper]
    assert [(s.name, s.cron, s.location.path, s.location.line) for s in found] == [("sweep", NIGHTLY, "tasks.ts", 3)]


def test_a_builder_whose_last_call_knows_what_runs(scan_tree) -> None:
    files = {
        "core.ts": """
            import { Cron } from "croner";
            const withCallback = (name: string, when: string, zone: string) => {
              return (callback: () => Promise<void>) => {
                const guarded = async () => { try { await callback(); } catch (error) { log(error); } };
                return { name, start() { return new Cron(when, { name, timezone: zone }, () => void guarded()); } };
              };
            };
            export const createJob = (name: string, when: string) => {
              return { withCallback: withCallback(name, when, "UTC") };
            };
        """,
        "jobs.ts": "import { createJob } from './core';\ncreateJob('nightly', '0 3 * * *').withCallback(async () => {});",
    }
    found = [s for s in scan_tree(files).of(Schedule) if not s.wrapper]
    assert [(s.name, s.cron, s.location.path, s.via) for s in found] == [("nightly", NIGHTLY, "jobs.ts", ("withCallback",))]


def test_a_timer_is_called_what_it_runs_not_how_that_ends(scan_tree) -> None:
    code = (
        "import cron from 'node-cron';\nimport { sync } from 'elsewhere';\n"
        "cron.schedule('0 3 * * *', () => { sync().catch(report).finally(done); });"
    )
    assert [s.name for s in scan_tree({"a.ts": code}).of(Schedule)] == ["sync"]
