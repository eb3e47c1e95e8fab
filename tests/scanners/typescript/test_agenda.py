"""The forms of Agenda that are read, and what is no form of it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Expression, Job, Literal, Schedule, Value, Worker

IMPORT = "import Agenda from 'agenda';\nconst agenda = new Agenda({ db: { address: process.env.MONGO } });\n"

DEFINITIONS = {
    "plain": "agenda.define('welcome', async (job) => {});",
    "callback": "agenda.define('welcome', (job, done) => { done(); });",
    "options before": "agenda.define('welcome', { concurrency: 3 }, async (job) => {});",
    "options after": "agenda.define('welcome', async (job) => {}, { concurrency: 3 });",
    "name from a constant": "const WELCOME = 'welcome';\nagenda.define(WELCOME, async (job) => {});",
    "handed to a function": "function register(a: Agenda) { a.define('welcome', async (job) => {}); }\nregister(agenda);",
}


@pytest.mark.parametrize("code", DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_definition(scan_tree, code: str) -> None:
    jobs = [j for j in scan_tree({"app.ts": IMPORT + code}).of(Job) if not j.wrapper]
    assert [(j.name, j.system) for j in jobs] == [("welcome", "agenda")]
    assert jobs[0].handler is not None
    assert jobs[0].concurrency == (Literal(3) if "concurrency" in code else None)


IMPORTS = {
    "named": "import { Agenda } from 'agenda';\nconst a = new Agenda();",
    "namespace": "import * as Agenda from 'agenda';\nconst a = new Agenda();",
    "require": "const Agenda = require('agenda');\nconst a = new Agenda();",
    "require, named": "const { Agenda } = require('agenda');\nconst a = new Agenda();",
    "without new": "var Agenda = require('agenda');\nvar a = Agenda({});",
    "fork": "import { Agenda } from '@hokify/agenda';\nconst a = new Agenda();",
    "import equals": "import Agenda = require('agenda');\nconst a: Agenda = new Agenda();",
}


@pytest.mark.parametrize("code", IMPORTS.values(), ids=IMPORTS)
def test_every_import(scan_tree, code: str) -> None:
    found = scan_tree({"app.ts": f"{code}\nexport const f = () => a.now('welcome', {{}});"})
    assert [e.name for e in found.of(Enqueue)] == ["welcome"]
    assert [c.symbol for c in found.of(Client)] == ["a"]


ENQUEUES: dict[str, tuple[str, Value | None, Value | None]] = {
    "now": ("agenda.now('welcome', { id: 1 });", None, None),
    "words": ("agenda.schedule('in 5 minutes', 'welcome', { id: 1 });", Literal(300), None),
    "moment": ("export const f = (at: Date) => agenda.schedule(at, 'welcome', { id: 1 });", None, Expression("at")),
    "a word": ("agenda.schedule('tomorrow at noon', 'welcome', { id: 1 });", None, Literal("tomorrow at noon")),
    "created": ("agenda.create('welcome', { id: 1 }).save();", None, None),
    "created for a moment": (
        "export const f = (at: Date) => { const job = agenda.create('welcome', { id: 1 }); job.schedule(at); return job.save(); };",
        None,
        Expression("at"),
    ),
}


@pytest.mark.parametrize(("code", "delay", "eta"), ENQUEUES.values(), ids=ENQUEUES)
def test_an_enqueue(scan_tree, code: str, delay: Value | None, eta: Value | None) -> None:
    inventory = scan_tree({"app.ts": IMPORT + code})
    assert [(e.name, e.delay, e.eta) for e in inventory.of(Enqueue)] == [("welcome", delay, eta)]
    assert not inventory.of(Schedule)


SCHEDULES: dict[str, tuple[str, Value | None, Value | None, str]] = {
    "cron": ("agenda.every('0 3 * * *', 'sweep', {}, { timezone: 'Europe/Oslo' });", Literal("0 3 * * *"), None, "Europe/Oslo"),
    "six fields": ("agenda.every('*/30 * * * * *', 'sweep');", Literal("*/30 * * * * *"), None, ""),
    "words": ("agenda.every('3 minutes', 'sweep');", None, Literal(180), ""),
    "milliseconds": ("agenda.every(60000, 'sweep');", None, Literal(60), ""),
    "created": ("const job = agenda.create('sweep', {});\njob.repeatEvery('1 week').save();", None, Literal(604800), ""),
    "created in a chain": (
        "agenda.create('sweep').unique({ id: 1 }).repeatEvery('0 3 * * *', { timezone: 'UTC' }).save();",
        Literal("0 3 * * *"),
        None,
        "UTC",
    ),
}


@pytest.mark.parametrize(("code", "cron", "interval", "zone"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule(scan_tree, code: str, cron: Value | None, interval: Value | None, zone: str) -> None:
    inventory = scan_tree({"app.ts": IMPORT + code})
    assert [(s.name, s.cron, s.interval, s.timezone) for s in inventory.of(Schedule)] == [("sweep", cron, interval, zone)]
    assert not inventory.of(Enqueue)


def test_several_jobs_of_one_rhythm(scan_tree) -> None:
    found = scan_tree({"app.ts": IMPORT + "agenda.every('1 hour', ['a', 'b']);"}).of(Schedule)
    assert {s.name for s in found} == {"a", "b"}


def test_jobs_that_are_registered_from_files_by_their_path(scan_tree) -> None:
    files = {
        "lib/agenda.js": "const Agenda = require('agenda');\nconst agenda = new Agenda();\n"
        "for (const type of process.env.JOBS.split(',')) require('./jobs/' + type)(agenda);\nagenda.start();\nmodule.exports = agenda;",
        "lib/jobs/mail.js": "module.exports = (agenda) => {\n  agenda.define('mail', async (job) => {});\n};",
        "app.js": "const agenda = require('./lib/agenda');\nagenda.now('mail', {});",
    }
    inventory = scan_tree(files)
    assert [(j.name, j.confidence) for j in inventory.of(Job)] == [("mail", "likely")]
    assert [e.name for e in inventory.of(Enqueue)] == ["mail"]
    assert [w.location.line for w in inventory.of(Worker)] == [4]


def test_decorators(scan_tree) -> None:
    code = """
        import { Define, Every, JobsController } from "agenda";
        @JobsController()
        export class Mails {
          @Define({ concurrency: 2 })
          async welcome(job) {}

          @Every("0 3 * * *", { name: "nightly" })
          async sweep(job) {}
        }
    """
    inventory = scan_tree({"app.ts": code})
    assert {(j.name, j.symbol) for j in inventory.of(Job)} == {("welcome", "Mails.welcome"), ("nightly", "Mails.sweep")}
    assert [(s.name, s.cron) for s in inventory.of(Schedule)] == [("nightly", Literal("0 3 * * *"))]


LOOK_ALIKES = {
    "a calendar": "const agenda = new Calendar();\nagenda.schedule('in 5 minutes', 'lunch');",
    "a property": "const agenda = { now: () => 1, define: (name) => name };\nagenda.now('x');",
    "the word": "const title = 'agenda';\nlog('agenda', title);",
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_like_it(scan_tree, code: str) -> None:
    assert [i for i in scan_tree({"app.ts": code}).items if i.system == "agenda"] == []
