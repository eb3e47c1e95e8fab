"""What a run came to, and how an experiment stands, as plain text."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence
from pathlib import Path

from migrator.reporting.experiment_standing import run_words, standing_lines
from migrator.shadow.ledger import OUTCOMES, Account, Ledger
from migrator.shadow.live.standing import Standing
from migrator.shadow.run.outcome import RunOutcome, outcome_of

NAMED = 10
WIDTH = 80
_ENDINGS = {
    "finished": "Every job that was waited for has ended.",
    "deadline": "The time for the run is over.",
    "watched": "Ended. What the application sends meanwhile waits: run it again to go on.",
    "closed": "The experiment is over. Nothing of it is left in the stores.",
    "interrupted": "Interrupted. Nothing is lost: run it again to go on.",
}


def outcome_text(outcome: RunOutcome, ledger: str, file: Path) -> str:
    """The books of every arm, what is wrong, and what to do next."""
    lines = [_ENDINGS[outcome.end], "", *_table(outcome.accounts), "", _law(outcome.accounts)]
    lines += [line for account in outcome.accounts for line in _names(account)]
    if outcome.problems:
        lines += ["", "The data cannot be trusted:", *(_problem(problem) for problem in outcome.problems)]
    lines += ["", f"Ledger: {ledger}"]
    if outcome.end in ("interrupted", "watched"):
        until = "until a run with --last takes it out" if outcome.end == "watched" else "until the run has ended"
        lines += [_folded(f"Where an arm is in Postgres, what was put there for watching (schema migrator_shadow) stays {until}.")]
    else:
        lines += [f"Next: migrate shadow report {shlex.quote(str(file))}"]
    return "\n".join(lines) + "\n"


def standing_text(ledger: Ledger, standing: Standing) -> str:
    """How an experiment stands now."""
    outcome = outcome_of(ledger, "watched" if standing.live else "finished")
    epochs = ledger.epochs()
    title = f"Experiment {epochs[-1].experiment}: {run_words(standing)}" if epochs else "This ledger holds no experiment yet."
    lines = [title, *(["", *_table(outcome.accounts)] if outcome.accounts else [])]
    lines += [line for account in outcome.accounts for line in _names(account)]
    if beside := standing_lines(standing):
        lines += ["", *(_folded(line) for line in beside)]
    if outcome.problems:
        lines += ["", "The data cannot be trusted:", *(_problem(problem) for problem in outcome.problems)]
    return "\n".join(lines) + "\n"


def _table(accounts: Sequence[Account]) -> list[str]:
    """One line an arm, one column a class; the columns add up. Two lines of heading, so that it fits 80 columns."""
    heads = [("", "arm"), ("", "assigned"), ("", "="), *(_heading(outcome) for outcome in OUTCOMES)]
    rows = [[a.arm, str(a.assigned), "=" if a.holds else "≠", *(str(a.count(outcome)) for outcome in OUTCOMES)] for a in accounts]
    lines = [[head[0] for head in heads], [head[1] for head in heads], *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return [
        " ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    ]


def _heading(outcome: str) -> tuple[str, str]:
    """
    >>> _heading("in_flight"), _heading("completed")
    (('in', 'flight'), ('', 'completed'))
    """
    first, _, second = outcome.rpartition("_")
    return first, second


def _law(accounts: Sequence[Account]) -> str:
    total = sum(account.assigned for account in accounts)
    if all(account.holds for account in accounts):
        return f"Every one of {total} jobs is accounted for."
    return "Not every job is accounted for."


def _names(account: Account) -> list[str]:
    """The jobs that somebody will want to look at."""
    classes = {outcome.replace("_", " "): account.jobs[outcome] for outcome in ("presumed_lost", "enqueue_failed", "in_flight")}
    classes |= {"in its store, but never assigned to it": account.unassigned}
    return [_folded(f"{account.arm}: {what}: {_first(keys)}") for what, keys in classes.items() if keys]


def _first(keys: Sequence[str]) -> str:
    return ", ".join(keys[:NAMED]) + (f" and {len(keys) - NAMED} more" if len(keys) > NAMED else "")


def _problem(text: str) -> str:
    """As an item of a list; what follows the first line, the end of a log, stays as it is."""
    first, *rest = text.split("\n")
    folded = textwrap.fill(first, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return "\n".join((folded, *(f"    {line}" for line in rest)))


def _folded(text: str) -> str:
    """In lines of 80 columns; names of jobs stay whole."""
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
