"""An experiment for a terminal: the verdicts first, then the books, then the times; fits 80 columns."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from migrator.reporting import experiment_heading as heading
from migrator.reporting import experiment_words as words
from migrator.reporting.experiment_shown import shown
from migrator.shadow import wording
from migrator.shadow.judging.check import State
from migrator.shadow.judging.verdict import Answer
from migrator.shadow.summary import ArmSummary, ExperimentSummary, Measure

WIDTH = 80
#: never colour alone: each comes with its sign
ANSWER_STYLES: dict[Answer, str] = {
    "not-inferior": "bold green",
    "inferior": "bold red",
    "inconclusive": "bold yellow",
    "invalid": "bold magenta",
}
STATE_STYLES: dict[State, str] = {"ok": "green", "warning": "yellow", "invalid": "bold red", "unknown": "dim"}


def render_text(summary: ExperimentSummary) -> str:
    """The summary as text, coloured where standard output is a terminal that shows colour."""
    sized = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(file=sys.stdout, width=min(WIDTH, Console().width) if sized else WIDTH, highlight=False)
    with console.capture() as captured:
        print_summary(console, shown(summary))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def print_summary(console: Console, summary: ExperimentSummary) -> None:
    """The summary onto a console of any width."""
    console.print(Text(heading.headline(summary), style="bold"))
    console.print(Text(f"{summary.experiment}: {wording.count(summary.assigned, 'job')}, {heading.period(summary)}", style="dim"))
    console.print()
    print_verdicts(console, summary)
    console.print()
    console.print(numbers(summary))
    console.print()
    print_checks(console, summary)


def print_verdicts(console: Console, summary: ExperimentSummary) -> None:
    """Every candidate's, with its reason."""
    for verdict in summary.verdicts:
        sign = words.ANSWERS[verdict.answer][0]
        console.print(Text.assemble((f"{sign} {verdict.arm}: {verdict.answer}", ANSWER_STYLES[verdict.answer])))
        console.print(Padding(Text(verdict.reason), (0, 0, 0, 2)))


def print_checks(console: Console, summary: ExperimentSummary) -> None:
    """What is to be known of the data before one trusts them."""
    for check in summary.checks:
        if check.state in ("warning", "invalid"):
            sign = words.STATES[check.state][0]
            console.print(
                Text.assemble((f"{sign} {words.CHECKS[check.name]}. ", STATE_STYLES[check.state]), wording.sentence(check.finding))
            )
    fine = sum(check.state == "ok" for check in summary.checks)
    console.print(Text(f"✓ {fine} of {len(summary.checks)} checks of the data are in order", style="dim"))


def numbers(summary: ExperimentSummary) -> Table:
    """Books and times, an arm a column."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("")
    for arm in summary.arms:
        table.add_column(Text(arm.arm, overflow="fold"), justify="right", header_style="bold")
    table.add_row("assigned", *(f"{arm.assigned:,}" for arm in summary.arms))
    for outcome, name in words.OUTCOMES.items():
        if outcome == "completed" or any(arm.classes[outcome] for arm in summary.arms):
            alarming = outcome in ("presumed_lost", "enqueue_failed")
            table.add_row(f"  {name}", *(_count(arm.classes[outcome], alarming) for arm in summary.arms))
    if any(arm.completed_twice for arm in summary.arms):
        table.add_row("completed twice", *(_count(arm.completed_twice, True) for arm in summary.arms))
    table.add_row("books", *(Text("✓ add up", "green") if arm.holds else Text("✗ do not add up", "bold red") for arm in summary.arms))
    table.add_row("first attempt failed", *(words.share(arm.first_attempt_failure)[0] for arm in summary.arms))
    for measure in words.DRAWN:
        for place, name in ((0, "p50"), (1, "p95")):
            table.add_row(f"{words.MEASURES[measure][0].lower()} {name}", *(_quantile(arm, measure, place) for arm in summary.arms))
    return table


def _count(jobs: int, alarming: bool) -> Text:
    return Text(f"{jobs:,}", style="bold red" if alarming and jobs else "")


def _quantile(arm: ArmSummary, measure: Measure, place: int) -> Text:
    found = arm.durations[measure]
    if not found.n:
        return Text("not visible" if found.unknown else "–", style="dim")
    return Text(words.quantile(found.quantiles[place])[0])
