"""What jobs remember in their process: limits, locks and sets of what was done, and not caches or what is set up once."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

JOB = 'import { Worker } from "bullmq";\nTOP\nnew Worker("mail", async (job) => {\nBODY\n  await send(job.data);\n});\n'

FORMS: dict[str, tuple[str, str, str]] = {
    "a lock": ("let running = false;", "  if (running) return;\n  running = true;", "fail"),
    "a limit that waits": (
        "let lastCall = 0;",
        "  if (Date.now() - lastCall < 1000) await sleep(1000);\n  lastCall = Date.now();",
        "fail",
    ),
    "a map of what was done": (
        "const processed = new Map<string, boolean>();",
        "  if (processed.get(job.id!)) { return; }\n  processed.set(job.id!, true);",
        "fail",
    ),
    "a cache that gives back": (
        "const processed = new Map<string, string>();",
        "  if (processed.has(job.id!)) return processed.get(job.id!);\n  processed.set(job.id!, await make());",
        "pass",
    ),
    "done once for each process": ("let initialized = false;", "  if (initialized) return;\n  initialized = true;", "pass"),
    "a client": ("let activeClient = null;", "  if (activeClient) return;\n  activeClient = make();", "pass"),
    "only asked": ("let running = false;", "  if (running) return;", "pass"),
    "only changed": ("const sent = new Set<string>();", "  sent.add(job.id!);", "pass"),
    "its own variable of that name": (
        "let running = false;",
        "  let running = await busy();\n  if (running) return;\n  running = true;",
        "pass",
    ),
    "a condition that holds nothing back": ("let count = 0;", "  if (count % 100 === 0) report(count);\n  count += 1;", "pass"),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_a_process_remembers(tmp_path: Path, form: str) -> None:
    top, body, state = FORMS[form]
    (tmp_path / "mail.ts").write_text(JOB.replace("TOP", top).replace("BODY", body))
    assert became(tmp_path) == state


def test_a_clock_of_one_process_may_do_so(tmp_path: Path) -> None:
    (tmp_path / "clock.ts").write_text(
        'import cron from "node-cron";\nlet running = false;\ncron.schedule("* * * * *", async () => {\n'
        "  if (running) return;\n  running = true;\n  await sweep();\n  running = false;\n});\n"
    )
    assert became(tmp_path) != "fail"


def test_a_function_that_no_job_reaches_is_not_meant(tmp_path: Path) -> None:
    (tmp_path / "mail.ts").write_text(JOB.replace("TOP", "").replace("BODY", ""))
    (tmp_path / "web.ts").write_text("let running = false;\nexport function load() {\n  if (running) return;\n  running = true;\n}\n")
    assert became(tmp_path) == "pass"


def became(folder: Path) -> str:
    (found,) = check(scan(folder), folder, select=["JOB606"]).checks
    return found.state
