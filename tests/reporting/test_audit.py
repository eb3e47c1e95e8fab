"""The audit as people and programs read it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import msgspec
import pytest

from migrator.jobs import Inventory
from migrator.jobs.contract import AuditReport, audit_report
from migrator.jobs.findings import Check, Finding
from migrator.reporting.audit import render
from migrator.scanners import scan

APP = {
    "package.json": '{"dependencies": {"bullmq": "^6.7.0", "pg-boss": "12.35.0"}}\n',
    "src/queue.ts": """import { Queue, Worker } from "bullmq";
export const mails = new Queue("mail", { connection: { url: "redis://:hunter2@cache/0" } });
new Worker("mail", async (job) => job.data, { concurrency: 4 });
export const send = (kind: string) => mails.add(kind, {}, { delay: 90_000, attempts: 3 });
mails.upsertJobScheduler("nightly", { pattern: "0 3 * * *", tz: "Europe/Paris" }, { name: "digest" });
""",
    "src/use.ts": """import { send } from "./queue";
for (const kind of ["a", "b"]) send("welcome");
boss.send(`made-${at}-run-time`);
""",
    "src/boss.ts": """import { PgBoss } from "pg-boss";
export const boss = new PgBoss("postgres://localhost/jobs");
boss.send(pick(), {});
""",
}


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    for path, text in APP.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    found = scan(tmp_path)
    return msgspec.structs.replace(found, root="app", stats=msgspec.structs.replace(found.stats, seconds=0.25))


def test_as_text(inventory: Inventory, snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    assert render(inventory, "text") == snapshot


def test_as_markdown(inventory: Inventory, snapshot) -> None:
    assert render(inventory, "markdown") == snapshot


def test_as_csv(inventory: Inventory, snapshot) -> None:
    text = render(inventory, "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    report = audit_report(inventory)
    assert [(r["kind"], r["name"], r["path"], int(r["line"])) for r in rows] == [(i.kind, i.name, i.path, i.line) for i in report.items]
    assert "hunter2" not in text
    assert text == snapshot


def test_the_json_is_what_its_schema_says_and_reads_back(inventory: Inventory) -> None:
    text = render(inventory, "json")
    assert msgspec.json.decode(text, type=AuditReport) == audit_report(inventory)
    assert "hunter2" not in text


def test_the_documented_schema_is_current() -> None:
    documented = Path(__file__).parents[2] / "docs/audit.schema.json"
    schema = json.dumps(msgspec.json.schema(AuditReport))
    # Python 3.13 takes the indentation out of docstrings.
    current, there = (json.loads(re.sub(r"\\n *", r"\\n", text)) for text in (schema, json.dumps(json.loads(documented.read_text()))))
    assert there == current, "write msgspec.json.schema(AuditReport) there"


def test_nothing_found_is_said(tmp_path: Path) -> None:
    text = render(scan(tmp_path), "text")
    assert "No background jobs found." in text
    assert "no files" in text


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_no_line_of_the_text_is_wider_than_the_terminal(inventory: Inventory, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    if form == "text":
        assert max(map(len, render(inventory, form).splitlines())) <= 80
    else:
        assert "|---|" in render(inventory, form)


@pytest.mark.parametrize("columns", [80, 40])
def test_the_summary_is_never_cut(inventory: Inventory, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    summary = render(inventory, "text").split("\n\n")[1].splitlines()
    assert all(len(line) <= columns and "…" not in line for line in summary)
    assert {word for line in summary for word in line.split()} >= {"jobs", "enqueues", "schedules", "workers", "BullMQ", "pg-boss"}


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_how_sure_a_finding_is(inventory: Inventory, form: str) -> None:
    sure, unsure = (
        Finding("JOB101", "retries-not-configured", "critical", confidence, "src/queue.ts", 2, message)
        for confidence, message in (("certain", "This is so"), ("likely", "This may be so"))
    )
    checks = (Check("JOB101", "retries-not-configured", "fail"), Check("JOB102", "other", "unknown", "nobody knows"))
    text = render(msgspec.structs.replace(inventory, findings=(sure, unsure), checks=checks), form)
    assert "This may be so (likely)" in text
    assert "This is so (" not in text
    assert "nobody knows" in text


def test_no_cell_of_the_table_is_a_formula(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(
        'import { Queue } from "bullmq";\nconst q = new Queue("=HYPERLINK(0)");\n'
        'q.add("@SUM(1)", {}, { priority: 5 });\nq.add("+1+1", {}, { delay: -1000 });\n'
    )
    rows = list(csv.DictReader(io.StringIO(render(scan(tmp_path), "csv"))))
    assert [row["name"] for row in rows if row["kind"] == "enqueue"] == ["'@SUM(1)", "'+1+1"]
    assert {row["delay_seconds"] for row in rows} == {"", "-1"}
    assert not [value for row in rows for value in row.values() if value[:1] in "=+@" and value]


def test_paths_and_names_stay_in_one_piece_in_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    folder = tmp_path / "packages/notifications-service/src/infrastructure/messaging/queues"
    folder.mkdir(parents=True)
    (tmp_path / "package.json").write_text('{"dependencies": {"bullmq": "^6.7.0"}}\n')
    name = "synchronise-everything-with-the-customer-relationship-system"
    (folder / "synchronisation-worker-and-queue.ts").write_text(
        'import { Queue, Worker } from "bullmq";\n'
        f'const queue = new Queue("{name}", {{ connection: {{}} }});\n'
        f'new Worker("{name}", async (job) => job.data, {{ connection: {{}} }});\n'
        'export const later = (wait: number) => queue.add("again", {}, { delay: wait });\n'
    )
    lines = render(scan(tmp_path), "text").splitlines()
    place = "packages/notifications-service/src/infrastructure/messaging/queues/synchronisation-worker-and-queue.ts"
    assert [line for line in lines if line.strip() == name]
    assert [line for line in lines if line.strip() == f"{place}:3"]
    assert [line for line in lines if line.strip().startswith("after `wait` ms")]
    assert all(len(line) <= 80 or place in line or name in line for line in lines)
