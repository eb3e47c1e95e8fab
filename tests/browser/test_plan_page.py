"""The plan's page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.planning.planner import compare, make_plan
from migrator.reporting.plan import render
from tests.browser.chromium import DESKTOP, PHONE
from tests.planning.applications import evidence

pytestmark = pytest.mark.browser

ARTICLES = Path(__file__).parents[2] / "fixtures/articles"


@pytest.fixture(scope="module", params=["plan", "comparison"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = evidence(ARTICLES)
    made = make_plan(found, "bullmq") if request.param == "plan" else compare(found, ["bullmq", "pg-boss", "inngest", "celery", "sqs"])
    file = tmp_path_factory.mktemp("plan") / f"{request.param}.html"
    file.write_text(render(made, "html"))
    return file


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_loads_nothing_says_nothing_and_fits(visit, file: Path, size: dict[str, int], scheme: str) -> None:
    page, requests, complaints = visit(file, size, scheme=scheme)
    page.wait_for_timeout(100)
    assert requests == [file.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_job_can_be_opened(visit, file: Path) -> None:
    page = visit(file, DESKTOP).page
    if file.stem == "comparison":
        assert page.locator("tbody tr").count() == 5
        return
    job = page.locator("details.job", has_text="await-review").first
    assert job.locator("dl").is_hidden()
    job.locator("summary").click()
    assert "split the job in two" in job.locator("dl").inner_text()
