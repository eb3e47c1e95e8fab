"""The notifier under the rewrite: what moves, what stays and why, and that the result type-checks no worse than before."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from migrator.codemods import load
from migrator.codemods.accounting import complete, undecided
from migrator.codemods.changes import ChangeSet
from migrator.codemods.files import file_changes
from migrator.scanners import scan
from migrator.systems.traps import all_traps
from tests.codemods.python.celery_to_dramatiq.shop import apply_to, without_markers

FIXTURE = Path(__file__).parents[4] / "fixtures" / "notifier"

#: what stays on Celery by default, and why
STAYS = {
    "notifier.tasks.crm.sync_contact": "MIG111",
    "notifier.tasks.maintenance.note_flushed": "MIG127",
    "notifier.tasks.reports.count_channel": "MIG124",
    "notifier.tasks.reports.sum_up": "MIG124",
    "notifier.tasks.reports.publish": "MIG124",
    "notifier.tasks.reports.archive": "MIG124",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "notifier", ignore=shutil.ignore_patterns("__pycache__", "var")))


def rewrite(root: Path, *, unsafe: bool = False) -> ChangeSet:
    inventory = scan(root)
    changes = load("celery", "dramatiq")(inventory, root, unsafe=unsafe)
    assert not list(undecided(changes, inventory))
    return complete(changes, inventory)


def test_what_moves_and_what_stays(root: Path) -> None:
    changes = rewrite(root)
    jobs = {d.name: d for d in changes.decisions if d.kind == "definition"}
    assert len(jobs) == 21
    assert {name: d.traps for name, d in jobs.items() if d.outcome == "left"} == {name: (trap,) for name, trap in STAYS.items()}
    assert {d.safety for d in jobs.values() if d.outcome == "rewritten"} == {"safe"}
    assert {t for d in changes.decisions for t in d.traps} <= all_traps().keys()


def test_unsafe_moves_what_is_handed_on(root: Path) -> None:
    jobs = {d.name: d for d in rewrite(root, unsafe=True).decisions if d.kind == "definition"}
    assert (jobs["notifier.tasks.maintenance.note_flushed"].safety, jobs["notifier.tasks.maintenance.note_flushed"].outcome) == (
        "unsafe",
        "rewritten",
    )


def test_every_item_and_reference_has_one_decision(root: Path) -> None:
    inventory = scan(root)
    changes = rewrite(root)
    made = Counter((d.kind, d.location.path, d.location.span) for d in changes.decisions)
    for item in inventory.items:
        if item.system == "celery":
            assert made[item.kind, item.location.path, item.location.span] == 1, item.name
    spans = [(d.location.path, d.location.span) for d in changes.decisions]
    for reference in inventory.references:
        where = reference.location
        holding = [s for path, s in spans if path == where.path and s.start <= where.span.start and where.span.end <= s.end]
        lines = [d for d in changes.decisions if d.location.path == where.path and d.location.line == where.line]
        assert holding or lines, reference


def test_a_second_run_changes_nothing(root: Path) -> None:
    for unsafe in (False, True):
        apply_to(root, rewrite(root, unsafe=unsafe))
        assert not file_changes(rewrite(root, unsafe=unsafe), root)


def test_a_later_run_takes_the_rest(root: Path) -> None:
    """First what is safe; then `--unsafe` moves one job more, into files that are already there."""
    apply_to(root, rewrite(root))
    assert "note_flushed.delay" in (root / "notifier/campaigns.py").read_text()
    changes = rewrite(root, unsafe=True)
    apply_to(root, changes)
    assert "note_flushed.send" in (root / "notifier/campaigns.py").read_text()
    assert (root / "notifier/tasks/maintenance.py").read_text().count("import dramatiq\n") == 1
    assert "@shared_task" not in (root / "notifier/tasks/maintenance.py").read_text()
    for path in root.rglob("*.py"):
        ast.parse(path.read_text())


def test_what_stays_is_as_it_was_but_for_comments(root: Path) -> None:
    before = (root / "notifier/tasks/crm.py").read_text()
    apply_to(root, rewrite(root))
    after = (root / "notifier/tasks/crm.py").read_text()
    assert after != before
    assert without_markers(after) == before


def test_celerys_beat_has_nothing_left_and_is_replaced(root: Path) -> None:
    apply_to(root, rewrite(root))
    assert "beat: python -m notifier.dramatiq_scheduler\n" in (root / "Procfile").read_text()
    compose = (root / "docker-compose.yml").read_text()
    assert "command: python -m notifier.dramatiq_scheduler\n" in compose
    assert compose.count("dramatiq notifier.dramatiq_worker") == 1
    assert '"dramatiq", "notifier.dramatiq_worker"' in compose


def errors(root: Path) -> Counter[str]:
    """What basedpyright has against the application, without line numbers."""
    (root / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard", "pythonVersion": "3.11", "include": ["notifier"]}))
    run = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(run.stdout)["generalDiagnostics"]
    return Counter(f"{Path(d['file']).name}: {d.get('rule', '')} {d['message']}" for d in found if d["severity"] == "error")


@pytest.mark.behaviour
def test_the_result_type_checks_no_worse(root: Path) -> None:
    before = errors(root)
    apply_to(root, rewrite(root, unsafe=True))
    assert errors(root) - before == Counter()
