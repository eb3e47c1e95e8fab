"""How much is looked at to tell whether conditions hold."""

from __future__ import annotations

import pytest

from migrator.scanners.linking import conditions

#: what a function returns hangs on conditions on what it returns for two halves
HALVES = """
    from celery import shared_task

    @shared_task
    def send(): ...

    def split(terms, wanted):
        first, second, task = None, None, None
        if wanted:
            first, second = terms[:1], terms[1:]
        one, other, task = split(first, wanted)
        third, fourth, again = split(second, wanted)
        low, high = None, None
        if one or third:
            if not one:
                low = third
            elif not third:
                low = one
            else:
                low = [one, third]
        if other or fourth:
            if not other:
                high = fourth
            elif not fourth:
                high = other
            else:
                high = [other, fourth]
        if low and not high:
            task = again
        return low, high, task

    def start(terms, wanted):
        low, high, task = split(terms, wanted)
        if high or low:
            task = send
        task.delay()
"""
#: 400; over a million where a function is entered from within its own results without an end
_MANY = 2_000


def test_what_a_function_gives_of_itself_is_followed_for_a_few_steps(scan_tree, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    holds = conditions.holds

    def counted(*given: object) -> bool | None:
        nonlocal asked
        asked += 1
        return holds(*given)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(conditions, "holds", counted)
    scan_tree({"tasks.py": HALVES})
    assert 0 < asked < _MANY
