"""SQL's lexical structure: what is a text, what is a name, what is a comment."""

from __future__ import annotations

import pytest

from migrator.scanners.sql.statements import bodies, calls, text_of
from migrator.scanners.sql.tokens import tokens

FORMS = {
    "words fold to lower case": ("SELECT Cron", [("word", "select"), ("word", "cron")]),
    "quoted names do not": ('"Cron" "a""b"', [("word", "Cron"), ("word", 'a"b')]),
    "texts": ("'it''s'", [("text", "it's")]),
    "escapes": (r"E'a\'b\n'", [("text", "a'b\n")]),
    "backslashes are plain": (r"'a\' x", [("text", "a\\"), ("word", "x")]),
    "dollar quotes": ("$$a 'b' $$", [("text", "a 'b' ")]),
    "tagged dollar quotes hold others": ("$x$ $$a$$ $x$", [("text", " $$a$$ ")]),
    "parameters are no quotes": ("$1 $2", [("symbol", "$"), ("number", "1"), ("symbol", "$"), ("number", "2")]),
    "line comments": ("a -- 'b\nc", [("word", "a"), ("word", "c")]),
    "nested comments": ("a /* b /* c */ d */ e", [("word", "a"), ("word", "e")]),
    "a comment in a text": ("'-- no'", [("text", "-- no")]),
    "operators of two": ("a := b => c || d::text", [("word", "a"), ("symbol", ":="), ("word", "b"), ("symbol", "=>"), ("word", "c"),
                         ("symbol", "||"), ("word", "d"), ("symbol", "::"), ("word", "text")]),
    "no end": ("'open", [("symbol", "'"), ("word", "open")]),
    "dollar without end": ("$$open", [("text", "open")]),
    "comment without end": ("a /* b", [("word", "a")]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_tokens(form: str) -> None:
    text, expected = FORMS[form]
    assert [(t.kind, t.value) for t in tokens(text)] == expected


def test_offsets_lead_back_to_the_text() -> None:
    text = "select /* x */ cron.schedule('a', $b$ select 1 $b$)"
    found = list(tokens(text))
    assert [text[t.start : t.end] for t in found][:4] == ["select", "cron", ".", "schedule"]
    inner = next(t for t in found if t.inner >= 0)
    assert text[inner.inner : inner.inner + len(inner.value)] == " select 1 "


def test_a_call_in_a_block_in_a_function() -> None:
    text = "create function f() returns void as $f$ begin do $$ begin perform a.b('x' || 'y', n := 1); end $$; end $f$ language plpgsql;"
    found = [(body.function, call) for body, statement in bodies(text) for call in calls(body, statement, frozenset({"a.b"}))]
    assert [f for f, _ in found] == ["f"]
    call = found[0][1]
    assert text[call.at.start : call.end] == "a.b('x' || 'y', n := 1)"
    assert text_of(call.arguments[0], {}) == "xy"
    assert [t.value for t in call.arguments["n"]] == ["1"]
