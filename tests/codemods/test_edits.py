"""Edits in memory: every byte outside them kept, and nothing applied that would damage a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.codemods.changes import ChangeSet, Decision, Edit
from migrator.codemods.edits import apply_edits
from migrator.errors import MigratorError
from migrator.jobs import Location, Span

BOM = b"\xef\xbb\xbf"


def edit(start: int, end: int, text: str, path: str = "a.py", group: str = "") -> Edit:
    return Edit(path, Span(start, end), text, group)


def apply(data: bytes, *edits: Edit, decisions: tuple[Decision, ...] = ()) -> bytes:
    of_file = ChangeSet(source="a", target="b", edits=edits).by_file()
    return apply_edits(data, next(iter(of_file.values())), decisions)


def test_replace_insert_and_delete() -> None:
    assert apply(b"one two three", edit(0, 3, "1"), edit(4, 4, "and "), edit(7, 13, "")) == b"1 and two"


def test_order_of_the_edits_does_not_matter() -> None:
    assert apply(b"abc", edit(2, 3, "C"), edit(0, 1, "A")) == b"AbC"


def test_insertions_at_one_point_keep_their_order() -> None:
    assert apply(b"ab", edit(1, 1, "3"), edit(1, 1, "1"), edit(1, 1, "2")) == b"a312b"


def test_an_insertion_stands_before_a_replacement_that_starts_there_and_after_one_that_ends_there() -> None:
    assert apply(b"abcd", edit(1, 3, "X"), edit(1, 1, "<"), edit(3, 3, ">")) == b"a<X>d"


def test_identical_edits_count_once() -> None:
    assert (
        apply(b"ab", edit(1, 1, "import x\n", group="f"), edit(1, 1, "import x\n", group="g"), edit(0, 1, "c"), edit(0, 1, "c"))
        == b"cimport x\nb"
    )


def decision(name: str, start: int, end: int, line: int = 1) -> Decision:
    where = Location("a.py", line, 0, line, Span(start, end))
    return Decision(kind="enqueue", name=name, location=where, safety="safe", outcome="rewritten", summary="Done.", group=name)


@pytest.mark.parametrize("spans", [((0, 5), (4, 8)), ((0, 8), (2, 4)), ((0, 8), (3, 3)), ((0, 5), (0, 4))])
def test_overlapping_edits_name_both_decisions(spans: tuple[tuple[int, int], tuple[int, int]]) -> None:
    edits = [edit(start, end, text, group=text) for (start, end), text in zip(spans, ("send", "mail"), strict=True)]
    with pytest.raises(MigratorError, match=r"same text: enqueue '(send|mail)'.* and enqueue '(send|mail)'") as error:
        apply(b"0123456789", *edits, decisions=(decision("send", 0, 9), decision("mail", 0, 9)))
    assert "'send'" in str(error.value)
    assert "'mail'" in str(error.value)
    assert error.value.place == "a.py:1"


def test_overlapping_edits_without_a_decision_name_their_lines() -> None:
    with pytest.raises(MigratorError, match=r"an edit \(line 1\) and an edit \(line 2\)"):
        apply(b"one\ntwo\nthree\n", edit(0, 6, "x"), edit(4, 7, "y"))


@pytest.mark.parametrize("span", [(-1, 2), (0, 11), (11, 11), (5, 4)])
def test_a_span_outside_the_file_is_an_error(span: tuple[int, int]) -> None:
    with pytest.raises(MigratorError, match="outside the file"):
        apply(b"0123456789", edit(*span, "x"))


def test_text_takes_the_newlines_of_the_file() -> None:
    assert apply(b"a\r\nb\r\n", edit(3, 3, "x\ny\n")) == b"a\r\nx\r\ny\r\nb\r\n"
    assert apply(b"a\r\nb\r\nc\n", edit(3, 3, "x\n")) == b"a\r\nx\r\nb\r\nc\n", "what most lines have"
    assert apply(b"a\nb\nc\r\n", edit(2, 2, "x\r\n")) == b"a\nx\nb\nc\r\n", "text that was copied from elsewhere"
    assert apply(b"ab", edit(1, 1, "\n")) == b"a\nb"


def test_no_final_newline_stays_so() -> None:
    assert apply(b"a\nb", edit(0, 1, "c")) == b"c\nb"


def test_the_byte_order_mark_stays_first() -> None:
    assert apply(BOM + b"a", edit(0, 0, "x\n")) == BOM + b"x\na"
    assert apply(BOM + b"ab", edit(0, 4, "x")) == BOM + b"xb"
    assert apply(BOM + b"ab", edit(3, 4, "x")) == BOM + b"xb"
    assert apply(BOM + b"ab", edit(0, 0, "x"), edit(3, 4, "y")) == BOM + b"xyb"


def test_text_takes_the_declared_encoding_of_a_python_file() -> None:
    latin = "# -*- coding: latin-1 -*-\nname = 'café'\n".encode("latin-1")
    assert apply(latin, edit(len(latin), len(latin), "more = 'thé'\n")) == latin + "more = 'thé'\n".encode("latin-1")


def test_text_is_utf8_in_other_files() -> None:
    assert apply("é".encode(), edit(2, 2, "→", path="a.ts")) == "é→".encode()


@pytest.mark.parametrize(("data", "path"), [(b"# coding: latin-1\n", "a.py"), (b"caf\xe9\n", "a.ts"), (b"# coding: nonsense\n", "a.py")])
def test_text_that_the_file_cannot_hold_is_an_error(data: bytes, path: str) -> None:
    with pytest.raises(MigratorError, match="cannot write '→'"):
        apply(data, edit(0, 0, "→", path=path))


def test_ascii_goes_into_a_file_of_unknown_encoding() -> None:
    assert apply(b"caf\xe9\n", edit(0, 0, "x ", path="a.ts")) == b"x caf\xe9\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_edited_where_the_scan_saw_it_and_stays_utf16(encoding: str) -> None:
    def wide(text: str) -> bytes:
        return ("\ufeff" + text).encode(encoding)

    read = "é = 1;\r\nb;\r\n".encode()
    at = read.index(b"b;")
    assert apply(wide("é = 1;\r\nb;\r\n"), edit(at, at + 1, "c;\n→", path="a.ts")) == wide("é = 1;\r\nc;\r\n→;\r\n")


def test_broken_utf16_is_refused() -> None:
    with pytest.raises(MigratorError, match="not the UTF-16 text"):
        apply(b"\xff\xfea", edit(0, 0, "x", path="a.ts"))


@given(
    data=st.binary(max_size=80).map(lambda b: b.replace(b"\r", b"")),
    cuts=st.lists(st.integers(0, 80), max_size=12),
    text=st.text("ab\n", max_size=5),
)
def test_every_byte_outside_the_edits_is_kept(data: bytes, cuts: list[int], text: str) -> None:
    points = sorted(min(c, len(data)) for c in cuts)
    spans = list(zip(points[::2], points[1::2], strict=False))
    edits = [edit(start, end, text, path="a.txt") for start, end in dict.fromkeys(spans)]
    if data.startswith((BOM, b"\xff\xfe", b"\xfe\xff")) or not edits:
        return
    expected, rest = b"", 0
    for start, end in dict.fromkeys(spans):
        expected += data[rest:start] + text.encode()
        rest = end
    assert apply(data, *reversed(edits)) == expected + data[rest:]
