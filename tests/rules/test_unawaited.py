"""Work that a job starts and leaves, in one finding for each job; and lines of a log, which may come when they will."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

_APP = """\
import { Worker } from "bullmq";
import { deliver, note, log } from "./work";
new Worker("news", async (job) => {
  deliver(job.data.to);
  log.info("on its way");
  note("a");
  await deliver("b");
  note("c");
});
new Worker("more", async (job) => { logger.warn("x"); await note("d"); });
const logger = { warn: async (text: string) => { await fetch(text); } };
"""
_WORK = """\
export async function deliver(to: string) { await fetch(to); }
export async function note(what: string) { await fetch(what); }
export const log = { info: async (text: string) => { await fetch(text); } };
"""


def test_one_finding_for_each_job_with_all_its_places(tmp_path: Path) -> None:
    (tmp_path / "app.ts").write_text(_APP)
    (tmp_path / "work.ts").write_text(_WORK)
    (found,) = check(scan(tmp_path), tmp_path, select=["JOB005"]).findings
    assert [spot.line for spot in found.places] == [4, 6, 8]
    assert found.message.startswith("`news` is over before `deliver`, which nobody awaits, and so in 2 more places")


@pytest.mark.parametrize(
    "line",
    [
        "await (deliver(job.data.to));",
        'log("late"); await deliver("b");',
        'if (!job.data.to) { deliver("the team"); throw new Error("no address"); } await deliver(job.data.to);',
    ],
)
def test_work_that_only_looks_left(tmp_path: Path, line: str) -> None:
    (tmp_path / "app.ts").write_text(
        'import { Worker } from "bullmq";\nimport { deliver } from "./work";\nimport { log } from "./log";\n'
        f'new Worker("news", async (job) => {{ {line} }});\n'
    )
    (tmp_path / "work.ts").write_text(_WORK)
    (tmp_path / "log.ts").write_text("export const log = async (text: string) => { await fetch(text); };\n")
    (one,) = check(scan(tmp_path), tmp_path, select=["JOB005"]).checks
    assert one.state == "pass"


def test_a_preparation_that_may_fail_is_not_the_work(tmp_path: Path) -> None:
    prepared = "try {\n    t = trace.start({ op: job.name });\n    trace.note(() => t);\n  } catch (error) { console.error(error); }"
    app = f'import {{ Worker }} from "bullmq";\nnew Worker("news", async (job) => {{\n  let t;\n  {prepared}\n  await send(job);\n}});\n'
    states: list[str] = []
    for text in (app, app.replace("await send(job);", "")):
        (tmp_path / "app.ts").write_text(text)
        states += [c.state for c in check(scan(tmp_path), tmp_path, select=["JOB105"]).checks]
    assert states == ["pass", "fail"]


_JOBS = 'from celery import shared_task\n\n@shared_task(name="mail.send")\ndef send(): ...\n'
_MANIFEST = "celery==5.5\n"


def became(tmp_path: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (one,) = check(scan(tmp_path), tmp_path, select=["JOB903"]).checks
    return one.state


def test_two_jobs_of_one_name_in_two_packages_may_be_two_applications(tmp_path: Path) -> None:
    apart = {"a/requirements.txt": _MANIFEST, "a/tasks.py": _JOBS, "b/requirements.txt": _MANIFEST, "b/tasks.py": _JOBS}
    assert became(tmp_path, apart) == "unknown"
    assert became(tmp_path, {"a/more.py": _JOBS}) == "fail"


def test_two_jobs_of_one_name_in_one_package_are_one_too_many(tmp_path: Path) -> None:
    assert became(tmp_path, {"requirements.txt": _MANIFEST, "a/tasks.py": _JOBS, "b/tasks.py": _JOBS}) == "fail"
