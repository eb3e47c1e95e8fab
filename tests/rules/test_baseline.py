"""What was there before does not count, what is new does, and what is mended is told."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import MigratorError
from migrator.jobs.findings import SEVERITIES, Check, Finding, Spot
from migrator.rules.baseline import SCHEMA, compare, read, record


def one(rule: str = "JOB105", path: str = "a.py", symbol: str = "send", mark: str = "x", *, line: int = 1, places: int = 1) -> Finding:
    others = tuple(Spot(path, line + n) for n in range(1, places))
    return Finding(rule, rule.lower(), "high", "certain", path, line, "Wrong.", symbol=symbol, fingerprint=mark, others=others)


def against(before: list[Finding], now: list[Finding], *, states: dict[str, str] | None = None, files: tuple[str, ...] = ("a.py", "b.py")):
    checks = [Check(rule, rule, state) for rule, state in (states or {"JOB105": "fail", "JOB101": "fail", "JOB402": "fail"}).items()]  # pyright: ignore[reportArgumentType]
    return compare(record(before), now, checks, name="b.json", root=Path("/nowhere"), files=frozenset(files))


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
    edited, more = one(mark="y"), one(mark="z")
    assert against([one()], [edited]).new == ()
    assert against([one()], [one(), more]).new == (more,)
    # Of two that are not known by their fingerprints the first takes the place.
    assert against([one()], [edited, more]).new == (more,)


def test_one_that_has_come_to_more_places_is_new() -> None:
    assert against([one(places=3)], [one(places=3)]).new == ()
    assert against([one(places=3)], [one(places=2)]).new == ()
    (grown,) = against([one(places=3)], [one(places=4)]).new
    assert grown.message == "Wrong. (Only 3 of its places were known before.)"
    assert against([one(places=3)], [one(places=4)]).told.mended == ()
    assert against([one(places=3)], [one(places=4, mark="edited")]).new != ()


def test_what_is_wrong_with_a_system_as_a_whole_may_have_more_examples() -> None:
    assert against([one("JOB402", places=2)], [one("JOB402", path="0.py", places=9)]).new == ()


@pytest.mark.parametrize(
    ("states", "files", "mended"),
    [
        ({"JOB105": "pass"}, ("a.py",), True),
        ({"JOB105": "not-applicable"}, ("a.py",), True),
        ({"JOB105": "unknown"}, ("a.py",), False),
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
    said = compare(record([one()]), [], checks, name="b", root=tmp_path, files=frozenset())
    assert said.told.mended == ()


def test_a_rule_that_is_gone_can_be_taken_out() -> None:
    assert [m.rule for m in against([one("JOB999")], []).told.mended] == ["JOB999"]


finding = st.builds(
    one,
    st.sampled_from(["JOB105", "JOB101", "JOB402"]),
    st.sampled_from(["a.py", "b.py"]),
    st.sampled_from(["", "send"]),
    st.sampled_from(["x", "x:2", "y"]),
    places=st.integers(1, 3),
)
several = st.lists(finding, max_size=6, unique_by=lambda f: (f.id, f.fingerprint))


@given(several, several)
def test_every_finding_is_either_known_or_new_and_pruning_changes_nothing_else(before: list[Finding], now: list[Finding]) -> None:
    said = against(before, now)
    assert len(said.known) + len(said.new) == len(now)
    assert against(now, now).new == ()
    again = compare(
        said.pruned, now, [Check(r, r, "fail") for r in ("JOB105", "JOB101", "JOB402")], name="b", root=Path("/no"), files=frozenset()
    )
    assert [s.finding for s in again.known] == [s.finding for s in said.known]
    assert all(f.severity in SEVERITIES for f in said.new)


def test_the_file_reads_back_and_is_sorted(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    findings = [one(path="b.py"), one(), one("JOB101", mark="q")]
    file.write_text(record(findings).text())
    assert read(file) == record(list(reversed(findings)))
    assert file.read_text() == record(list(reversed(findings))).text()
    assert json.loads(file.read_text())["findings"][0] == {"rule": "JOB101", "path": "a.py", "symbol": "send", "known": {"q": 1}}


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


def test_findings_are_kept_as_they_are() -> None:
    now = one(line=7)
    assert against([one()], [now]).known[0].finding == now
    assert msgspec.json.decode(msgspec.json.encode(now), type=Finding) == now
