"""Crons that are wrong, and such as only look so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_CODE = 'import { Queue } from "bullmq";\nconst q = new Queue("tidy");\nawait q.upsertJobScheduler("tidy", { pattern: CRON });\n'
CRONS = {
    '"*/30 * * * * *"': "pass",
    '"0 9 * * 1-5"': "pass",
    '"0 9 * * MON"': "pass",
    '"0 0 L * *"': "pass",
    '"0 */24 * * *"': "pass",
    '"0 */48 * * *"': "fail",
    '"0 0 29 2 *"': "pass",
    '"0 0 30 2 *"': "fail",
    '"0 0 31 4,5 *"': "pass",
    '"0 0 30 2 1"': "pass",
    '"60 * * * *"': "fail",
    '"0 24 * * *"': "fail",
    '"0 9 * *"': "fail",
    '"@daily"': "not-applicable",
    "process.env.CRON": "unknown",
}


@pytest.mark.parametrize("cron", CRONS)
def test_it_becomes(tmp_path: Path, cron: str) -> None:
    assert became(tmp_path, "JOB304", {"a.ts": _CODE.replace("CRON", cron)}).state == CRONS[cron]


#: crons without a time zone: does it matter in which zone the process is?
ZONES = {
    "0 0-23/1 * * *": "pass",
    "15 * * * *": "pass",
    "0 */6 1-31 1-12 0-6": "pass",
    "*/5 * ? * *": "pass",
    "0 0-22 * * *": "fail",
    "0 1 * * *": "fail",
    "0 * * * 1-5": "fail",
    "0 * 1 * *": "fail",
}


@pytest.mark.parametrize("cron", ZONES)
def test_a_cron_that_is_the_same_at_every_hour_needs_no_zone(tmp_path: Path, cron: str) -> None:
    assert became(tmp_path, "JOB302", {"a.ts": _CODE.replace("CRON", f'"{cron}"')}).state == ZONES[cron]
