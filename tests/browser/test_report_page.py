"""The report for a team in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from migrator.planning.planner import make_plan
from migrator.reporting.report.assembly import assemble
from migrator.reporting.report.rendering import render_report
from migrator.rules import check
from migrator.rules.evidence import Evidence
from migrator.scanners import scan
from tests.browser.chromium import DESKTOP, PHONE

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2] / "fixtures/deadlines"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the application with eighteen defects."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    found = scan(ROOT)
    checked = check(found, ROOT)
    whole = replace(found, findings=checked.findings, checks=checked.checks)
    report = assemble(whole, ROOT, plan=make_plan(Evidence(whole, ROOT), "inngest"))
    file.write_text(render_report(report, "html"))
    return file


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_loads_nothing_says_nothing_and_fits(visit, file: Path, size: dict[str, int], scheme: str) -> None:
    page, requests, complaints = visit(file, size, scheme=scheme)
    page.wait_for_timeout(100)
    assert requests == [file.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_every_link_of_the_head_leads_to_a_section(visit, file: Path) -> None:
    page = visit(file, DESKTOP).page
    links = page.locator("nav a").all()
    assert len(links) >= 11
    for link in links:
        target = link.get_attribute("href")
        assert target is not None
        assert page.locator(f"section{target} h2").count() == 1


def test_the_verdict_is_seen_first(visit, file: Path) -> None:
    page = visit(file, PHONE).page
    verdict = page.locator(".verdict b")
    assert verdict.inner_text() == "NOT READY"
    box = verdict.bounding_box()
    assert box is not None
    assert box["y"] < PHONE["height"]


def test_sums_of_the_roadmap_stand_under_their_phases(visit, file: Path) -> None:
    page = visit(file, DESKTOP).page
    assert page.locator("#roadmap tbody").count() == page.locator("#roadmap tbody h3").count() > 1
    assert page.locator("#roadmap tr.moot").count() > 0
    assert page.locator("#roadmap tfoot td.num").inner_text().endswith(" h")
