"""The audit of the fixture applications against what a person found in them, row by row."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from migrator.jobs import KINDS, Kind
from migrator.jobs.contract import audit_report
from migrator.scanners import scan

ROOT = Path(__file__).parents[2]


@cache
def audited(app: str) -> list[dict[str, Any]]:
    return msgspec.to_builtins(audit_report(scan(ROOT / "fixtures" / app)))["items"]


def truth(app: str) -> list[dict[str, Any]]:
    lines = (ROOT / "tests" / "fixtures" / f"{app}.truth.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def agree(row: dict[str, Any], item: dict[str, Any]) -> bool:
    """Kind, path and system are the same, and the item's line is within one line of the row's."""
    return (
        row["kind"] == item["kind"]
        and row["file"] == item["path"]
        and item["system"] in (row["system"], *row.get("also", ()))
        and row["line"] - 1 <= item["line"] <= row.get("line_end", row["line"]) + 1
    )


@pytest.mark.parametrize("app", ["articles", "notifier"])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_found_and_nothing_else(app: str, kind: Kind) -> None:
    rows = [r for r in truth(app) if r["kind"] == kind]
    items = [i for i in audited(app) if i["kind"] == kind]
    missed = [r for r in rows if not r.get("ambiguous") and not any(agree(r, i) for i in items)]
    wrong = [(i["path"], i["line"], i["name"]) for i in items if not any(agree(r, i) for r in rows)]
    assert (missed, wrong) == ([], [])


@pytest.mark.parametrize("app", ["articles", "notifier"])
def test_the_truth_is_not_empty(app: str) -> None:
    assert {r["kind"] for r in truth(app)} >= {"definition", "enqueue", "schedule", "worker", "client", "dependency", "setting"}


#: names as an application gives them, not code that makes one: `user/registered`, `nightly-digest`, `ARTICLE_IMPORT`, `send_mail`
_GIVEN = re.compile(r"[a-z]+/[\w.]+|[A-Z]+_[A-Z]+|[a-z]+([-_][a-z]+)+")


@pytest.mark.parametrize("app", ["articles", "notifier"])
def test_what_has_a_name_is_called_by_it(app: str) -> None:
    rows = [r for r in truth(app) if r["kind"] in ("definition", "enqueue", "schedule") and _GIVEN.fullmatch(r.get("name", ""))]
    assert len(rows) > 30
    nameless = [row for row in rows if not any(agree(row, i) and row["name"] in names(i) for i in audited(app))]
    assert [(r["file"], r["line"], r["name"]) for r in nameless if not r.get("ambiguous")] == []


def names(item: dict[str, Any]) -> set[str]:
    """What an item is called, in its system and in the code, and the last part of that; of a schedule, what it starts as well."""
    told = (item["name"], *(item["details"].get(key, "") for key in ("symbol", "job", "job_name")))
    return {part for name in told for part in (name, name.rpartition(".")[2], name.rpartition(":")[2])}
