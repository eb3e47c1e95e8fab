"""Regular expressions of modules: made at the first use, and every one of them is one."""

from __future__ import annotations

import gc
import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import migrator
from migrator.regex import Regex, regex


def test_it_answers_as_a_compiled_pattern_does() -> None:
    lazy, eager = regex(r"(?P<word>\w+)-(\d+)", re.IGNORECASE), re.compile(r"(?P<word>\w+)-(\d+)", re.IGNORECASE)
    text = "Abc-12, d-3"
    assert [m.groups() for m in lazy.finditer(text)] == [m.groups() for m in eager.finditer(text)] == [("Abc", "12"), ("d", "3")]
    assert lazy.findall(text) == eager.findall(text)
    assert lazy.sub(r"\2", text) == eager.sub(r"\2", text) == "12, 3"
    assert lazy.split(text) == eager.split(text)
    assert (lazy.match(text, 1) is None, lazy.fullmatch(text), lazy.search("-")) == (False, None, None)
    assert (lazy.pattern, lazy.flags, lazy.groups, lazy.groupindex) == (eager.pattern, eager.flags, eager.groups, eager.groupindex)


def test_bytes_are_looked_for_in_bytes() -> None:
    assert regex(rb"b+").findall(b"abbab") == [b"bb", b"b"]


def test_nothing_is_compiled_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    compile_ = re.compile

    def compiled(source: str, flags: int = 0) -> re.Pattern[str]:
        made.append(source)
        return compile_(source, flags)

    monkeypatch.setattr(re, "compile", compiled)
    pattern = regex("a+")
    assert (pattern.pattern, made) == ("a+", [])
    assert [bool(pattern.search(text)) for text in ("a", "b", "ba")] == [True, False, True]
    assert made == ["a+"]


def test_what_is_none_says_so_at_the_first_use() -> None:
    pattern = regex("(")
    with pytest.raises(re.error, match="unterminated"):
        pattern.search("")


def test_what_a_pattern_does_not_have_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="serach"):
        getattr(regex("a"), "serach")  # noqa: B009 - the type checker knows that there is none


def test_every_one_of_ours_is_a_regular_expression() -> None:
    for module in walk_packages(migrator.__path__, "migrator."):
        import_module(module.name)
    ours = [made for made in gc.get_objects() if isinstance(made, Regex)]
    assert len(ours) > 400
    wrong: list[str] = []
    for made in ours:
        try:
            made.search(made.pattern[:0])
        except re.error as error:
            wrong.append(f"{made.pattern!r}: {error}")
    assert wrong == []


def test_no_module_compiles_its_constants_as_it_is_loaded() -> None:
    """One way to do it: at the left edge of a module, `regex`."""
    code = Path(migrator.__file__).parent.rglob("*.py")
    assert [path.name for path in code if re.search(r"^\w+(?:: .+)? = re\.compile\(", path.read_text(), re.MULTILINE)] == []
