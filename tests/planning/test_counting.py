"""Sums of products of sizes, and up to which size they fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migrator.planning.counting import NONE, Count, name, number

N, P = name("n"), name("p")
#: routing all chunks in one step, and a step of routing for each chunk
ROUTE_ALL, ROUTE_EACH = N * P + number(4), N * (P + number(1)) + number(3)

counts = st.lists(st.tuples(st.integers(1, 9), st.lists(st.sampled_from("abc"), max_size=3)), min_size=1, max_size=4).map(
    lambda terms: sum((times(often, names) for often, names in terms), NONE)
)


def times(often: int, names: list[str]) -> Count:
    product = number(often)
    for size in names:
        product *= name(size)
    return product


def test_the_worked_example() -> None:
    assert str(ROUTE_ALL) == "n·p + 4"
    assert str(ROUTE_EACH) == "n·p + n + 3"
    assert ROUTE_ALL.value({"n": 200, "p": 4}) == 804
    assert ROUTE_EACH.value({"n": 200, "p": 4}) == 1_003
    assert ROUTE_EACH.value({"n": 50, "p": 4}) == 253
    assert ROUTE_ALL.most("n", 1_000, {"p": 4}) == 249
    assert ROUTE_EACH.most("n", 1_000, {"p": 4}) == 199
    assert ROUTE_EACH.most("p", 1_000, {"n": 200}) == 3


def test_what_is_not_given_is_not_known() -> None:
    assert ROUTE_ALL.value({"n": 200}) is None
    assert ROUTE_ALL.most("n", 1_000, {}) is None
    assert ROUTE_ALL.most("q", 1_000, {"n": 1, "p": 1}) is None
    assert ROUTE_ALL.names == ("n", "p")
    assert number(7).names == ()


def test_where_nothing_fits_and_where_everything_does() -> None:
    assert (N + number(1_001)).most("n", 1_000, {}) == -1
    assert (N * P).most("n", 1_000, {"p": 0}) is None
    assert (N + number(1_000)).most("n", 1_000, {}) == 0


def test_nothing_at_all() -> None:
    assert str(NONE) == "0"
    assert NONE.value({}) == 0
    assert number(0) == NONE
    assert N * NONE == NONE


@given(counts, counts)
def test_order_does_not_matter(one: Count, other: Count) -> None:
    assert one + other == other + one
    assert one * other == other * one
    sizes = {"a": 2, "b": 3, "c": 5}
    first, second = one.value(sizes), other.value(sizes)
    assert first is not None
    assert second is not None
    assert (one * other).value(sizes) == first * second
    assert (one + other).value(sizes) == first + second


@given(counts, st.integers(0, 2_000), st.integers(0, 20))
def test_one_more_than_the_most_is_too_many(count: Count, limit: int, given_size: int) -> None:
    others = dict.fromkeys("abc", given_size)
    for size in count.names:
        most = count.most(size, limit, others)
        if most is None:
            continue
        beyond = count.value({**others, size: most + 1})
        assert beyond is not None
        assert beyond > limit
        if most >= 0:
            within = count.value({**others, size: most})
            assert within is not None
            assert within <= limit
