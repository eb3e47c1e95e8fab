"""The harness must let a right writer pass and catch each way of being wrong."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from migrator.codemods.changes import ChangeSet, Edit
from migrator.errors import MigratorError
from migrator.jobs import Inventory, Span
from tests.codemods import toy
from tests.codemods.harness import check_noop, check_rewrite

BEFORE = {"app.py": "import x\n\n\ndef f():\n    legacy(a)\n    legacy(hard)\n", "web/b.ts": "legacy(c);\n", "README": "legacy(z)\n"}
AFTER = {"app.py": "import x\n\n\ndef f():\n    modern(a)\n    legacy(hard)\n", "web/b.ts": "modern(c);\n"}


def check(tmp_path: Path, writer, before=BEFORE, after=None) -> ChangeSet:
    return check_rewrite(tmp_path, "legacy", "modern", before, after, writer=writer, scan=toy.scan)


def test_a_right_writer_passes(tmp_path: Path) -> None:
    changes = check(tmp_path, toy.rewrite, after=AFTER)
    assert changes.counts() == {"safe": 2, "manual": 1}


def test_what_has_nothing_to_rewrite_is_a_noop(tmp_path: Path) -> None:
    assert not check_noop(tmp_path, "legacy", "modern", {"a.py": "modern(1)\n"}, writer=toy.rewrite, scan=toy.scan).decisions


def test_a_wrong_expectation_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        check(tmp_path, toy.rewrite, after={**AFTER, "web/b.ts": "modern(d);\n"})


def test_a_typo_in_the_expected_text_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="does not parse"):
        check(tmp_path, toy.rewrite, after={**AFTER, "web/b.ts": "modern(c;\n"})


def test_an_unnamed_file_that_changes_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        check(tmp_path, toy.rewrite, after={"app.py": AFTER["app.py"]})


def broken(change):
    """The toy's rewrite with its change set run through `change`."""

    def rewrite(inventory: Inventory, root: Path, *, unsafe: bool) -> ChangeSet:
        return change(toy.rewrite(inventory, root, unsafe=unsafe))

    return rewrite


def edited(changes: ChangeSet, text: str) -> ChangeSet:
    return msgspec.structs.replace(changes, edits=tuple(msgspec.structs.replace(e, text=text) for e in changes.edits))


def test_output_that_does_not_parse_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="does not parse"):
        check(tmp_path, broken(lambda c: edited(c, "modern((")))


def test_a_second_run_that_changes_something_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a second run changes"):
        check(tmp_path, broken(lambda c: edited(c, "legacy(0), modern")))


def test_a_dropped_item_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"nothing was decided about: enqueue 'hard' at app\.py:6"):
        check(tmp_path, broken(lambda c: msgspec.structs.replace(c, decisions=tuple(d for d in c.decisions if d.name != "hard"))))


def test_a_manual_decision_that_was_rewritten_fails(tmp_path: Path) -> None:
    def claim(changes: ChangeSet) -> ChangeSet:
        return msgspec.structs.replace(changes, decisions=tuple(msgspec.structs.replace(d, outcome="rewritten") for d in changes.decisions))

    with pytest.raises(AssertionError, match="cannot have been rewritten"):
        check(tmp_path, broken(claim))


def test_overlapping_edits_fail(tmp_path: Path) -> None:
    def twice(changes: ChangeSet) -> ChangeSet:
        first = changes.edits[0]
        wider = Edit(first.path, Span(first.span.start - 1, first.span.end), "modern")
        return msgspec.structs.replace(changes, edits=(wider, *changes.edits))

    with pytest.raises(MigratorError, match="two rewrites want to change the same text"):
        check(tmp_path, broken(twice))


def test_newlines_written_by_hand_fail_on_crlf_files(tmp_path: Path) -> None:
    def rewrite(inventory: Inventory, root: Path, *, unsafe: bool) -> ChangeSet:
        # A writer that measures in characters of normalised text, and so misses by one byte a line.
        changes = toy.rewrite(inventory, root, unsafe=unsafe)

        def shifted(edit: Edit) -> Edit:
            data = (root / edit.path).read_bytes()
            lost = data.count(b"\r\n", 0, edit.span.start)
            return msgspec.structs.replace(edit, span=Span(edit.span.start - lost, edit.span.end - lost))

        return msgspec.structs.replace(changes, edits=tuple(shifted(e) for e in changes.edits))

    with pytest.raises(AssertionError):
        check(tmp_path, rewrite)
