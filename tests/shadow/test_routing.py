"""Routing: the known vectors, in three languages, and what must hold for any weights."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.servers import node, postgres
from migrator.shadow.routing import BUCKETS, Split, bucket, by_percent, by_weight, route

VECTORS = {
    "article-1": 546515968,
    "article-2": 3054615251,
    "article-3": 2583926857,
    "job:42": 926749527,
    "ünïcode-键": 2781801606,
    "": 646732493,
}
names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
weights = st.lists(st.integers(1, 1000), min_size=1, max_size=8).map(lambda ws: [(f"arm{i}", w) for i, w in enumerate(ws)])


@pytest.mark.parametrize("key", VECTORS)
def test_vectors(key: str) -> None:
    assert bucket("exp1", "import_article", key) == VECTORS[key]


@pytest.mark.parametrize(
    ("given_weights", "cuts"),
    [((33, 33, 33), (1431655765, 2863311530, 4294967296)), ((34, 33, 33), (1460288880, 2877628088, 4294967296)), ((1,), (4294967296,))],
)
def test_cut_points(given_weights: tuple[int, ...], cuts: tuple[int, ...]) -> None:
    assert by_weight([(str(i), w) for i, w in enumerate(given_weights)]).cuts == cuts


@pytest.mark.behaviour
def test_node_gives_the_same_buckets(tmp_path) -> None:
    script = (
        "const {createHash}=require('node:crypto');"
        "const keys=JSON.parse(process.argv[1]);"
        "console.log(JSON.stringify(keys.map(k=>createHash('sha256').update('exp1\\x1fimport_article\\x1f'+k,'utf8').digest().readUInt32BE(0))))"
    )
    said = node().run(["-e", script, json.dumps(list(VECTORS))], folder=tmp_path).stdout
    assert json.loads(said) == list(VECTORS.values())


@pytest.mark.behaviour
def test_postgres_gives_the_same_buckets() -> None:
    import psycopg

    with postgres() as url, psycopg.connect(url) as connection:
        for key, expected in VECTORS.items():
            text = f"exp1\x1fimport_article\x1f{key}"
            sql = "SELECT ('x' || encode(substring(sha256(convert_to(%s, 'UTF8')) FROM 1 FOR 4), 'hex'))::bit(32)::bigint & 4294967295"
            assert connection.execute(sql, (text,)).fetchone() == (expected,)


@given(weights, names, names, names)
def test_every_unit_has_exactly_one_arm_and_keeps_it(ws: list[tuple[str, int]], salt: str, job: str, unit: str) -> None:
    split = by_weight(ws)
    decision = route(split, salt, job, unit)
    owners = [arm for arm in split.arms for first, end in split.ranges(arm) if first <= decision.bucket < end]
    assert owners == [decision.arm]
    assert route(split, salt, job, unit) == decision


@given(weights)
def test_shares_are_the_weights_to_within_one_bucket(ws: list[tuple[str, int]]) -> None:
    split = by_weight(ws)
    total = sum(w for _, w in ws)
    assert split.cuts[-1] == BUCKETS
    for arm, weight in ws:
        ((first, end),) = split.ranges(arm)
        assert abs(Fraction(end - first) - Fraction(BUCKETS * weight, total)) <= 1


@given(weights)
def test_scaling_all_weights_changes_nothing(ws: list[tuple[str, int]]) -> None:
    assert by_weight([(arm, w * 7) for arm, w in ws]) == by_weight(ws)


@given(st.integers(0, 2**32 - 1))
def test_boundaries(value: int) -> None:
    split = by_weight([("a", 1), ("b", 2)])
    assert split.owner(value) == ("a" if value < split.cuts[0] else "b")


def test_parts_of_the_key_do_not_run_into_each_other() -> None:
    assert bucket("a", "bc", "d") != bucket("ab", "c", "d")
    assert bucket("a", "b", "cd") != bucket("a", "bc", "d")


def test_salts_are_independent() -> None:
    split = by_weight([("a", 1), ("b", 1)])
    both = sum(route(split, "x", "j", str(i)).arm == route(split, "y", "j", str(i)).arm == "a" for i in range(20_000))
    assert 0.24 < both / 20_000 < 0.26


def test_percent_with_rest() -> None:
    split = by_percent([("old", Fraction(0)), ("new", Fraction("2.5"))], rest="old")
    assert split.share("new") == pytest.approx(0.025, abs=1e-9)
    assert split.share("old") == pytest.approx(0.975, abs=1e-9)


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        (("33", "33", "33"), "the percentages total 99: 1 % of the jobs would be in no arm"),
        (("33.3", "33.3", "33.3"), "the percentages total 99.9: 0.1 % of the jobs would be in no arm"),
        (("60", "50"), "the percentages total 110, which is 10 % too much"),
    ],
)
def test_percentages_that_do_not_add_up(shares: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        by_percent([(str(i), Fraction(s)) for i, s in enumerate(shares)])
    assert str(caught.value) == sentence


def test_an_arm_with_no_share_gets_nothing() -> None:
    split = by_percent([("a", Fraction(100)), ("b", Fraction(0))])
    assert split == Split(("a", "b"), (BUCKETS, BUCKETS))
    assert {split.owner(0), split.owner(BUCKETS - 1)} == {"a"}
