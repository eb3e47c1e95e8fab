"""An experiment as JUnit's XML, for whatever shows test results: a candidate, each of its metrics and each check is a test case."""

from __future__ import annotations

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from migrator.reporting import experiment_words as words
from migrator.reporting.junit import clean
from migrator.shadow.judging.check import Check
from migrator.shadow.judging.comparison import Comparison
from migrator.shadow.judging.verdict import Verdict
from migrator.shadow.summary import ExperimentSummary
from migrator.shadow.wording import sentence


def render_junit(summary: ExperimentSummary) -> str:
    """Inferior fails, invalid is an error, inconclusive and unknown are skipped with the reason."""
    suite = TestSuite(clean(f"migrate shadow {summary.experiment}"))
    for name, value in (("exit status", str(summary.exit_status)), ("jobs", str(summary.assigned)), ("migrator", summary.migrator)):
        suite.add_property(name, value)
    claimed = summary.criteria.alpha / max(1, len(summary.verdicts))
    for verdict in summary.verdicts:
        suite.add_testcase(_verdict(verdict))
        for comparison in verdict.comparisons:
            suite.add_testcase(_metric(verdict.arm, comparison, claimed))
    for check in summary.checks:
        suite.add_testcase(_check(check))
    report = JUnitXml()
    report.add_testsuite(suite)
    report.update_statistics()
    return report.tostring().decode() + "\n"


def _verdict(verdict: Verdict) -> TestCase:
    case, said = TestCase("verdict", classname=clean(verdict.arm)), clean(verdict.reason)
    match verdict.answer:
        case "inferior":
            case.result = [Failure(said, verdict.answer)]
        case "invalid":
            case.result = [Error(said, verdict.answer)]
        case "inconclusive":
            case.result = [Skipped(said, verdict.answer)]
        case "not-inferior":
            case.system_out = said
    return case


def _metric(arm: str, comparison: Comparison, claimed: float) -> TestCase:
    case = TestCase(words.metric_title(comparison.metric), classname=clean(arm))
    conclusion = words.conclusion(comparison, claimed)
    said = clean(
        f"{conclusion}: {words.value(comparison, comparison.candidate)} against {words.value(comparison, comparison.current)}; "
        f"{words.shape(comparison)}, allowed {words.distance(comparison, comparison.margin)}"
    )
    if conclusion == "within the margin":
        case.system_out = said
    else:
        worse = conclusion.startswith("worse") and comparison.matters
        case.result = [Failure(said, "worse") if worse else Skipped(said, "not settled")]
    return case


def _check(check: Check) -> TestCase:
    case, said = TestCase(words.CHECKS[check.name], classname="data"), clean(sentence(check.finding))
    match check.state:
        case "invalid":
            case.result = [Error(said, check.state)]
        case "unknown":
            case.result = [Skipped(said, check.state)]
        case "warning":
            case.system_err = said
        case "ok":
            case.system_out = said
    return case
