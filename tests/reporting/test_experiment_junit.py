"""Read by a parser that is not the one that wrote it."""

from __future__ import annotations

from xml.etree import ElementTree

from msgspec.structs import replace

from migrator.reporting.experiment import render
from migrator.shadow.judging.check import Check
from migrator.shadow.summary import ExperimentSummary
from tests.reporting.experiments import experiment, hostile
from tests.shadow.synthetic import ArmPlan


def cases(summary: ExperimentSummary) -> dict[tuple[str, str], ElementTree.Element]:
    root = ElementTree.fromstring(render(summary, "junit"))
    return {(case.get("classname", ""), case.get("name", "")): case for case in root.iter("testcase")}


def outcome(case: ElementTree.Element) -> list[tuple[str, str | None]]:
    return [(part.tag, part.get("type")) for part in case]


def test_an_inferior_candidate_fails_with_its_reason() -> None:
    found = cases(experiment())
    verdict = found["pgboss", "verdict"]
    assert outcome(verdict) == [("failure", "inferior")]
    assert (verdict[0].get("message") or "").startswith("2 jobs of pgboss were lost, none of jobtable")
    assert outcome(found["bullmq", "verdict"]) == [("skipped", "inconclusive")]
    within = experiment([ArmPlan(arm="jobtable", jobs=200), ArmPlan(arm="bullmq", system="bullmq", jobs=200, wait=0.01)])
    assert outcome(cases(within)["bullmq", "Queue wait, 95th percentile"]) == [("system-out", None)]
    assert outcome(found["bullmq", "Jobs that fail for good"]) == [("skipped", "not settled")]
    assert outcome(found["data", "Noise"]) == [("skipped", "unknown")]
    assert outcome(found["data", "Transactions"]) == [("system-err", None)]
    assert outcome(found["data", "Accounts"]) == [("system-out", None)]


def test_the_counts_are_those_of_the_cases() -> None:
    (suite,) = ElementTree.fromstring(render(experiment(), "junit"))
    tags = [part.tag for case in suite.iter("testcase") for part in case]
    counted = [int(suite.get(kind) or 0) for kind in ("failures", "errors", "skipped")]
    assert counted == [tags.count("failure"), tags.count("error"), tags.count("skipped")]
    assert [p.get("value") for p in suite.iter("property") if p.get("name") == "exit status"] == ["1"]


def test_data_that_cannot_be_trusted_is_an_error() -> None:
    summary = experiment()
    spoilt = replace(summary, checks=(Check("split", "invalid", "the arms did not get their shares"),))
    assert outcome(cases(spoilt)["data", "Split"]) == [("error", "invalid")]
    (first, *_) = summary.verdicts
    assert outcome(cases(replace(summary, verdicts=(replace(first, answer="invalid"),)))["pgboss", "verdict"]) == [("error", "invalid")]


def test_a_good_candidate_passes() -> None:
    summary = experiment()
    good = replace(summary.verdicts[1], answer="not-inferior", reason="At worst nothing.")
    assert outcome(cases(replace(summary, verdicts=(good,)))["bullmq", "verdict"]) == [("system-out", None)]


def test_an_application_s_own_words_stay_words() -> None:
    found = cases(hostile(experiment(), "<a>&\x00]]>"))
    assert (found["bullmq", "verdict"][0].get("message") or "") == "<a>&␀]]>"


def test_nothing_to_judge() -> None:
    assert ("data", "Accounts") in cases(experiment([ArmPlan(arm="alone", jobs=3)]))
