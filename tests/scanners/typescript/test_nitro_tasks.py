"""Tasks that Nitro and Nuxt start by the clock."""

from __future__ import annotations

import pytest

from migrator.jobs import Job, Literal, Schedule
from tests.scanners.conftest import Scan

TASK = "export default defineTask({\n  meta: { description: 'x' },\n  async run() { return { result: await tidy() } },\n})\n"

CONFIGS = {
    "nitro": (
        "nitro.config.ts",
        "export default defineNitroConfig({\n  scheduledTasks: {\n    '0 3 * * *': ['db:tidy'],\n  },\n})\n",
        "tasks/db/tidy.ts",
    ),
    "nitro, one name and a plain object": (
        "apps/api/nitro.config.mjs",
        "export default {\n  srcDir: 'server',\n  scheduledTasks: { '0 3 * * *': 'db:tidy' },\n}\n",
        "apps/api/server/tasks/db/tidy.ts",
    ),
    "nuxt": (
        "nuxt.config.ts",
        "export default defineNuxtConfig({\n  nitro: {\n    scheduledTasks: { '0 3 * * *': ['db:tidy'] },\n  },\n})\n",
        "server/tasks/db/tidy/index.ts",
    ),
}


@pytest.mark.parametrize(("config", "code", "task"), CONFIGS.values(), ids=CONFIGS)
def test_a_scheduled_task(scan_tree: Scan, config: str, code: str, task: str) -> None:
    inventory = scan_tree({config: code, task: TASK})
    [schedule] = inventory.of(Schedule)
    assert (schedule.system, schedule.name, schedule.cron, schedule.location.path, schedule.location.line) == (
        "cron",
        "db:tidy",
        Literal("0 3 * * *"),
        config,
        3,
    )
    [job] = inventory.of(Job)
    assert (job.name, job.location.path, job.location.line, job.live) == ("db:tidy", task, 1, True)
    assert schedule.job == f"{task}:default"


def test_a_task_whose_file_is_missing_is_said(scan_tree: Scan) -> None:
    inventory = scan_tree({"nitro.config.ts": "export default defineNitroConfig({ scheduledTasks: { '0 3 * * *': ['gone'] } })\n"})
    assert [u.reason for u in inventory.unresolved] == ["no file was found for the task gone"]
    assert [s.name for s in inventory.of(Schedule)] == ["gone"]


LOOK_ALIKES = {
    "another file": {"jobs.ts": "export default { scheduledTasks: { '0 3 * * *': ['db:tidy'] } }\n", "tasks/db/tidy.ts": TASK},
    "a task that nothing schedules": {"nitro.config.ts": "export default defineNitroConfig({})\n", "tasks/db/tidy.ts": TASK},
    "switched off": {"nitro.config.ts": "export default defineNitroConfig({ scheduledTasks: false })\n", "tasks/db/tidy.ts": TASK},
}


@pytest.mark.parametrize("files", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_look_alike(scan_tree: Scan, files: dict[str, str]) -> None:
    assert scan_tree(files).items == ()
