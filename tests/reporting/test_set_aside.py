"""What does not count, as people read it."""

from __future__ import annotations

import pytest

from migrator.jobs.findings import Suppressed
from migrator.reporting.audit import render
from tests.reporting.findings import finding, inventory


def many(number: int, severity: str) -> tuple[Suppressed, ...]:
    return tuple(Suppressed(finding("JOB105", severity, path=f"f{n}.py"), "baseline", "known", "b.json") for n in range(number))


def test_as_text(snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    text = render(inventory(), "text")
    assert max(map(len, text.splitlines())) <= 80
    assert text == snapshot


def test_as_markdown(snapshot) -> None:
    assert render(inventory(), "markdown") == snapshot


def test_nothing_is_said_where_all_counts() -> None:
    for form in ("text", "markdown", "html"):
        text = render(inventory(suppressed=(), below=0, baseline=None), form)
        assert "Not counted" not in text


def test_a_long_baseline_is_cut_but_not_what_is_critical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = render(inventory(suppressed=many(9, "low")), "text")
    assert "f0.py:3, f1.py:3, f2.py:3 and 6 more\n" in text
    assert "f8.py:3\n" in render(inventory(suppressed=many(9, "critical")), "text")
    page = render(inventory(suppressed=many(9, "low")), "html")
    assert all(f"<code>f{n}.py:3</code>" in page for n in range(9))
