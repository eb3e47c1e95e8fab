"""Every trap belongs to systems and capabilities that exist, is shown, and no pair of systems is told the same thing twice."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import migrator.systems
from migrator.systems import CAPABILITIES, LIMIT_CHECKS, SYSTEMS
from migrator.systems.trap import Trap
from migrator.systems.traps import all_traps, studied, trap_groups, traps_between

ALL = tuple(all_traps().values())
#: the moves that the reference names; each of them has traps of its own
PAIRS = (
    *(("inngest", "bullmq"), ("inngest", "pg-boss"), ("bullmq", "inngest"), ("bullmq", "pg-boss"), ("pg-boss", "bullmq")),
    *(("postgres-table", target) for target in ("pg-boss", "bullmq", "inngest")),
    ("bull", "bullmq"),
    *(("celery", target) for target in ("dramatiq", "rq", "procrastinate", "taskiq", "huey", "inngest", "bullmq", "django-tasks")),
    *(("rq", "celery"), ("rq", "dramatiq"), ("huey", "celery"), ("django-q", "celery"), ("arq", "taskiq"), ("arq", "dramatiq")),
    *(("apscheduler", target) for target in ("celery", "dramatiq", "procrastinate", "taskiq", "huey", "rq", "inngest")),
    *(("qstash", "inngest"), ("sqs", "bullmq"), ("pg_cron", "pg-boss")),
)


@pytest.mark.parametrize("trap", ALL, ids=lambda trap: trap.id)
def test_a_trap_is_whole(trap: Trap) -> None:
    assert trap.id.startswith("MIG")
    assert trap.id not in LIMIT_CHECKS
    assert 100 <= int(trap.id[3:]) < 1000
    assert 0 < len(trap.title) <= 62
    assert not trap.title.endswith(".")
    assert trap.explanation.endswith(".")
    assert trap.example.strip()
    assert all(len(line) <= 112 for line in trap.example.splitlines())
    assert set(trap.sources) | set(trap.targets) <= set(SYSTEMS)
    assert trap.capability in ("", *CAPABILITIES)
    assert not (trap.scope == "code" and trap.capability), "what depends on the form of code is not told by what a job needs"


@pytest.mark.parametrize("trap", [t for t in ALL if t.refines], ids=lambda trap: trap.id)
def test_a_trap_takes_the_place_of_a_wider_one_only(trap: Trap) -> None:
    """Else the wider one would be hidden from jobs that the narrower one says nothing to."""
    wider = all_traps()[trap.refines]
    assert (trap.capability, trap.scope) == (wider.capability, wider.scope)
    assert not wider.sources or set(trap.sources) <= set(wider.sources) != set()
    assert not wider.targets or set(trap.targets) <= set(wider.targets) != set()


@pytest.mark.parametrize(("source", "target"), PAIRS, ids="-".join)
def test_each_move_has_traps_of_its_own(source: str, target: str) -> None:
    traps = traps_between(source, target)
    assert [trap.id for trap in traps] == sorted(trap.id for trap in traps)
    assert studied(source, target)
    assert {trap.refines for trap in traps} & {trap.id for trap in traps} == set()
    titles = [trap.title for trap in traps]
    assert len(titles) == len(set(titles))


def test_a_move_that_nobody_has_looked_at_is_not_called_easy() -> None:
    assert traps_between("inngest", "bull")
    assert not studied("inngest", "bull")
    assert not studied("celery", "arq"), "what holds for all of Python's systems is not about this move"
    assert not studied("bullmq", "bullmq")


def test_no_trap_leads_from_a_system_to_itself() -> None:
    assert [name for name in SYSTEMS if traps_between(name, name)] == []


def test_a_trap_holds_for_its_systems_only() -> None:
    assert "MIG251" in {trap.id for trap in traps_between("celery", "procrastinate")}
    assert "MIG251" not in {trap.id for trap in traps_between("celery", "rq")}
    assert "MIG202" not in {trap.id for trap in traps_between("celery", "procrastinate")}
    assert "MIG202" in {trap.id for trap in traps_between("rq", "procrastinate")}
    assert {"MIG400", "MIG500"} & {trap.id for trap in traps_between("inngest", "bullmq")} == {"MIG400"}


def test_an_id_that_is_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "traps_double.py").write_text("from migrator.systems.traps_any import TRAPS\n")
    monkeypatch.setattr(migrator.systems, "__path__", [*migrator.systems.__path__, str(tmp_path)])
    trap_groups.cache_clear()
    try:
        with pytest.raises(ValueError, match="MIG500 is given twice"):
            all_traps.__wrapped__()
    finally:
        trap_groups.cache_clear()


def test_every_id_that_the_project_names_exists() -> None:
    """A decision or a page that names a trap leads somewhere."""
    root = Path(__file__).parents[2] / "migrator"
    named: set[str] = set()
    for path in root.rglob("*.py"):
        if not path.name.startswith("traps_") and path.name != "limits.py":
            named |= set(re.findall(r'"(MIG\d{2,3})"', path.read_text(encoding="utf-8")))
    assert named
    assert named - set(all_traps()) - set(LIMIT_CHECKS) == set()


def test_facts_of_one_system_are_in_files_that_name_it() -> None:
    for name in ("inngest", "pg_boss", "django_tasks"):
        module = import_module(f"migrator.systems.{name}_capabilities")
        assert module.CAPABILITIES is import_module(f"migrator.systems.{name}").SYSTEM.capabilities
