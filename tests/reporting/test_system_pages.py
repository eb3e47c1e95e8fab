"""`migrate systems`, the pages that are made of the same facts, and what `migrate explain` says of traps, limits and capabilities."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from migrator.codemods import WRITERS
from migrator.errors import MigratorError
from migrator.reporting.explanation import explanation
from migrator.reporting.system_abilities import abilities, all_abilities
from migrator.reporting.system_comparison import compare
from migrator.reporting.system_console import render_comparison, render_list, render_system
from migrator.reporting.system_formats import comparison_json, comparison_markdown, list_json, system_json
from migrator.reporting.system_pages import system_pages, write_system_pages
from migrator.reporting.system_words import bound, compared, known, retries
from migrator.reporting.trap_pages import trap_page, trap_pages, write_trap_pages
from migrator.rules.registry import rules
from migrator.shadow import drivers
from migrator.systems import CAPABILITIES, SYSTEMS
from migrator.systems.traps import all_traps, traps_between

DOCS = Path(__file__).parents[2] / "docs"
MIGRATE = str(Path(sys.executable).with_name("migrate"))


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


def test_the_documented_systems_are_current() -> None:
    assert {page.name: page.read_text(encoding="utf-8") for page in (DOCS / "systems").glob("*.md")} == system_pages(), "run `make facts`"


def test_the_documented_traps_are_current() -> None:
    there = {page.name: page.read_text(encoding="utf-8") for page in (DOCS / "traps").glob("*.md")}
    assert there == trap_pages(), "run `make facts`"
    assert all(sum(f"## {i} " in page for page in there.values()) == 1 for i in all_traps())


def test_pages_that_are_gone_go(tmp_path: Path) -> None:
    for write in (write_system_pages, write_trap_pages):
        folder = tmp_path / write.__name__
        folder.mkdir()
        (folder / "old.md").write_text("old")
        write(folder)
        assert "old.md" not in {page.name for page in folder.iterdir()}
        assert (folder / "README.md").exists()


def test_what_can_be_done_comes_from_the_registries() -> None:
    assert {(one.system.name, target) for one in all_abilities() for target in one.rewritten_to} == set(WRITERS)
    assert {(source, one.system.name) for one in all_abilities() for source in one.rewritten_from} == set(WRITERS)
    assert {one.system.name for one in all_abilities() if one.shadow} == set(drivers.systems())
    assert len(all_abilities()) == len(SYSTEMS)
    assert abilities("inngest").rewritten_to == ("bullmq",)


def test_the_list(snapshot: SnapshotAssertion) -> None:
    assert render_list() == snapshot


def test_one_system(snapshot: SnapshotAssertion) -> None:
    assert render_system(known("pg-boss")) == snapshot


def test_three_side_by_side(snapshot: SnapshotAssertion) -> None:
    assert render_comparison(compare(compared(["inngest", "bullmq", "pg-boss"]))) == snapshot


def test_many_are_listed_under_each_question() -> None:
    text = render_comparison(compare(compared(["inngest", "qstash", "sqs", "pg_cron"])))
    assert "  Upstash QStash      Upstash's service; your HTTP routes\n" in text
    assert "  AWS SQS and Lambda  1 MiB per message, at most\n" in text
    assert [line for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", [system.name for system in SYSTEMS.values()])
def test_everything_fits_80_columns(name: str) -> None:
    assert [line for line in render_system(known(name)).splitlines() if len(line) > 80] == []


def test_lists_and_comparisons_fit_80_columns() -> None:
    described = [s.name for s in SYSTEMS.values() if s.capabilities]
    texts = [render_list(), *(render_comparison(compare(compared(described[i : i + 3]))) for i in range(0, len(described), 3))]
    assert [line for text in texts for line in text.splitlines() if len(line) > 80] == []


def test_nothing_is_cut_off_in_a_narrow_column() -> None:
    text = render_comparison(compare(compared(["inngest", "bullmq", "pg-boss"])))
    assert "…" not in text


def test_a_comparison_for_tools_and_for_documents() -> None:
    found: dict[str, Any] = json.loads(comparison_json(compare(compared(["inngest", "bullmq"]))))
    assert found["systems"] == ["inngest", "bullmq"]
    assert [c["id"] for c in found["capabilities"]] == list(CAPABILITIES)
    waits = next(c for c in found["capabilities"] if c["id"] == "wait-for-event")
    assert (waits["support"]["inngest"]["kind"], waits["support"]["bullmq"]["kind"]) == ("native", "absent")
    (way,) = (t for t in found["traps"] if t["from"] == "inngest")
    counted = sum(trap.scope != "code" for trap in traps_between("inngest", "bullmq"))
    assert way["automatic"] + way["helper"] + way["human"] == counted
    markdown = comparison_markdown(compare(compared(["inngest", "bullmq"])))
    assert "| Wait for an event | yes: `step.waitForEvent`" in markdown
    tables = [line for line in markdown.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables} == {4}


def test_facts_for_tools() -> None:
    found: dict[str, Any] = json.loads(system_json(known("sqs")))
    assert found["system"]["capabilities"]["delay"]["kind"] == "native"
    assert {limit["name"]: limit["value"] for limit in found["system"]["limits"]}["delay"] == 900
    assert {one["name"] for one in json.loads(list_json())["systems"]} == set(SYSTEMS)


def test_a_move_that_was_not_looked_at_has_no_numbers() -> None:
    comparison = compare(compared(["inngest", "bull"]))
    assert [str(way) for way in comparison.crossings] == ["not studied", "not studied"]
    assert "not studied" in render_comparison(comparison)


def test_a_comparison_names_what_only_one_has() -> None:
    (row,) = (row for row in compare(compared(["celery", "rq"])).rows if row.title == "Only here")
    assert "Routing by pattern" in row.values[0]
    assert "Routing by pattern" not in row.values[1]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["bullmq"], "two systems or more"),
        (["bullmq", "BullMQ"], "two systems or more"),
        (["bullmq", "bulmq"], "is no job system that we know"),
        (["bullmq", "agenda"], "what it can do is not written down"),
    ],
)
def test_what_cannot_be_compared(names: list[str], message: str) -> None:
    with pytest.raises(MigratorError, match=message):
        compared(names)


def test_systems_are_found_by_title_too() -> None:
    assert known("pg-boss") is known("PG-BOSS") is SYSTEMS["pg-boss"]
    assert known("Upstash QStash") is SYSTEMS["qstash"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bullmq", "1 run; `attempts` counts executions"),
        ("inngest", "5 runs; `retries` counts retries"),
        ("celery", "1 run unless it asks for more, then 4 runs; `max_retries` counts retries"),
        ("dramatiq", "21 runs; `max_retries` counts retries"),
        ("postgres-table", "what its code says"),
        ("sqs", "without end; `maxReceiveCount` counts executions"),
    ],
)
def test_retries_in_words(name: str, text: str) -> None:
    assert retries(SYSTEMS[name]) == text


def test_limits_in_words() -> None:
    said = {(limit.name, limit.plan): bound(limit) for limit in SYSTEMS["inngest"].limits}
    assert said["steps-per-run", ""] == "1,000 per run, at most"
    assert said["step-output", ""] == "4 MiB per step, at most"
    assert said["event-size", "Free"] == "256 KiB per event, at most"
    assert said["sleep", "Free"] == "7 days per step, at most"
    assert said["executions", "Pro"] == "1,000,000 per month, at most"


def test_no_name_means_two_things() -> None:
    assert {rule.name for rule in rules()} & set(CAPABILITIES) == set()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MIG430", ["# MIG430 Waiting", "From Inngest to BullMQ.", "“Wait for an event”", "A person has to look.", "step.waitForEvent"]),
        ("mig500", ["From any system to any other.", "Meets every job."]),
        ("MIG240", ["cannot make this move yet", "Says more exactly what MIG513"]),
        ("MIG04", ["# MIG04 Size of a message", "- Size of an event (Free): 256 KiB per event, at most.", "third party"]),
        ("wait-for-event", ["# wait-for-event Wait for an event", "- Inngest: `step.waitForEvent`", "- BullMQ: split the job", "MIG430"]),
    ],
)
def test_explain(name: str, words: list[str]) -> None:
    text = explanation(name)
    assert [word for word in words if word not in text] == []


def test_a_move_that_codemod_makes_is_not_called_work_by_hand() -> None:
    assert "yet" not in trap_page(all_traps()["MIG400"])
    assert "yet" not in trap_page(all_traps()["MIG500"])
    assert "yet" in trap_page(all_traps()["MIG520"])


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 0, ["postgres-table", "from Inngest"]),
        (["bullmq"], 0, ["When a run fails", "MIG06"]),
        (["--compare", "inngest", "bullmq", "pg-boss"], 0, ["Inngest, BullMQ and pg-boss", "Traps on the way"]),
        (["--compare", "celery", "dramatiq", "--format", "markdown"], 0, ["# Celery and Dramatiq"]),
        (["--compare", "bullmq"], 2, ["a comparison needs two systems or more"]),
        (["bullmq", "bull"], 2, ["Add --compare"]),
        (["bulmq"], 2, ["bulmq: is no job system", "`migrate systems` lists them."]),
    ],
)
def test_the_command(tmp_path: Path, arguments: list[str], status: int, words: list[str]) -> None:
    done = subprocess.run([MIGRATE, "systems", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert [w for w in words if w not in done.stdout + done.stderr] == []
