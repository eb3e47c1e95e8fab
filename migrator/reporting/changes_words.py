"""The report on a rewrite in words: its sections, and what a line of each says."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from migrator.reporting.changes import ChangesReport, Choice
from migrator.systems import SYSTEMS

#: kind of a decision -> what it is about
KINDS = {"definition": "job", "enqueue": "call", "endpoint": "route", "dependency": "package", "reference": "mention"}
MEANING = {
    "safe": "the meaning is kept",
    "unsafe": "depends on what code cannot show",
    "manual": "needs a person",
}


class Entry(msgspec.Struct, frozen=True):
    """Decisions that say the same thing, at all places where they say it."""

    summary: str
    traps: tuple[str, ...]
    places: tuple[Choice, ...]


class Section(msgspec.Struct, frozen=True):
    """Decisions that a reader deals with in one way. `todo`: there is something to tick off."""

    heading: str
    about: str
    todo: bool
    count: int
    entries: tuple[Entry, ...]


_SECTIONS: tuple[tuple[str, str, bool, Callable[[Choice], bool]], ...] = (
    (
        "Left for a person",
        "The code at these places does what it did.",
        True,
        lambda c: c.safety == "manual" and c.outcome == "left",
    ),
    (
        "Left until --unsafe",
        "A rewrite is ready; whether it keeps the meaning depends on what code cannot show.",
        True,
        lambda c: c.safety == "unsafe" and c.outcome == "left",
    ),
    (
        "Rewritten, to be looked at",
        "Whether the meaning is kept depends on what code cannot show.",
        True,
        lambda c: c.safety != "safe" and c.outcome == "rewritten",
    ),
)


def sections(report: ChangesReport) -> tuple[Section, ...]:
    """The sections that have something in them; safe decisions are in none."""
    found = ((heading, about, todo, [c for c in report.decisions if belongs(c)]) for heading, about, todo, belongs in _SECTIONS)
    return tuple(Section(heading, about, todo, len(choices), _entries(choices)) for heading, about, todo, choices in found if choices)


def traps_shown(report: ChangesReport) -> dict[str, str]:
    """id -> title of the traps that the sections name, as far as it is known."""
    ids = {trap for section in sections(report) for entry in section.entries for trap in entry.traps}
    return {trap: found.title for trap, found in report.traps.items() if trap in ids}


def verdict(report: ChangesReport) -> str:
    """The report in a sentence."""
    totals = report.totals
    if not totals.decisions:
        return f"Nothing of {title(report.source)} was found."
    settled = totals.left - totals.open
    parts = [f"{totals.rewritten} of {plural(totals.decisions, 'place')} rewritten"]
    if settled:
        parts.append(f"{settled} {'needs' if settled == 1 else 'need'} no change")
    parts.append(f"{totals.open} left" if totals.open else "nothing left")
    return ", ".join(parts) + "."


def title(system: str) -> str:
    """A system's name as people write it."""
    return SYSTEMS[system].title if system in SYSTEMS else system


def kind(choice: Choice) -> str:
    """What a decision is about, in a word."""
    return KINDS.get(choice.kind, choice.kind)


def where(choice: Choice) -> str:
    """`path:line`."""
    return f"{choice.path}:{choice.line}"


def plural(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def prose(text: str) -> str:
    """Text for Markdown: what stands in backticks stays code, the rest cannot become a tag, a link or a new block."""
    pieces = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(p if p.startswith("`") else re.sub(r"([\\<>\[\]*_|#])", r"\\\1", p) for p in pieces)


def code(text: str) -> str:
    """Text as a code span of Markdown, whatever it holds."""
    text = " ".join(text.split()) or " "
    fence = "`" * (max(map(len, re.findall(r"`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fence(text: str) -> str:
    """A fence that no line of `text` can close."""
    return "`" * max(3, max(map(len, re.findall(r"`+", text)), default=0) + 1)


def _entries(choices: list[Choice]) -> tuple[Entry, ...]:
    same: dict[tuple[str, tuple[str, ...]], list[Choice]] = {}
    for choice in choices:
        same.setdefault((choice.summary, choice.traps), []).append(choice)
    return tuple(Entry(summary, traps, tuple(places)) for (summary, traps), places in same.items())
