"""Comments that say what is left to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemods.changes import Edit
from migrator.codemods.edits import apply_edits
from migrator.codemods.python.markers import marker
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Location, Span

PLACES = {
    "statement": ("x = 1\nf(HERE)\n", "x = 1\n# TODO(migrate MIG1): Why.\nf(HERE)\n"),
    "lines": ("x = [\n    HERE,\n]\n", "# TODO(migrate MIG1): Why.\nx = [\n    HERE,\n]\n"),
    "indented": ("def f():\n    if x:\n        HERE\n", "def f():\n    if x:\n        # TODO(migrate MIG1): Why.\n        HERE\n"),
    "decorator": ("@a\n@HERE\ndef f(): pass\n", "# TODO(migrate MIG1): Why.\n@a\n@HERE\ndef f(): pass\n"),
    "one line": ("if x: HERE\n", "# TODO(migrate MIG1): Why.\nif x: HERE\n"),
    "elif": ("if x:\n    pass\nelif HERE:\n    pass\n", "# TODO(migrate MIG1): Why.\nif x:\n    pass\nelif HERE:\n    pass\n"),
    "except": (
        "try:\n    pass\nexcept HERE:\n    pass\n",
        "# TODO(migrate MIG1): Why.\ntry:\n    pass\nexcept HERE:\n    pass\n",
    ),
    "already there": ("# TODO(migrate MIG1): Another reason.\nHERE\n", None),
    "already there, with more": ("# TODO(migrate MIG1): Another reason,\n# on two lines.\nHERE\n", None),
    "another trap": (
        "# TODO(migrate MIG2): Other.\nHERE\n",
        "# TODO(migrate MIG2): Other.\n# TODO(migrate MIG1): Why.\nHERE\n",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_comments_stand_above_the_statement(tmp_path: Path, place: str) -> None:
    before, after = PLACES[place]
    (tmp_path / "x.py").write_text(before)
    start = before.index("HERE")
    where = Location("x.py", before[:start].count("\n") + 1, 0, 1, Span(start, start + 4))
    made = marker(CodeTree(tmp_path), where, "MIG1", "why")
    if after is None:
        assert made is None
    else:
        assert made is not None
        assert apply_edits(before.encode(), [Edit("x.py", *made)]).decode() == after


FILES = {
    "Procfile": "# TODO(migrate MIG1): Why.\nHERE\n",
    "compose.yml": "# TODO(migrate MIG1): Why.\nHERE\n",
    "data.json": None,
    "notes.md": None,
}


@pytest.mark.parametrize("name", FILES)
def test_files_of_other_kinds(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("HERE\n")
    made = marker(CodeTree(tmp_path), Location(name, 1, 0, 1, Span(0, 4)), "MIG1", "why")
    after = FILES[name]
    assert (made is None) == (after is None)
    if made is not None:
        assert apply_edits(b"HERE\n", [Edit(name, *made)]).decode() == after
