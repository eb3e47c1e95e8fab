"""What a call calls, where the grammar takes more than that for its callee."""

from __future__ import annotations

import pytest

from migrator.syntax.source import parse
from migrator.syntax.tree import callee_of, walk


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
