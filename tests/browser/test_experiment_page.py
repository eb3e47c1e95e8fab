"""The report in a real browser: it loads nothing, says nothing to the console, fits a phone, and changes its colours in the dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page

from migrator.reporting.experiment import write
from migrator.shadow.summary import ExperimentSummary
from tests.browser.chromium import DESKTOP, PHONE
from tests.reporting.experiments import THREE, everything, experiment, hostile, several_sorts
from tests.shadow.synthetic import ArmPlan

pytestmark = pytest.mark.browser

LONG = "a-name-that-somebody-found-fitting-and-nobody-ever-shortened_since"


@pytest.fixture(scope="module")
def summary() -> ExperimentSummary:
    return everything(several_sorts(experiment()))


@pytest.fixture(scope="module")
def file(summary: ExperimentSummary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (html,) = write(summary, tmp_path_factory.mktemp("reports"), ("html",))
    return html


def colour(page: Page, selector: str, name: str) -> str:
    return page.eval_on_selector(selector, "(node, name) => getComputedStyle(node)[name]", name)


def luminance(rgb: str) -> float:
    parts = [int(part) / 255 for part in rgb[rgb.index("(") + 1 : rgb.index(")")].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_loads_nothing_and_says_nothing(visit, file: Path, size: dict[str, int]) -> None:
    page, requests, complaints = visit(file, size)
    page.wait_for_timeout(200)
    assert requests == [file.as_uri()]
    assert complaints == []


def test_its_policy_stops_what_it_did_not_bring(visit, file: Path) -> None:
    page, requests, complaints = visit(file, DESKTOP)
    page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'window.stranger = 1'; document.body.append(s); }")
    page.evaluate("() => { const i = new Image(); i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; document.body.append(i); }")
    page.wait_for_timeout(100)
    assert page.evaluate("() => window.stranger") is None
    assert len([text for text in complaints if "Content Security Policy" in text]) == 2
    assert len(requests) <= 2


def overflow(page: Page) -> list[str]:
    """What sticks out on the right of the page, other than inside a box that scrolls by itself."""
    return page.evaluate("""() => [...document.body.querySelectorAll('*')]
        .filter((node) => !node.closest('.scroll') && !node.closest('svg') && node.getBoundingClientRect().right > innerWidth + 0.5)
        .map((node) => `${node.tagName}.${node.className}`)""")


def test_a_phone_needs_no_sideways_scrolling(visit, file: Path) -> None:
    page, _, _ = visit(file, PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    assert overflow(page) == []


def test_tables_fit_a_phone_without_scrolling_of_their_own(visit, file: Path) -> None:
    page, _, _ = visit(file, PHONE)
    too_wide = page.evaluate("""() => [...document.querySelectorAll('.scroll')].filter((box) => !box.closest('#course, #jobs'))
        .filter((box) => box.scrollWidth > box.clientWidth).length""")
    assert too_wide == 0


def test_letters_are_legible_on_a_phone(visit, file: Path) -> None:
    page, _, _ = visit(file, PHONE)
    heights = page.evaluate("""() => [...document.querySelectorAll('figure svg text')].filter((t) => t.textContent.trim())
        .map((t) => t.getBoundingClientRect().height)""")
    assert len(heights) > 50
    assert min(heights) >= 10


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_words_that_nobody_shortened(visit, summary: ExperimentSummary, tmp_path: Path, size: dict[str, int]) -> None:
    (html,) = write(hostile(summary, LONG * 3), tmp_path, ("html",))
    page, _, complaints = visit(html, size)
    assert page.evaluate("() => document.documentElement.scrollWidth") == size["width"]
    assert complaints == []


def test_six_arms_with_long_names_fit_too(visit, tmp_path: Path) -> None:
    plans = [ArmPlan(arm=f"{LONG}-{i}"[-64:], jobs=40, lost=i) for i in range(6)]
    (html,) = write(experiment(plans), tmp_path, ("html",))
    page, _, complaints = visit(html, PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(visit, file: Path, scheme: str) -> None:
    page, _, _ = visit(file, DESKTOP, scheme=scheme)
    ground = colour(page, "body", "backgroundColor")
    assert (luminance(ground) < 0.05) == (scheme == "dark")
    for selector in ("body", "small", ".lede", ".checks .sign", "thead th", ".fine", ".sum"):
        assert contrast(colour(page, selector, "color"), ground) >= 4.5, selector
    panel = colour(page, ".verdict", "backgroundColor")
    for selector in (".verdict p", ".verdict .fine", ".verdict .sign"):
        assert contrast(colour(page, selector, "color"), panel) >= 4.5, selector
    for arm in range(3):
        assert contrast(colour(page, f"path.line.arm{arm}", "stroke"), ground) >= 3, f"arm {arm}"


def test_dark_is_another_page_to_the_eye(visit, file: Path) -> None:
    light, _, _ = visit(file, DESKTOP)
    dark, _, _ = visit(file, DESKTOP, scheme="dark")
    for selector, name in (("body", "backgroundColor"), ("body", "color"), ("path.line.arm1", "stroke"), (".verdict", "backgroundColor")):
        assert colour(light, selector, name) != colour(dark, selector, name)


def test_every_number_is_in_a_table_and_every_drawing_has_words(visit, file: Path, summary: ExperimentSummary) -> None:
    page, _, _ = visit(file, DESKTOP)
    assert page.locator("#funnel table").count() == len(summary.arms)
    assert page.locator("#comparison .metric table").count() == len(summary.criteria.compare)
    assert page.locator("#comparison details table").count() == len(summary.verdicts)
    assert page.locator("#percentiles table").count() == 4
    assert page.locator("#attempts table").count() == 1
    assert page.locator("#jobs details").count() == len(summary.named)
    assert page.locator("figure > svg").count() == 4 + 3 + 4 + 4 + 3 + 4  # forests, curves, attempts, sorts, course, history
    for drawing in page.locator("figure > svg").all():
        assert drawing.get_attribute("role") == "img"
        assert drawing.locator("> title").text_content()
        assert drawing.locator("> desc").text_content()


def test_every_heading_cell_says_what_it_heads(visit, file: Path) -> None:
    page, _, _ = visit(file, DESKTOP)
    assert page.locator("th:not([scope])").count() == 0


def test_it_is_all_there_without_scripts(visit, file: Path) -> None:
    page, _, _ = visit(file, DESKTOP, scripts=False)
    assert page.locator("h1").text_content() == "pgboss is worse than jobtable; for bullmq it is too early to say"
    assert page.locator("svg.curves path.line").count() == 4 * 7
    assert page.locator("#comparison details table td").first.text_content()


def test_pointing_at_a_curve_reads_it(visit, file: Path, summary: ExperimentSummary) -> None:
    page, _, _ = visit(file, DESKTOP)
    drawing = page.locator("svg.curves").first
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + box["height"] / 2)
    text = page.locator(".readout").first.text_content()
    assert text is not None
    assert text.startswith("within ")
    assert "jobtable 100 %" in text
    assert "bullmq 100 %" in text
    page.mouse.move(0, 0)
    assert page.locator(".readout").first.text_content() == ""


def test_picking_an_arm_fades_the_others(visit, file: Path) -> None:
    page, _, _ = visit(file, DESKTOP)
    name = page.locator(".legend [data-arm='2']").first
    name.focus()
    page.keyboard.press("Enter")
    assert name.get_attribute("aria-pressed") == "true"
    assert colour(page, "#durations figure path.line.arm0", "opacity") == "0.08"
    assert colour(page, "#durations figure path.line.arm2", "opacity") == "1"
    page.keyboard.press("Enter")
    assert colour(page, "#durations figure path.line.arm0", "opacity") == "1"


def test_paper_shows_what_was_folded(visit, file: Path) -> None:
    page, _, _ = visit(file, DESKTOP)
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0


def test_an_experiment_of_one_system(visit, tmp_path: Path) -> None:
    (html,) = write(replace(experiment(THREE[:1])), tmp_path, ("html",))
    page, _, complaints = visit(html, PHONE)
    assert "nothing to compare it with" in (page.locator("h1").text_content() or "")
    assert complaints == []
