"""What is said to be nowhere is unknown where a file that could say it was not read as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.jobs.findings import Check
from migrator.rules import check
from migrator.rules.registry import rules
from migrator.scanners import scan

WORKER = {
    "mail.ts": 'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("mail");\nmails.add("x", { to: 1 });\n'
    'new Worker("mail", async (job) => send(job.data));\n'
}
TASKS = {"tasks.py": "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n\nsend.delay(1)\n"}
BROKEN_TS = 'import { Worker } from "bullmq";\nexport const options = { attempts: 3,, };\nfunction (((\n'
BROKEN_OTHER = 'import { serve } from "inngest/next";\nexport const x = serve({{{ ;\n'

#: rules whose findings say that something stands nowhere, and that find something here
ABSENT = ("JOB101", "JOB103", "JOB402", "JOB403", "JOB406", "JOB801", "JOB802", "JOB805")


@pytest.mark.parametrize("rule", ABSENT)
def test_a_file_with_gaps_that_names_the_system_makes_it_unknown(tmp_path: Path, rule: str) -> None:
    assert became(tmp_path / "whole", WORKER, rule).state == "fail"
    told = became(tmp_path / "part", {**WORKER, "options.ts": BROKEN_TS}, rule)
    assert told.state == "unknown"
    assert "options.ts" in told.reason


@pytest.mark.parametrize("rule", ABSENT)
def test_a_file_of_another_system_does_not(tmp_path: Path, rule: str) -> None:
    assert became(tmp_path, {**WORKER, "other.ts": BROKEN_OTHER}, rule).state == "fail"


def test_a_manifest_that_is_no_json_may_ask_for_anything(tmp_path: Path) -> None:
    assert became(tmp_path, {**WORKER, "package.json": '{"dependencies": {"x": "1",}'}, "JOB402").state == "unknown"


def test_time_limits_may_stand_in_a_settings_file_with_gaps(tmp_path: Path) -> None:
    assert became(tmp_path / "whole", TASKS, "JOB111").state == "fail"
    settings = {"settings.py": "from celery.schedules import crontab\nLIMITS = = {'x': crontab()}\n"}
    assert became(tmp_path / "part", {**TASKS, **settings}, "JOB111").state == "unknown"


def test_a_finding_of_what_stands_somewhere_stays(tmp_path: Path) -> None:
    redis = {"redis.conf": "maxmemory-policy allkeys-lru\n"}
    assert became(tmp_path, {**WORKER, **redis, "options.ts": BROKEN_TS}, "JOB806").state == "fail"


def test_every_rule_on_absence_is_marked() -> None:
    assert set(ABSENT) <= {rule.id for rule in rules() if rule.absence}


def test_the_files_are_one_finding_with_all_places(tmp_path: Path) -> None:
    found = became(tmp_path, {**WORKER, "a.ts": BROKEN_TS, "b.ts": BROKEN_OTHER, "tests/c.test.ts": BROKEN_TS}, "JOB000")
    assert (found.state, len(found.evidence)) == ("fail", 1)
    (finding,) = check(scan(tmp_path), tmp_path, select=["JOB000"]).findings
    assert [finding.path, *(o.path for o in finding.others)] == ["a.ts", "b.ts"]


def became(folder: Path, files: Mapping[str, str], rule: str) -> Check:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (found,) = check(scan(folder), folder, select=[rule]).checks
    return found
