from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from migrator.reporting.experiment_page import ROWS, render_page
from migrator.shadow.summary import ExperimentSummary
from tests.reporting.experiments import THREE, everything, experiment, hostile, several_sorts
from tests.shadow.synthetic import ArmPlan

BUDGET = 300 * 1024
#: the parts of a report, after the verdicts
PARTS = (
    *("trust", "funnel", "comparison", "pairs", "durations", "percentiles", "attempts", "sorts", "course", "history"),
    *("errors", "jobs", "method"),
)
VOID = {"meta", "br", "hr", "img", "input", "link", "rect", "path", "circle"}


class Outline(HTMLParser):
    """Tags that were opened and closed, their attributes, and the text that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.stack):
            self.text.append(data)


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    found.close()
    assert found.stack == []
    return found


def words(page: str) -> str:
    return " ".join(" ".join(outline(page).text).split())


@pytest.fixture(scope="module")
def summary() -> ExperimentSummary:
    return experiment()


@pytest.fixture(scope="module")
def page(summary: ExperimentSummary) -> str:
    return render_page(summary)


def test_every_element_is_closed_and_every_drawing_is_xml(page: str) -> None:
    outline(page)
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) > 12
    for drawing in drawings:
        ElementTree.fromstring(drawing)


def test_it_asks_for_nothing(page: str) -> None:
    found = outline(page)
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(found.tags)
    assert not [entry for entry in found.attributes if entry[1] in ("src", "href", "xlink:href", "srcset", "style", "action")]
    assert not re.search(r"https?://|url\(|@import", page)


def test_the_policy_lets_in_this_style_sheet_and_script_and_nothing_else(page: str) -> None:
    policy = next(v for t, n, v in outline(page).attributes if t == "meta" and n == "content" and v and "default-src" in v)
    style, script = (re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[0] for tag in ("style", "script"))
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    expected = f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"
    assert policy == expected


def test_the_parts_stand_in_order(page: str) -> None:
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings[-10:] == [
        "Can these numbers be trusted?",
        "Where every job went",
        "Is it worse, and by how much?",
        "How long jobs take",
        "The same in numbers",
        "How often jobs are tried",
        "How it went",
        "What went wrong",
        "Jobs to look at, by name",
        "How this was worked out",
    ]


def test_all_parts_stand_in_order(summary: ExperimentSummary) -> None:
    page = render_page(everything(several_sorts(summary)))
    outline(page)
    order = ['class="verdicts"', *(f'<section id="{name}">' for name in PARTS), '<script type="application/json" id="data">']
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)


def test_noise_stands_beside_the_candidates(summary: ExperimentSummary) -> None:
    page = render_page(everything(summary))
    assert "again (noise)" in page
    assert words(page).count("noise: the current system again") == 4
    # Its colour and dash are those of its place among the arms, in the table as in the drawing.
    assert re.search(r'<text class="name arm3"[^>]*>again \(noise\)', page)
    assert re.search(r'class="line arm3"[^>]*/></svg>again', page)


def test_pairs_are_told_pair_by_pair(summary: ExperimentSummary) -> None:
    text = words(render_page(everything(summary)))
    assert "jobtable did the work, the candidates had copies." in text
    assert "98 of 100 jobs" in text
    assert "1.31 × 1.22 – 1.40 ×; 97 pairs p = 0.003" in text
    assert "3 pairs too few to tell" in text
    assert "only here 6 only in jobtable 1 in both 7 p = 0.12" in text


def test_poison_and_the_reports_before(summary: ExperimentSummary) -> None:
    text = words(render_page(everything(summary)))
    assert "import_article, jobs of unit article-7 : 4 deaths in jobtable and bullmq; no title" in text
    assert "What 4 reports said" in text
    assert "2026-09-18 00:00:00 180 inferior inconclusive" in text


def test_what_is_still_needed_is_in_the_strip(page: str) -> None:
    assert re.search(r"Verdict: inconclusive · needs about [\d,]+ more jobs ≈ 7 days · configuration 1, since 2026-09-21", words(page))


def test_one_look_is_told_as_such(page: str) -> None:
    text = words(page)
    assert "Were this the only look: bullmq, test by test" in text
    assert "not within the margin (Farrington, Manning): p = " in text
    assert re.search(r"Queue wait −\d+ ms .* of pairs, δ = −1\.00 the same \(Mann-Whitney\): p < 0\.0001", text)


def test_an_error_of_one_candidate_alone_is_marked(summary: ExperimentSummary) -> None:
    look = replace(summary.one_look[1], errors={"TimeoutError": 0.2, "ReplyError": 0.0004})
    arms = (*summary.arms[:2], replace(summary.arms[2], errors={"TimeoutError": 9, "ReplyError": 12}))
    text = words(render_page(replace(summary, arms=arms, one_look=(summary.one_look[0], look))))
    assert "ReplyError 0 0 12 unlike jobtable at one look: p = 0.0004" in text
    assert text.count("at one look: p") == 1


def test_the_verdict_comes_first(page: str) -> None:
    text = words(page)
    assert "pgboss is worse than jobtable; for bullmq it is too early to say" in text
    assert text.index("2 jobs of pgboss were lost, none of jobtable") < text.index("Can these numbers be trusted?")


def test_the_books_are_on_the_page(page: str) -> None:
    assert "98 assigned = 1 enqueue failed + 92 completed + 1 discarded + 1 cancelled + 1 in flight + 2 presumed lost" in words(page)


def test_the_floors_are_told_before_waits_are_compared(page: str) -> None:
    text = words(page)
    assert "Before you compare waits" in text
    assert "up to 2 s, 1 s on average" in text
    assert "a few milliseconds" in text


def test_sorts_of_jobs_are_told_apart_where_there_are_several(page: str, summary: ExperimentSummary) -> None:
    assert "Each sort of job by itself" not in page
    quick, slow = (replace(arm.sorts["import_article"], jobs=jobs) for arm in summary.arms[:1] for jobs in (7, 60))
    arms = (replace(summary.arms[0], sorts={"quick": quick, "slow": slow}), replace(summary.arms[1], sorts={"slow": slow}), summary.arms[2])
    told = replace(summary, arms=arms)
    assert told.sorts == ("slow", "import_article", "quick")
    text = words(render_page(told))
    assert "Each sort of job by itself" in text
    assert "quick 1.59 s 7 jobs 9 % failed at first 1 failed for good none none" in text


def test_every_lost_and_duplicate_job_is_named(page: str, summary: ExperimentSummary) -> None:
    for group in summary.named:
        for job in group.jobs[: ROWS[0] // len(summary.named)]:
            assert f"<code>{job.job_key}</code>" in page


def test_all_numbers_are_inside_as_json(page: str, summary: ExperimentSummary) -> None:
    data = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[0])
    assert data["schema"] == summary.schema
    assert [arm["assigned"] for arm in data["arms"]] == [100, 98, 102]


def test_arms_differ_by_more_than_colour(page: str) -> None:
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)[0]
    dashes = re.findall(r"\.line\.arm(\d) \{ stroke-dasharray: ([^;]+);", style)
    assert len(dashes) == len({pattern for _, pattern in dashes}) == 5


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "</script><b>", '"><svg onload=alert(1)>', "{{ 7 * 7 }}", "<!--", "&lt;"])
def test_an_application_s_own_words_stay_words(summary: ExperimentSummary, text: str) -> None:
    page = render_page(hostile(summary, text))
    found = outline(page)
    assert found.tags.count("script") == 2
    assert not [name for _, name, _ in found.attributes if name.startswith("on")]
    assert " ".join(text.split()) in " ".join(" ".join(found.text).split())
    assert not re.search(r"<h1>[^<]*49", page)


def test_the_largest_page_stays_within_its_budget() -> None:
    troubled = {"lost": 200, "enqueue_failed": 200, "in_flight": 200, "duplicated": 200, "first_attempt_fails": 0.6, "attempt_fails": 0.7}
    plans = [ArmPlan(arm=f"quite-a-long-arm-name-{i}", system="bullmq", jobs=1500, wait=0.01 * 4**i, **troubled) for i in range(6)]
    page = render_page(everything(several_sorts(experiment(plans[:5]))))
    assert len(page.encode()) <= BUDGET
    outline(page)


def test_what_a_system_does_not_show_is_said(summary: ExperimentSummary) -> None:
    dark = summary.arms[2]
    nothing = replace(dark.durations["run"].curve, seconds=(), share=(), low=(), high=())
    hidden = replace(dark.durations["run"], n=0, over=0, unknown=102, curve=nothing)
    failures = replace(dark.first_attempt_failure, share=None, trials=0, unknown=102)
    dark = replace(
        dark,
        started=None,
        attempts=None,
        deliveries=None,
        extra_deliveries=None,
        run_seconds=None,
        wasted_seconds=None,
        durations={**dark.durations, "run": hidden},
        first_attempt_failure=failures,
    )
    text = words(render_page(replace(summary, arms=(*summary.arms[:2], dark))))
    assert text.count("not visible in this system") >= 5


@pytest.mark.parametrize(
    "plans",
    [
        [ArmPlan(arm="alone", jobs=30)],
        [ArmPlan(arm="a", jobs=0), ArmPlan(arm="b", jobs=0)],
        [ArmPlan(arm="a", jobs=1), ArmPlan(arm="b", jobs=1)],
    ],
)
def test_experiments_with_next_to_nothing_in_them(plans: list[ArmPlan]) -> None:
    outline(render_page(experiment(plans)))


def test_jobs_that_all_failed_or_never_ended() -> None:
    plans = [
        ArmPlan(arm="a", jobs=60, first_attempt_fails=1.0, attempt_fails=1.0),
        ArmPlan(arm="b", jobs=60, in_flight=60),
        ArmPlan(arm="c", jobs=60, enqueue_failed=60),
        THREE[0],
    ]
    text = words(render_page(experiment(plans)))
    assert "60 assigned = 60 enqueue failed" in text
