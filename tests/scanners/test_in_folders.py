# ruff: noqa: E501 - code under test reads better on one line
"""Jobs that files of a folder export, and that one call makes of whatever the folder holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from migrator.jobs import Expression, Inventory, Item, Job, Schedule, literal_of

Scan = Callable[[Mapping[str, str]], Inventory]

NODE = 'const fs = require("fs");\nconst path = require("path");\nconst cron = require("node-cron");\n'
MAIL = '\nmodule.exports = {\n  name: "mail",\n  schedule: "0 3 * * *",\n  run: async () => {\n    await send();\n  },\n};\n'
TWO = '\nmodule.exports = [\n  { name: "sweep", schedule: "0 4 * * *", run: () => sweep() },\n  { name: "count", schedule: every, run },\n];\nfunction run() { count(); }\nconst every = process.env.COUNT;\n'
LOADED = 'const all = require("require-all");\nconst jobs = all({ dirname: path.join(__dirname, "jobs") });\n'

#: how a file reaches the call
LOADERS = {
    "listed by a function": """
function load(dir) { return fs.readdirSync(dir).map((file) => require(path.join(dir, file))); }
for (const job of load(path.join(__dirname, "jobs"))) cron.schedule(job.schedule, job.run);
""",
    "kept for later": """
const waiting = [];
const add = (job) => { waiting.push(job); };
const addAll = (dir) => { fs.readdirSync(dir).forEach((file) => { [].concat(require(path.join(dir, file))).forEach(add); }); };
const start = () => { while (waiting.length) { const job = waiting.pop(); cron.schedule(job.schedule, job.run); } };
addAll(path.join(__dirname, "jobs"));
start();
""",
    "require-all": LOADED + "Object.values(jobs).flat().forEach((job) => cron.schedule(job.schedule, job.run));\n",
    "by key": LOADED + "Object.keys(jobs).forEach((key) => cron.schedule(jobs[key].schedule, jobs[key].run));\n",
    "require-dir": 'const jobs = require("require-dir")("./jobs");\nfor (const key in jobs) { cron.schedule(jobs[key].schedule, jobs[key].run); }\n',
    "a bundler's context": 'const found = require.context("./jobs", false, /\\.js$/);\nfound.keys().forEach((key) => { const job = found(key); cron.schedule(job.schedule, job.run); });\n',
    "a pattern": 'const { globSync } = require("glob");\nglobSync(path.join(__dirname, "jobs/*.js")).forEach((file) => { const job = require(file); cron.schedule(job.schedule, job.run); });\n',
    "taken apart": LOADED + "Object.values(jobs).flat().forEach(({ schedule, run }) => cron.schedule(schedule, run));\n",
    "called in a function": LOADED
    + "Object.values(jobs).flat().forEach((job) => cron.schedule(job.schedule, async () => { await job.run(); }));\n",
}


def told(inventory: Inventory, kind: type[Item]) -> list[tuple[str, str, int, str]]:
    """(name, file, line, confidence) of what stands for itself."""
    kept = [i for i in inventory.items if isinstance(i, kind) and not i.wrapper]
    return sorted((i.name, i.location.path, i.location.line, i.confidence) for i in kept)


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
def test_every_object_of_the_folder_is_a_schedule(scan_tree: Scan, loader: str) -> None:
    inventory = scan_tree({"app.js": NODE + loader, "jobs/mail.js": MAIL, "jobs/two.js": TWO})
    assert told(inventory, Job) == [
        ("count", "jobs/two.js", 4, "likely"),
        ("mail", "jobs/mail.js", 2, "likely"),
        ("sweep", "jobs/two.js", 3, "likely"),
    ]
    assert told(inventory, Schedule) == [
        ("count", "jobs/two.js", 4, "likely"),
        ("mail", "jobs/mail.js", 4, "likely"),
        ("sweep", "jobs/two.js", 3, "likely"),
    ]
    schedules = {i.name: i for i in inventory.items if isinstance(i, Schedule)}
    assert literal_of(schedules["mail"].cron) == "0 3 * * *"
    assert schedules["count"].cron == Expression("every")
    assert "`jobs` is named in app.js:" in schedules["mail"].reason
    assert not inventory.unresolved


def test_an_object_without_a_name_has_that_of_its_file(scan_tree: Scan) -> None:
    loader = LOADED + "Object.values(jobs).forEach((job) => cron.schedule(job.schedule, job.run));\n"
    inventory = scan_tree({"app.js": NODE + loader, "jobs/mail.js": MAIL.replace('  name: "mail",\n', "").replace("await", "log(); await")})
    assert told(inventory, Schedule) == [("mail", "jobs/mail.js", 3, "likely")]


def test_a_queue_is_given_the_jobs_of_a_folder_of_services(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "framework/index.js": NODE
            + 'const { Worker } = require("bullmq");\nconst all = require("require-all");\nmodule.exports = (config) => {\n  const jobs = [];\n'
            + "  const start = (job) => { new Worker(job.queue, job.perform); };\n  return { load: (dir) => jobs.push(...Object.values(all(dir))), run: () => jobs.map(start) };\n};\n",
            "services/mail/app.js": 'const path = require("path");\nrequire("../../framework")({}).load(path.join(__dirname, "work"));\n',
            "services/mail/work/send.js": 'module.exports = { queue: "mail", perform: async (job) => send(job) };\n',
            "services/push/work/send.js": 'module.exports = { queue: "push", perform: async (job) => send(job) };\n',
        }
    )
    # Nobody names the folder of the other service.
    assert told(inventory, Job) == [("mail", "services/mail/work/send.js", 1, "likely")]


def test_what_can_be_followed_is_certain(scan_tree: Scan) -> None:
    loop = 'const dir = path.join(__dirname, "jobs");\nconst add = (job) => { cron.schedule(job.schedule, job.run); };\n'
    inventory = scan_tree(
        {"app.js": NODE + loop + "fs.readdirSync(dir).forEach((file) => add(require(path.join(dir, file))));\n", "jobs/mail.js": MAIL}
    )
    assert told(inventory, Schedule) == [("mail", "jobs/mail.js", 4, "certain")]


UNLIKE = {
    "no function": 'module.exports = { name: "mail", schedule: "0 3 * * *", run: "mail" };\n',
    "a member is missing": 'module.exports = { name: "mail", cron: "0 3 * * *", run: () => send() };\n',
    "not exported": 'const job = { name: "mail", schedule: "0 3 * * *", run: () => send() };\nmodule.exports = job.name;\n',
    "a test": None,
}


@pytest.mark.parametrize("text", UNLIKE.values(), ids=UNLIKE)
def test_other_objects_are_no_jobs_and_the_call_is_said(scan_tree: Scan, text: str | None) -> None:
    loader = LOADED + "Object.values(jobs).forEach((job) => cron.schedule(job.schedule, job.run));\n"
    inventory = scan_tree({"app.js": NODE + loader, "jobs/mail.js" if text else "jobs/mail.test.js": text or MAIL})
    assert told(inventory, Schedule) == [("", "app.js", 6, "certain")]
    assert [(u.path, u.line, u.system) for u in inventory.unresolved] == [("app.js", 6, "node-cron")]
    assert "only the run knows" in inventory.unresolved[0].reason


def test_a_tree_that_loads_no_folder_and_a_folder_that_nobody_names(scan_tree: Scan) -> None:
    call = "module.exports = (job) => cron.schedule(job.schedule, job.run);\n"
    assert told(scan_tree({"app.js": NODE + call, "jobs/mail.js": MAIL}), Schedule) == [("", "app.js", 4, "certain")]
    elsewhere = LOADED.replace('"jobs"', '"other"') + call
    assert told(scan_tree({"app.js": NODE + elsewhere, "jobs/mail.js": MAIL}), Schedule) == [("", "app.js", 6, "certain")]


def test_what_a_setting_says_leaves_the_function_its_name(scan_tree: Scan) -> None:
    settings = "module.exports = (settings) => cron.schedule(settings.when, () => sweep(), { timezone: settings.zone });\n"
    assert told(scan_tree({"app.js": NODE + settings}), Schedule) == [("sweep", "app.js", 4, "certain")]


def test_an_object_with_a_name_names_its_function(scan_tree: Scan) -> None:
    listed = """
const jobs = [{ name: "sweep", at: "0 3 * * *", run: async () => { await one(); await two(); } }, { at: "0 4 * * *", run: () => count() }];
for (const job of jobs) cron.schedule(job.at, job.run);
"""
    assert {s[0] for s in told(scan_tree({"app.js": NODE + listed}), Schedule)} == {"sweep", "count"}


def test_an_empty_text_is_a_setting_that_nobody_has_set(scan_tree: Scan) -> None:
    inventory = scan_tree({"app.js": NODE + 'const when = process.env.WHEN || "";\ncron.schedule(when, () => sweep());\n'})
    assert [s.cron for s in inventory.items if isinstance(s, Schedule)] == [Expression("when")]
