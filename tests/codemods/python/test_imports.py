"""Import lines, and the blank lines around what goes."""

from __future__ import annotations

import pytest

from migrator.codemods.changes import Edit
from migrator.codemods.edits import apply_edits
from migrator.codemods.python.blank_lines import close_gaps
from migrator.codemods.python.imports import add_imports, drop_unused, imported_names, remove_names, whole_lines
from migrator.jobs import Span
from migrator.syntax.source import parse


def edited(text: str, pieces: list[tuple[Span, str]]) -> str:
    edits = sorted((Edit("x.py", where, new) for where, new in pieces), key=lambda e: (e.span.start, e.span.end))
    return apply_edits(text.encode(), edits).decode()


def added(text: str, *lines: str) -> str:
    return edited(text, add_imports(parse("x.py", text.encode()), lines, lambda module: module.startswith("shop")))


ADDED = {
    "beside its like": ("import os\nimport sys\n", ("import re",), "import os\nimport re\nimport sys\n"),
    "after the standard library": ("import os\n\nx = 1\n", ("import dramatiq",), "import os\n\nimport dramatiq\n\nx = 1\n"),
    "before the project's own": ("from shop import a\n", ("import dramatiq",), "import dramatiq\n\nfrom shop import a\n"),
    "plain before from": ("from celery import x\n", ("import dramatiq",), "import dramatiq\nfrom celery import x\n"),
    "among the project's own": (
        "from shop.a import x\nfrom shop.z import y\n",
        ("from shop.m import n",),
        "from shop.a import x\nfrom shop.m import n\nfrom shop.z import y\n",
    ),
    "behind the docstring": ('"""Doc."""\n\nx = 1\n', ("import dramatiq",), '"""Doc."""\n\nimport dramatiq\n\nx = 1\n'),
    "first of all": ("x = 1\n", ("import dramatiq",), "import dramatiq\n\nx = 1\n"),
    "behind the future": (
        "from __future__ import annotations\n\nx = 1\n",
        ("import dramatiq",),
        "from __future__ import annotations\n\nimport dramatiq\n\nx = 1\n",
    ),
    "not among imports further down": (
        "import os\n\nx = 1\n\nimport late\n",
        ("import dramatiq",),
        "import os\n\nimport dramatiq\n\nx = 1\n\nimport late\n",
    ),
}


@pytest.mark.parametrize("case", ADDED)
def test_new_imports_stand_where_they_belong(case: str) -> None:
    before, lines, after = ADDED[case]
    assert added(before, *lines) == after


def dropped(text: str, gone: str) -> str:
    source = parse("x.py", text.encode())
    start = text.encode().rindex(gone.encode())
    piece = (Span(start, start + len(gone.encode())), "None")
    return edited(text, [piece, *drop_unused(source, [piece], imported_names(source))])


DROPPED = {
    "whole": ("import a\na.x\n", "a.x", "None\n"),
    "one of several": ("from m import a, b, c\na, c\nb.x\n", "b.x", "from m import a, c\na, c\nNone\n"),
    "last of several": ("from m import a, b\na\nb.x\n", "b.x", "from m import a\na\nNone\n"),
    "over lines": ("from m import (\n    a,\n    b,\n)\na\nb.x\n", "b.x", "from m import (\n    a,\n)\na\nNone\n"),
    "alias": ("import a as b\nb.x\n", "b.x", "None\n"),
}


@pytest.mark.parametrize("case", DROPPED)
def test_what_became_unused_goes(case: str) -> None:
    before, gone, after = DROPPED[case]
    assert dropped(before, gone) == after


KEPT = {
    "still used": ("import a\na.x\na.y\n", "a.x"),
    "never used": ("import a\nb.x\n", "b.x"),
    "offered": ("from m import a\n__all__ = ['a']\na.x\n", "a.x"),
    "in an annotation": ("from m import a\nx: 'a'\na.x\n", "a.x"),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_is_used_or_never_was_stays(case: str) -> None:
    before, gone = KEPT[case]
    assert dropped(before, gone) == "None".join(before.rsplit(gone, 1))


def test_names_are_taken_out_of_an_import() -> None:
    text = "from m import a, b\nimport c\n"
    source = parse("x.py", text.encode())
    parts = [i for i in imported_names(source) if i.name in ("a", "c")]
    assert edited(text, remove_names(source, parts)) == "from m import b\n"


def test_a_statement_that_shares_its_line_has_no_lines() -> None:
    source = parse("x.py", b"a = 1; b = 2\nc = 3  # why\n")
    statements = source.root.named_children
    assert whole_lines(source, statements[0]) is None
    assert whole_lines(source, statements[-2]) == Span(13, 26)


GAPS = {
    "between": ("a\n\nX\n\nb\n", "a\n\nb\n"),
    "functions": ("a\n\nX\n\n\ndef b(): pass\n", "a\n\n\ndef b(): pass\n"),
    "next to each other": ("a\n\nX\n\nX\n\n\nb\n", "a\n\n\nb\n"),
    "at the end": ("a\n\n\nX\n", "a\n"),
    "at the head": ("X\n\n\na\n", "a\n"),
    "no gap": ("a\nX\nb\n", "a\nb\n"),
}


@pytest.mark.parametrize("case", GAPS)
def test_gaps_close(case: str) -> None:
    before, after = GAPS[case]
    data = before.encode()
    spans = [Span(n, n + 2) for n in range(len(data)) if data[n : n + 2] == b"X\n"]
    pieces = [(s, "") for s in (*spans, *close_gaps(data, spans, ()))]
    assert edited(before, pieces) == after
