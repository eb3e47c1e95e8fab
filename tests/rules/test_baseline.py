"""What was there before does not count, what is new does, and what is mended is told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import MigratorError
from migrator.jobs.findings import Check, Finding, Spot
from migrator.rules.baseline import SCHEMA, Comparison, compare, read, record
from migrator.rules.fingerprints import Identity


def one(rule: str = "JOB105", path: str = "a.py", symbol: str = "send", *marks: str, line: int = 1) -> Finding:
    """A finding with a place for each mark; they stand in `fix`, where nobody else looks."""
    marks = marks or ("x",)
    others = tuple(Spot(path, line + n) for n in range(1, len(marks)))
    return Finding(rule, rule.lower(), "high", "certain", path, line, "Wrong.", " ".join(marks), symbol=symbol, others=others)


def known(findings: Sequence[Finding]) -> dict[Finding, tuple[Identity, ...]]:
    """JOB402 is about a system as a whole."""
    whole = (Identity("", "", "whole"),)
    return {f: whole if f.id == "JOB402" else tuple(Identity(f.path, f.symbol, mark) for mark in f.fix.split()) for f in findings}


def against(
    before: Sequence[Finding], now: Sequence[Finding], *, states: dict[str, str] | None = None, files: tuple[str, ...] = ("a.py", "b.py")
) -> Comparison:
    # What is not known, and what is known of some places alone, has a reason.
    told = [(rule, *state.split(": ")) for rule, state in (states or dict.fromkeys(("JOB105", "JOB101", "JOB402"), "fail")).items()]
    checks = [Check(rule, rule, *state) for rule, *state in told]  # type: ignore[arg-type]
    return compare(record(known(before)), known(now), checks, name="b.json", root=Path("/nowhere"), files=frozenset(files))


def test_lines_do_not_matter() -> None:
    said = against([one()], [one(line=90)])
    assert said.new == ()
    assert [(s.by, s.path, s.finding.line) for s in said.known] == [("baseline", "b.json", 90)]
    assert (said.told.known, said.told.new, said.told.mended) == (1, 0, ())


@pytest.mark.parametrize("now", [one(rule="JOB101"), one(path="b.py"), one(symbol="other")])
def test_another_rule_file_or_symbol_is_new(now: Finding) -> None:
    said = against([one()], [now])
    assert said.new == (now,)
    assert [(m.rule, m.path, m.symbol, m.number) for m in said.told.mended] == [("JOB105", "a.py", "send", 1)]
    assert said.pruned.findings == ()


def test_an_edited_line_in_the_same_symbol_is_not_new_but_one_more_is() -> None:
    edited, more = one("JOB105", "a.py", "send", "y"), one("JOB105", "a.py", "send", "z", line=2)
    assert against([one()], [edited]).new == ()
    assert [f.fix for f in against([one()], [one(), more]).new] == ["z"]
    # Of two that are not known by their fingerprints the first takes the place.
    assert [f.fix for f in against([one()], [edited, more]).new] == ["z"]


def test_the_same_line_twice_is_two() -> None:
    twice = one(line=9)
    assert against([one()], [one(), twice]).new == (twice,)
    assert against([one(), twice], [one(), twice]).new == ()


def test_of_one_with_many_places_only_new_places_are_new() -> None:
    before = one("JOB105", "a.py", "send", "p", "q", "r")
    assert against([before], [before]).new == ()
    # The first of them is mended: what is left is no news.
    said = against([before], [one("JOB105", "a.py", "send", "q", "r", line=2)])
    assert (said.new, [m.number for m in said.told.mended]) == ((), [1])
    (grown,) = against([before], [one("JOB105", "a.py", "send", "o", "p", "q", "r", line=5)]).new
    # The edited line might be any of four: the last that nothing is left for.
    assert (grown.line, grown.others, grown.fingerprint) == (5, (), "o")
    assert grown.message == "Wrong. 3 of the places were known before."
    both = against([one("JOB105", "a.py", "send", "p")], [one("JOB105", "a.py", "send", "p", "q", "r")])
    assert [(s.finding.line, s.finding.others) for s in both.known] == [(1, ())]
    assert [(f.line, len(f.others)) for f in both.new] == [(2, 1)]


def test_what_is_wrong_with_a_system_as_a_whole_may_have_more_examples() -> None:
    now = one("JOB402", "0.py", "", *"abcdefghi")
    said = against([one("JOB402")], [now])
    assert (said.new, [s.finding for s in said.known]) == ((), [now])
    assert against([], [now]).new == (now,)


@pytest.mark.parametrize(
    ("states", "files", "mended"),
    [
        ({"JOB105": "pass"}, ("a.py",), True),
        ({"JOB105": "not-applicable"}, ("a.py",), True),
        ({"JOB105": "unknown: it depends"}, ("a.py",), False),
        ({"JOB105": "fail"}, ("a.py",), True),
        ({"JOB105": "fail: elsewhere it depends"}, ("a.py",), False),
        ({}, ("a.py",), False),
        ({"JOB105": "pass"}, (), True),
    ],
)
def test_mended_is_only_what_was_looked_at(states: dict[str, str], files: tuple[str, ...], mended: bool) -> None:
    said = against([one()], [], states=states or {"JOB101": "pass"}, files=files)
    assert bool(said.told.mended) == mended
    assert bool(said.pruned.findings) != mended


def test_a_file_that_was_left_out_is_not_mended(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    checks = [Check("JOB105", "x", "pass")]
    said = compare(record(known([one()])), {}, checks, name="b", root=tmp_path, files=frozenset())
    assert said.told.mended == ()


def test_a_rule_that_is_gone_can_be_taken_out() -> None:
    assert [m.rule for m in against([one("JOB999")], []).told.mended] == ["JOB999"]


finding = st.builds(
    lambda rule, path, symbol, marks, line: one(rule, path, symbol, *marks, line=line),
    st.sampled_from(["JOB105", "JOB101", "JOB402"]),
    st.sampled_from(["a.py", "b.py"]),
    st.sampled_from(["", "send"]),
    st.lists(st.sampled_from("xyz"), min_size=1, max_size=3),
    st.integers(1, 3),
)
several = st.lists(finding, max_size=6, unique=True)


@given(several, several)
def test_every_place_is_either_known_or_new_and_pruning_changes_nothing_else(before: list[Finding], now: list[Finding]) -> None:
    said = against(before, now)

    def places(findings: Iterable[Finding]) -> Counter[tuple[str, str, int]]:
        return Counter((f.id, spot.path, spot.line) for f in findings for spot in f.places)

    assert places(s.finding for s in said.known) + places(said.new) == places(now)
    assert against(now, now).new == ()
    again = compare(said.pruned, known(now), [], name="b.json", root=Path("/nowhere"), files=frozenset())
    assert (again.known, again.new) == (said.known, said.new)
    listed = sum(sum(e.known.values()) for e in record(known(before)).findings)
    assert listed == sum(sum(e.known.values()) for e in said.pruned.findings) + sum(m.number for m in said.told.mended)


def test_the_file_reads_back_and_is_sorted(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    findings = [one(path="b.py"), one(), one("JOB101", "a.py", "send", "q", "p", "q")]
    file.write_text(record(known(findings)).text())
    assert read(file) == record(known(findings[::-1]))
    assert file.read_text() == record(known(findings[::-1])).text()
    assert json.loads(file.read_text())["findings"][0] == {"rule": "JOB101", "path": "a.py", "symbol": "send", "known": {"p": 1, "q": 2}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{\n "schema": 1,\n oops', ":3: this is not JSON"),
        ("[" * 100_000, "b.json"),
        ("[]", "it has no `schema`"),
        ('{"findings": []}', "it has no `schema`"),
        ('{"schema": "migrator.audit/1", "findings": []}', f'not "{SCHEMA}"'),
        (f'{{"schema": "{SCHEMA}"}}', "missing required field `findings`"),
        (
            f'{{"schema": "{SCHEMA}", "findings": [{{"rule": "JOB1", "path": "a", "symbol": "", "known": {{"x": "1"}}}}]}}',
            "$.findings[0].known",
        ),
        (f'{{"schema": "{SCHEMA}", "findings": [], "more": 1}}', "unknown field `more`"),
    ],
)
def test_a_broken_file_is_told_with_place_and_remedy(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(text)
    with pytest.raises(MigratorError) as told:
        read(file)
    assert str(file) in str(told.value)
    assert words in str(told.value)
    assert "--write-baseline" in told.value.remedy


def test_one_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(b"\xff\xfe{}\x00")
    for name, words in (("b.json", "b.json"), ("none.json", "there is no such baseline"), (".", "cannot be read")):
        with pytest.raises(MigratorError, match=words):
            read(tmp_path / name)
