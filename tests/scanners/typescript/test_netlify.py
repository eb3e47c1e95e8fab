"""Netlify: functions by the clock and in the background, wherever it is said, and who starts the latter."""

from __future__ import annotations

import pytest

from migrator.jobs import Endpoint, Enqueue, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

FILE = "netlify/functions/nightly.mts"

#: form -> (files, (path, line) of the schedule, line of the definition)
SCHEDULES: dict[str, tuple[dict[str, str], tuple[str, int], int]] = {
    "around the handler": (
        {
            FILE: (
                'import { schedule } from "@netlify/functions"\n'
                'export const handler = schedule("@daily", async () => ({ statusCode: 200 }))\n'
            )
        },
        (FILE, 2),
        2,
    ),
    "around a handler, required": (
        {
            FILE: (
                'const { schedule } = require("@netlify/functions")\nconst run = async () => {}\n'
                'module.exports.handler = schedule("@daily", run)\n'
            )
        },
        (FILE, 3),
        3,
    ),
    "beside the function": (
        {FILE: 'export default async () => {}\n\nexport const config = {\n  schedule: "@daily",\n}\n'},
        (FILE, 4),
        1,
    ),
    "beside the function, typed": (
        {
            FILE: (
                'import type { Config } from "@netlify/functions"\nconst run = async () => {}\n'
                'export const config: Config = { schedule: "@daily" }\nexport default run\n'
            )
        },
        (FILE, 3),
        2,
    ),
    "in a folder of its own": (
        {
            "netlify.toml": '[build]\n  functions = "src/lambda"\n',
            "src/lambda/nightly/index.js": 'export default async () => {}\nexport const config = { schedule: "@daily" }\n',
        },
        ("src/lambda/nightly/index.js", 2),
        1,
    ),
    "in netlify.toml": (
        {
            "netlify.toml": '[build]\n  publish = "x"\n\n[functions."nightly"]\n  schedule = "@daily"\n',
            FILE: "export default async () => {}\n",
        },
        ("netlify.toml", 5),
        1,
    ),
    "in netlify.toml, inline": (
        {"netlify.toml": '[functions]\n  nightly = { schedule = "@daily" }\n', FILE: "exports.handler = async () => {}\n"},
        ("netlify.toml", 2),
        1,
    ),
}


@pytest.mark.parametrize("form", SCHEDULES)
def test_schedules(scan_tree: Scan, form: str) -> None:
    files, (path, line), defined = SCHEDULES[form]
    inventory = scan_tree(files)
    [schedule] = inventory.of(Schedule, "netlify")
    assert (schedule.name, literal_of(schedule.cron), schedule.location.path, schedule.location.line) == ("nightly", "@daily", path, line)
    [job] = inventory.of(Job, "netlify")
    assert (job.name, job.location.line) == ("nightly", defined)
    assert schedule.job == f"{job.module}:{job.symbol}"


NONE = {
    "a page's own settings": {"pages/api/x.ts": 'export default f\nexport const config = { schedule: "@daily" }\n'},
    "a function on request": {FILE: "export default async () => {}\nexport const config = { path: '/x' }\n"},
    "a module beside the functions": {"netlify/functions/lib/deep/mail-background.ts": "export default async () => {}\n"},
    "a file that is no function": {"src/mail-background.ts": "export default async () => {}\n"},
    "a watcher": {
        "src/a.ts": 'import { schedule } from "./own"\nschedule("@daily", () => {})\n',
        "src/own.ts": "export const schedule = 1\n",
    },
    "a call of a function on request": {
        FILE: "export default async () => {}\n",
        "src/a.ts": 'await fetch("/.netlify/functions/nightly")\n',
    },
}


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    assert not scan_tree(NONE[form]).items


def test_the_same_job_said_twice_is_one_job(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "netlify.toml": '[functions."nightly"]\n  schedule = "@daily"\n',
            FILE: 'import { schedule } from "@netlify/functions"\nexport const handler = schedule("@daily", async () => {})\n',
        }
    )
    [job] = inventory.of(Job)
    assert {(s.location.path, s.job) for s in inventory.of(Schedule)} == {("netlify.toml", f"{FILE}:handler"), (FILE, f"{FILE}:handler")}
    assert job.live


CALLS = {
    "fetch": 'await fetch("/.netlify/functions/mail-background", { method: "POST", body })',
    "with a host": "await fetch(`${process.env.URL}/.netlify/functions/mail-background`, { method: 'POST' })",
    "another client": 'import axios from "axios"\naxios.post("/.netlify/functions/mail-background", {})',
}


@pytest.mark.parametrize("form", CALLS)
def test_in_the_background(scan_tree: Scan, form: str) -> None:
    code = CALLS[form]
    inventory = scan_tree({"netlify/functions/mail-background.ts": "\nexport const handler = async () => {}\n", "src/a.ts": code + "\n"})
    assert [(j.name, j.form, j.location.line) for j in inventory.of(Job)] == [("mail-background", "background", 2)]
    assert [(e.name, e.location.line) for e in inventory.of(Enqueue)] == [("mail-background", code.count("\n") + 1)]


def test_in_the_background_by_its_settings(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "netlify/functions/mail.ts": "export default async () => {}\nexport const config = { background: true }\n",
            "src/a.ts": 'await fetch("/.netlify/functions/mail")\n',
        }
    )
    assert [(j.name, j.form) for j in inventory.of(Job)] == [("mail", "background")]
    assert [e.name for e in inventory.of(Enqueue)] == ["mail"]


def test_async_workloads(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "netlify/functions/welcome.ts": 'import { asyncWorkloadFn } from "@netlify/async-workloads"\n'
            "export default asyncWorkloadFn(async (event) => {})\nexport const asyncWorkloadConfig = { events: ['user.created'] }\n",
            "src/a.ts": 'import { AsyncWorkloadsClient } from "@netlify/async-workloads"\n'
            'const client = new AsyncWorkloadsClient()\nawait client.send("user.created", { data: {} })\n',
        }
    )
    [job] = inventory.of(Job)
    assert (job.name, [literal_of(t.value) for t in job.triggers]) == ("welcome", ["user.created"])
    assert [e.name for e in inventory.of(Endpoint)] == ["welcome"]
    assert [(e.name, e.location.line) for e in inventory.of(Enqueue)] == [("user.created", 3)]
