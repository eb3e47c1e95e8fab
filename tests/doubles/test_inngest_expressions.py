"""The double's conditions, against what the real server's own tests state for missing and null values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.inngest import UnsupportedExpressionError, holds

DATA: dict[str, Any] = {"n": 2, "f": 1.5, "s": "a && b", "flag": True, "zero": 0, "none": None, "list": ["x", 1], "deep": {"er": "it's"}}
VARIABLES = {"event": {"name": "a/b", "data": DATA}, "async": {"data": {"n": 2, "s": "other"}}}


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "event.data.n == 2",
        "event.data.n == 2.0",
        "event.data.n != '2'",
        "event.data.s == 'a && b'",
        'event.data.deep.er == "it\'s"',
        "event.data.deep.er == 'it\\'s'",
        "event['data'].n >= 2 && event.data.f < 2",
        "event.name == 'a/b' || event.data.nothing == 1",
        "!(event.data.n > 2)",
        "!event.data.zero",
        "event.data.n == async.data.n && event.data.s != async.data.s",
        "'x' in event.data.list && 1 in event.data.list",
        "event.data.n in [1, 2, 3]",
        "event.data.flag",
        "event.data.flag == true && event.data.none == null",
        "event.data.n > -1",
        # Precedence: && binds tighter than ||.
        "true || false && false",
        "!(false && true || false)",
        # Missing.
        "event.data.missing == null",
        "event.data.missing != 'x'",
        "event.data.missing != 0",
        "event.data.missing < 5",
        "5 > event.data.missing",
        "event.data.none.deeper.still != 'x'",
        # Null sorts as the zero value of the other side.
        "null < 5",
        "5 > null",
        "null <= 0",
        "null < 'foo'",
        "event.data.f > null",
    ],
)
def test_holds(expression: str) -> None:
    assert holds(expression, VARIABLES)


@pytest.mark.parametrize(
    "expression",
    [
        "event.data.n == '2'",
        "event.data.flag == 1",
        "event.data.missing == 'x'",
        "event.data.a == event.data.b",
        "event.data.missing != null",
        "event.data.missing > 5",
        "5 < event.data.missing",
        "event.data.missing in ['a']",
        "'x' in event.data.missing",
        "event.data.missing && true",
        "null > 0",
        "null >= 1",
        "'foo' < null",
        "event.data.s < 5",
        "(true || false) && false",
    ],
)
def test_does_not_hold(expression: str) -> None:
    assert not holds(expression, VARIABLES)


@pytest.mark.parametrize(
    "expression",
    [
        "size(event.data.list) > 0",
        "event.data.s.contains('a')",
        "event.data.n +",
        "event.data.n == 2 2",
        "a == ",
        "event.data.n = 2",
        "(true",
    ],
)
def test_what_is_not_understood_is_said(expression: str) -> None:
    with pytest.raises(UnsupportedExpressionError, match="does not understand"):
        holds(expression, VARIABLES)
