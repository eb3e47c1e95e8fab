"""Gates and their answers: text, Markdown and JSON."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Literal as OneOf

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from migrator.cutover.gate import Result, State
from migrator.cutover.lock import Lock
from migrator.cutover.registry import gates
from migrator.reporting.plain import visible
from migrator.systems import SYSTEMS

#: how many lines of evidence a terminal shows for a gate that is met, and for another
_SHORT, _LONG = 1, 12
_STYLES: dict[State, str] = {"met": "green", "attested": "green", "unmet": "bold red", "open": "yellow", "not-applicable": "dim"}
MARKS: dict[State, str] = {"met": "yes", "attested": "vouched", "unmet": "NO", "open": "open", "not-applicable": "n/a"}
_WIDTH = 100


class GatesReport(msgspec.Struct, frozen=True):
    """`migrate verify --format json`: a public contract."""

    schema: OneOf["migrator.gates/1"]
    source: str
    target: str
    commit: str
    finished: bool
    gates: tuple[Result, ...]


def render(lock: Lock, results: tuple[Result, ...], form: str) -> str:
    """The gates in one of the forms `text`, `json`, `markdown`."""
    if form == "json":
        report = GatesReport("migrator.gates/1", lock.source, lock.target, lock.commit, finished(results), results)
        return msgspec.json.format(msgspec.json.encode(report), indent=1).decode()
    return _markdown(lock, results) if form == "markdown" else _text(lock, results)


def finished(results: Sequence[Result]) -> bool:
    """True if no gate is unmet or open."""
    return not any(r.answer.state in ("unmet", "open") for r in results)


def headline(lock: Lock, results: Sequence[Result]) -> str:
    """What the gates of a migration say, in a sentence."""
    return f"{SYSTEMS[lock.source].title} to {SYSTEMS[lock.target].title}: {headline_of(results)}"


def headline_of(results: Sequence[Result]) -> str:
    """What gates say, in a sentence without its subject."""
    counts = Counter(r.answer.state for r in results)
    if finished(results):
        return "finished. Every gate is met or vouched for."
    told = [f"{counts[state]} {word}" for state, word in (("unmet", "unmet"), ("open", "open")) if counts[state]]
    return f"not finished, {' and '.join(told)} of {len(results)} gates."


def _text(lock: Lock, results: tuple[Result, ...]) -> str:
    sized = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(file=sys.stdout, width=None if sized else _WIDTH, highlight=False)
    with console.capture() as captured:
        console.print(Text(headline(lock, results), "bold"))
        console.print()
        for result in results:
            answer = result.answer
            console.print(Text.assemble((f"{MARKS[answer.state]:>7}  ", _STYLES[answer.state]), (result.id, "bold"), f"  {result.title}"))
            shown = answer.evidence[: _SHORT if answer.state in ("met", "not-applicable") else _LONG]
            lines = [visible(line) for line in shown]
            if len(answer.evidence) > len(shown):
                lines.append(f"… and {len(answer.evidence) - len(shown)} more (--format json has all)")
            if answer.needs:
                lines.append(f"needs: {answer.needs}")
            for line in lines:
                console.print(Padding(Text(line, "dim"), (0, 0, 0, 14)))
        console.print()
        if any(r.answer.state == "open" for r in results):
            console.print('What a person has seen: migrate attest GATE --by WHO --note "what was seen"')
        console.print("What a gate asks: migrate explain GATE")
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _markdown(lock: Lock, results: tuple[Result, ...]) -> str:
    asked = {gate.id: gate for gate in gates()}
    lines = ["# Gates", "", headline(lock, results), "", "| gate | | answer |", "|---|---|---|"]
    lines += [f"| {r.id} | {r.title} | {MARKS[r.answer.state]} |" for r in results]
    for result in results:
        lines += ["", f"## {result.id} {result.title}: {MARKS[result.answer.state]}", "", asked[result.id].asks]
        if result.answer.evidence or result.answer.needs:
            lines.append("")
        lines += [f"- {_escaped(line)}" for line in result.answer.evidence]
        lines += [f"- needs: {result.answer.needs}"] if result.answer.needs else []
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Text of the application as plain text in Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in visible(text).replace("\n", " "))
