"""The audit's page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from migrator.jobs.runtime import Difference, Runtime, Source
from migrator.reporting.audit import render
from migrator.scanners import scan
from tests.browser.chromium import DESKTOP, PHONE

pytestmark = pytest.mark.browser

ARTICLES = Path(__file__).parents[2] / "fixtures/articles"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("audit") / "jobs.html"
    file.write_text(render(scan(ARTICLES), "html"))
    return file


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_loads_nothing_says_nothing_and_fits(visit, file: Path, size: dict[str, int], scheme: str) -> None:
    page, requests, complaints = visit(file, size, scheme=scheme)
    page.wait_for_timeout(100)
    assert requests == [file.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_without_scripts_everything_is_there(visit, file: Path) -> None:
    page = visit(file, DESKTOP, scripts=False).page
    assert page.locator(".filter").is_hidden()
    assert page.locator(".item").count() == page.locator(".item:visible").count() > 50


def test_the_list_is_filtered(visit, file: Path) -> None:
    page = visit(file, DESKTOP).page
    everything = page.locator(".item:visible").count()
    page.select_option("select[name=system]", "inngest")
    page.select_option("select[name=kind]", "schedule")
    assert page.locator(".item:visible summary b").all_inner_texts() == ["bounce-report", "nightly-digest", "refresh-feeds"]
    assert page.locator(".items h3:visible").all_inner_texts() == ["Inngest: schedules"]
    assert page.locator("output").inner_text() == f"3 of {everything} shown"
    page.fill("input[name=text]", "BERLIN nightly")
    assert page.locator(".item:visible summary b").all_inner_texts() == ["nightly-digest"]
    page.fill("input[name=text]", "no such thing")
    assert page.locator(".item:visible").count() == 0


def test_a_number_of_the_sum_leads_to_what_it_counts(visit, file: Path) -> None:
    page = visit(file, DESKTOP).page
    link = page.locator("#sum a[data-system=postgres-table][data-kind=definition]")
    number = int(link.inner_text())
    link.click()
    assert page.locator(".item:visible").count() == number > 1
    assert set(page.locator(".item:visible").evaluate_all("nodes => nodes.map(n => n.dataset.system + ' ' + n.dataset.kind)")) == {
        "postgres-table definition"
    }


def test_an_item_opens_to_its_code(visit, file: Path) -> None:
    page = visit(file, DESKTOP).page
    item = page.locator(".item", has_text="src/inngest/functions/refresh-feeds.ts").first
    assert item.locator("pre").is_hidden()
    item.locator("summary").click()
    assert "createFunction" in item.locator("pre").inner_text()


def test_names_of_an_application_are_text_and_nothing_else(visit, tmp_path: Path) -> None:
    nasty = "</script><img src=x onerror=alert(1)>"
    (tmp_path / "q.ts").write_text(f'import {{ Queue }} from "bullmq";\nnew Queue("q").add("{nasty}", {{}});\n')
    file = tmp_path / "jobs.html"
    file.write_text(render(scan(tmp_path), "html"))
    page, requests, complaints = visit(file, DESKTOP)
    assert page.locator(".item summary b").all_inner_texts() == [nasty, "q"]
    assert page.locator("img").count() == 0
    assert (len(requests), complaints) == (1, [])


def test_nothing_found_is_said(visit, tmp_path: Path) -> None:
    file = tmp_path / "jobs.html"
    (tmp_path / "empty").mkdir()
    file.write_text(render(scan(tmp_path / "empty"), "html"))
    page = visit(file, PHONE).page
    assert page.locator("h1").inner_text() == "No background jobs found"
    assert page.locator("section").count() == 0


def test_what_runs_beside_the_code_is_told(visit, tmp_path: Path) -> None:
    source = Source("redis://cache:6379/0", {"celery": 1})
    told = Difference("not in code", "schedule", "celery", "nightly", running="redis://cache:6379/0#redbeat:nightly")
    (tmp_path / "a").mkdir()
    for runtime, words in ((Runtime((source,), (told,)), "nightly"), (Runtime((source,)), "What runs is what the code says.")):
        file = tmp_path / "jobs.html"
        file.write_text(render(replace(scan(tmp_path / "a"), root=str(tmp_path / "a"), runtime=runtime), "html"))
        page = visit(file, PHONE).page
        assert words in page.locator("#runtime").inner_text()
        assert "redis://cache:6379/0" in page.locator("#runtime").inner_text()
