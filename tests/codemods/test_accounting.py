"""Whatever a writer says nothing about turns up by name."""

from __future__ import annotations

from pathlib import Path

import msgspec

from migrator.codemods.accounting import complete
from migrator.codemods.changes import ChangeSet, Decision, Edit
from migrator.jobs import Inventory, Location, Reference, Setting, Span, Unresolved
from tests.codemods import toy

EMPTY = ChangeSet(source="legacy", target="modern")


def inventory(folder: Path) -> Inventory:
    (folder / "a.py").write_text("x = 1\nlegacy(a); legacy(b)\n\nlegacy(c)\n")
    return toy.scan(folder)


def test_a_full_answer_is_left_alone(tmp_path: Path) -> None:
    found = inventory(tmp_path)
    changes = toy.rewrite(found, tmp_path, unsafe=False)
    assert complete(changes, found) is changes


def test_each_forgotten_item_becomes_a_manual_decision(tmp_path: Path) -> None:
    decisions = complete(EMPTY, inventory(tmp_path)).decisions
    assert [(d.kind, d.name, d.location.line, d.safety, d.outcome) for d in decisions] == [
        ("enqueue", "a", 2, "manual", "left"),
        ("enqueue", "b", 2, "manual", "left"),
        ("enqueue", "c", 4, "manual", "left"),
    ]


def test_a_decision_on_another_line_does_not_cover(tmp_path: Path) -> None:
    found = inventory(tmp_path)
    changes = toy.rewrite(found, tmp_path, unsafe=False)
    forgetful = msgspec.structs.replace(changes, decisions=changes.decisions[:2])
    assert [d.name for d in complete(forgetful, found).decisions] == ["a", "b", "c"]
    assert complete(forgetful, found).decisions[2].safety == "manual"


def test_a_decision_on_the_very_line_covers(tmp_path: Path) -> None:
    found = inventory(tmp_path)
    decisions = tuple(
        msgspec.structs.replace(d, location=Location("a.py", d.location.line, 0, d.location.line, Span(0, 0)))
        for d in toy.rewrite(found, tmp_path, unsafe=False).decisions
    )
    changes = msgspec.structs.replace(EMPTY, decisions=decisions)
    assert complete(changes, found) is changes


def whole_file(folder: Path, found: Inventory, kind: str) -> ChangeSet:
    around = msgspec.structs.replace(
        toy.rewrite(found, folder, unsafe=False).decisions[0],
        kind=kind,
        location=Location("a.py", 1, 0, 4, Span(0, (folder / "a.py").stat().st_size)),
    )
    return msgspec.structs.replace(EMPTY, decisions=(around,))


def test_a_decision_about_the_text_around_covers(tmp_path: Path) -> None:
    found = inventory(tmp_path)
    changes = whole_file(tmp_path, found, "enqueue")
    assert complete(changes, found) is changes


def test_a_decision_about_a_job_does_not_cover_what_its_body_enqueues(tmp_path: Path) -> None:
    found = inventory(tmp_path)
    assert [d.name for d in complete(whole_file(tmp_path, found, "definition"), found).decisions[1:]] == ["a", "b", "c"]


def test_one_of_two_calls_on_a_line_does_not_cover_the_other(tmp_path: Path) -> None:
    found = inventory(tmp_path)
    changes = toy.rewrite(found, tmp_path, unsafe=False)
    forgetful = msgspec.structs.replace(changes, decisions=(changes.decisions[0], changes.decisions[2]))
    assert [d.name for d in complete(forgetful, found).decisions] == ["a", "c", "b"]


def test_items_of_other_systems_are_not_asked_about(tmp_path: Path) -> None:
    where = Location("b.py", 1, 0, 1, Span(0, 1))
    other = Inventory(root="", items=(Setting(system="other", language="python", name="X", location=where),))
    assert complete(EMPTY, other) is EMPTY


def test_unresolved_places_are_handed_on_with_their_reason(tmp_path: Path) -> None:
    loose = (
        Unresolved("b.py", 7, "the queue's name is only known at run time", "legacy", "queue(name)"),
        Unresolved("c.py", 8, "does not parse"),
        Unresolved("d.py", 9, "not ours", "other"),
    )
    decisions = complete(EMPTY, Inventory(root="", items=(), unresolved=loose)).decisions
    assert [(d.name, d.location.path, d.location.line) for d in decisions] == [("queue(name)", "b.py", 7), ("c.py", "c.py", 8)]
    assert decisions[0].summary.startswith("the queue's name is only known at run time. ")


# --- other uses of the API ----------------------------------------------------------------------------------------------------------


def use(line: int, start: int, end: int, form: str = "api", system: str = "celery") -> Reference:
    return Reference(system, "celery.current_app", form, Location("a.py", line, 0, line, Span(start, end)))


def unknown(references: tuple[Reference, ...], *, edits: tuple[Edit, ...] = (), decisions: tuple[Decision, ...] = ()) -> list[int]:
    changes = ChangeSet(source="celery", target="dramatiq", edits=edits, decisions=decisions)
    found = complete(changes, Inventory(root="", items=(), references=references)).decisions
    return [d.location.line for d in found[len(decisions) :]]


def job(outcome: str, safety: str) -> Decision:
    where = Location("a.py", 1, 0, 9, Span(0, 90))
    return Decision(kind="definition", name="f", location=where, safety=safety, outcome=outcome, summary="Done.")


def test_a_use_of_the_api_that_stays_is_left_by_name() -> None:
    assert unknown((use(2, 10, 20),)) == [2]
    assert unknown((use(2, 10, 20), use(2, 22, 30), use(3, 40, 50))) == [2, 3], "one a line"


def test_a_use_that_an_edit_replaces_is_accounted_for() -> None:
    assert unknown((use(2, 10, 20),), edits=(Edit("a.py", Span(0, 30), ""),)) == []
    assert unknown((use(2, 10, 20),), edits=(Edit("b.py", Span(0, 30), ""), Edit("a.py", Span(20, 30), ""))) == [2]


def test_a_use_inside_a_job_that_is_left_is_explained_but_not_inside_one_that_is_rewritten() -> None:
    assert unknown((use(2, 10, 20),), decisions=(job("left", "manual"),)) == []
    assert unknown((use(2, 10, 20),), decisions=(job("rewritten", "safe"),)) == [2]


def test_only_uses_of_the_source_count_and_imports_do_not() -> None:
    assert unknown((use(2, 10, 20, system="dramatiq"), use(3, 30, 40, form="import"), use(4, 50, 60, system="celeryx"))) == []
    assert unknown((use(2, 10, 20, system="celery/bin"),)) == [2]
