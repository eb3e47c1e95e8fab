"""What a call calls, where the grammar takes more than that for its callee; whose value a function is handed."""

from __future__ import annotations

import pytest

from migrator.syntax.source import parse
from migrator.syntax.tree import callee_of, promise_of, walk


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("queue.add('x')", b"queue.add"),
        ("await queue.add<T>('x')", b"queue.add"),
        ("void queue.add<T>('x')", b"queue.add"),
        ("void queue.add<T>('x').catch(log)", b"queue.add"),
        ("(void queue.add)('x')", b"queue.add"),
        ("new Queue<T>('x')", b"Queue"),
        ("!queue.add<T>('x')", b"!queue.add"),
    ],
)
def test_callee(code: str, called: bytes) -> None:
    (*_, call) = walk(parse("a.ts", code.encode()).root, ("call_expression", "new_expression"))
    callee = callee_of(call)
    assert callee is not None
    assert callee.text == called


@pytest.mark.parametrize(
    ("code", "promise"),
    [
        ("function f(x) {}\nopen().then(f)", "open()"),
        ("function f(x) {}\nopen().then(first)", None),
        ("function $f(x) {}\nopen().then($f, stop)", "open()"),
        ("const f = (x) => {}\nopen().then(f)\nother().then(f)", "open()"),
        ("function f(x) {}\nopen().finally(f)", None),
    ],
)
def test_what_a_function_is_handed_by_then(code: str, promise: str | None) -> None:
    source = parse("a.js", code.encode())
    (function,) = walk(source.root, ("function_declaration", "arrow_function"))
    found = promise_of(function, source.data)
    assert (source.text(found) if found is not None else None) == promise
