"""Comments that name what a person has to change stand where a comment may stand, and only once."""

from __future__ import annotations

import pytest

from migrator.codemods.edits import apply_edits
from migrator.codemods.typescript.comments import todo
from migrator.jobs import Location, Span
from migrator.syntax.source import Source


def commented(text: str, at: str, reason: str = "it is so") -> str:
    source = Source("a.tsx", text.encode())
    start = text.encode().index(at.encode())
    where = Location("a.tsx", text[:start].count("\n") + 1, 0, 0, Span(start, start + len(at)))
    edit = todo(source, where, "MIG400", reason, "")
    return apply_edits(text.encode(), [edit], ()).decode() if edit is not None else text


MARK = "// TODO(migrate MIG400): It is so."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a;\nexport const f = g(\n  HERE,\n);\n", f"a;\n{MARK}\nexport const f = g(\n  HERE,\n);\n"),
        ("function f() {\n  return HERE;\n}\n", f"function f() {{\n  {MARK}\n  return HERE;\n}}\n"),
        ("class A {\n  f = HERE;\n}\n", f"class A {{\n  {MARK}\n  f = HERE;\n}}\n"),
        ("const a = `\n${HERE}\n`;\n", f"{MARK}\nconst a = `\n${{HERE}}\n`;\n"),
        ("const a = (\n  <p>\n    {HERE}\n  </p>\n);\n", f"{MARK}\nconst a = (\n  <p>\n    {{HERE}}\n  </p>\n);\n"),
        ("a(); HERE;\n", f"{MARK}\na(); HERE;\n"),
        ("switch (a) {\n  case 1:\n    HERE;\n}\n", f"switch (a) {{\n  case 1:\n    {MARK}\n    HERE;\n}}\n"),
    ],
)
def test_above_the_statement(before: str, after: str) -> None:
    assert commented(before, "HERE") == after
    assert commented(after, "HERE") == after


def test_a_long_reason_is_cut_at_a_word() -> None:
    line = commented("HERE;\n", "HERE", "because " * 40).splitlines()[0]
    assert len(line) <= 140
    assert line.endswith("because…")
