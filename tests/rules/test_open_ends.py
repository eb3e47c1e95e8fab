"""What the rules say where the code leaves something open: unknown, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

_RATES = 'import { Queue } from "bullmq";\nconst q = new Queue("m", { defaultJobOptions: { attempts: 3 } });\n'
_TASK = "from celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n"
_WORKER = 'import { Worker } from "bullmq";\nimport { markFailed } from "./store";\n'
_CATCHES = 'new Worker("m", async (job) => { try { await send(job.data); } catch (e) { await markFailed(job.id); throw e; } });\n'
_LOOP = "from celery import shared_task\n\n@shared_task\ndef f(xs):\n    for x in xs:\n        try:\n            send(x)\n"

FORMS = {
    "options of the call are unknown": ("JOB102", {"a.ts": _RATES + 'export const f = (o: object) => q.add("x", {}, o);\n'}, "unknown"),
    "a job that records failures itself": ("JOB103", {"a.ts": _WORKER + _CATCHES}, "unknown"),
    "and nobody can tell who hears of it": ("JOB403", {"a.ts": _WORKER + _CATCHES}, "unknown"),
    "a time limit of the settings": (
        "JOB111",
        {"t.py": _TASK, "s.py": "import os\nCELERY_TASK_TIME_LIMIT = int(os.environ['L'])\n"},
        "pass",
    ),
    "only some errors are caught": ("JOB105", {"t.py": _LOOP + "        except KeyError:\n            pass\n"}, "pass"),
    "errors are told by a call": (
        "JOB105",
        {
            "a.ts": _WORKER.replace("markFailed", "tell")
            + 'new Worker("m", async (job) => { try { await send(job.data); } catch (e) { const told = tell(e); } });\n'
        },
        "pass",
    ),
    "errors are put into words": (
        "JOB105",
        {
            "a.ts": _WORKER
            + 'new Worker("m", async (job) => { try { await send(job.data); } catch (e) { const t = String(e); console.log(t); } });\n'
        },
        "fail",
    ),
    "errors are gathered": ("JOB105", {"t.py": _LOOP + "        except Exception as e:\n            wrong.append(e)\n"}, "pass"),
}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_guessed(tmp_path: Path, form: str) -> None:
    rule, files, state = FORMS[form]
    assert _state(tmp_path, rule, files) == state


def _state(folder: Path, rule: str, files: Mapping[str, str]) -> str:
    for path, text in files.items():
        (folder / path).write_text(text)
    (found,) = check(scan(folder), folder, select=[rule]).checks
    return found.state
