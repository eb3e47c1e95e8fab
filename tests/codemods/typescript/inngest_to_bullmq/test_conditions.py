"""Conditions of triggers as JavaScript: they decide about every event as Inngest's server does, or are refused."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.codemods.rendering import render
from migrator.codemods.typescript.inngest_to_bullmq.conditions import UntranslatableError, guard, path
from migrator.codemods.typescript.plain_javascript import erase_types
from migrator.servers import node
from tests.doubles.inngest.expressions import holds

NAMES = ("a", "b", "a-b")
NUMBERS = st.sampled_from(["0", "1", "-1", "2.5", "10"])
TEXTS = st.sampled_from(['"x"', "'y'", '""'])
PATHS = st.sampled_from(["event.data.a", "event.data.b", "event.data.a.b", 'event.data["a-b"]', "event.user.a", "event.name", "event.data"])
LITERALS = st.one_of(NUMBERS, TEXTS, st.sampled_from(["true", "false", "null"]))
LISTS = st.lists(st.one_of(NUMBERS, TEXTS, st.just("true")), max_size=3).map(lambda items: f"[{', '.join(items)}]")
COMPARISONS = st.one_of(
    st.tuples(PATHS, st.sampled_from(["==", "!="]), LITERALS).map(" ".join),
    st.tuples(LITERALS, st.sampled_from(["==", "!="]), PATHS).map(" ".join),
    st.tuples(PATHS, st.sampled_from(["<", "<=", ">", ">="]), NUMBERS).map(" ".join),
    st.tuples(NUMBERS, st.sampled_from(["<", "<=", ">", ">="]), PATHS).map(" ".join),
    st.tuples(PATHS, st.just("in"), LISTS).map(" ".join),
)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(" ".join), inner.map(lambda c: f"({c})"), inner.map(lambda c: f"!({c})")
    ),
    max_leaves=4,
)
#: booleans are not among what is put in order: the server calls that an error, the double compares them as numbers
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(-2, 11), st.sampled_from([2.5, -1.0]), st.sampled_from(["x", "y", "", "1"])),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=2),
    max_leaves=4,
)
EVENTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["x", "a/b"]), "data": st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3)},
    optional={"user": st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2)},
)


def decided(cases: list[tuple[str, dict[str, Any]]]) -> list[bool]:
    """What the guards of conditions say of events, in Node."""
    lines = [f"(event) => {guard(condition)}" for condition, _ in cases]
    program = (
        erase_types(render("bullmq_compare.ts"))
        + f"const guards = [{', '.join(lines)}];\nconst events = {json.dumps([e for _, e in cases])};\n"
        + "console.log(JSON.stringify(guards.map((guard, index) => guard(events[index]))));\n"
    )
    done = subprocess.run([node().executable, "--input-type=module"], input=program, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.tuples(CONDITIONS, EVENTS), min_size=20, max_size=60))
def test_guards_decide_as_the_server_does(cases: list[tuple[str, dict[str, Any]]]) -> None:
    found = decided(cases)
    expected = [holds(condition, {"event": event}) for condition, event in cases]
    assert [(*c, f) for c, f in zip(cases, found, strict=True)] == [(*c, e) for c, e in zip(cases, expected, strict=True)]


@pytest.mark.parametrize("value", [True, False])
def test_booleans_are_equal_to_nothing_else(value: bool) -> None:
    event = {"name": "x", "data": {"a": value}}
    conditions = ["event.data.a == true", "event.data.a == 1", "event.data.a == 0", "event.data.a in [1, 0]", "event.data.a in [true]"]
    assert decided([(c, event) for c in conditions]) == [value, False, False, False, value]


@pytest.mark.parametrize(
    "condition",
    [
        "event.data.a",
        "true",
        "!event.data.a",
        "event.data.a && event.data.b",
        "event.data.a == event.data.b",
        "event.data.a + 1 == 2",
        "event.data.a == 1 ? true : false",
        "event.data.a.size() == 1",
        "size(event.data.a) == 1",
        "event.data.a.startsWith('x')",
        "event.data.a.matches('x')",
        "has(event.data.a)",
        "event.data.a > 'x'",
        "event.data.a >= true",
        "event.data.a in event.data.b",
        "'x' in event.data.a",
        "event.data.a[0] == 1",
        "event.data.a.length == 1",
        "event.data.a in [null]",
        "event.data.a == 1u",
        "event.data.a == 0x1",
        "event.data.a == 1e3",
        "event.data.a == r'x'",
        "event.data.a == 'it\\'s'",
        "event.data.a == `x`",
        "event.data.a == 1 && ",
        "(event.data.a == 1",
        "async.data.a == 1",
        "event.unknown.a == 1",
        "now() > event.ts",
        "steps.a == 1",
        "event.data.a == -event.data.b",
        "event.data.a == 'x' // comment",
        "",
    ],
)
def test_everything_else_is_refused(condition: str) -> None:
    with pytest.raises(UntranslatableError):
        guard(condition)


@pytest.mark.parametrize(
    "key", ["event.data.a + event.data.b", "'x'", "event.data.a == 1", "event.data.a[0]", "event", "string(event.data.a)", ""]
)
def test_keys_are_one_field(key: str) -> None:
    with pytest.raises(UntranslatableError):
        path(key)
    assert path('event.data["a-b"].c') == 'event.data?.["a-b"]?.c'
