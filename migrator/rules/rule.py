"""What a rule is: its documentation, and the function that looks. One place for both, from which the pages are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf

import msgspec

from migrator.jobs import Confidence
from migrator.jobs.findings import Severity, Spot
from migrator.rules.catalogue import PREVIEWS
from migrator.rules.evidence import Evidence


@dataclass(frozen=True)
class Fail:
    """The rule is broken at `spot`. `message` says what is wrong there, in a sentence. What holds for many places is one `Fail`."""

    spot: Spot
    message: str
    systems: tuple[str, ...] = ()
    others: tuple[Spot, ...] = ()
    confidence: Confidence = "certain"
    severity: Severity | None = None  #: where it differs from the rule's own
    fix: str = ""  #: where it says more than the rule's own hint


class Pass(msgspec.Struct, frozen=True):
    """The rule was looked at and holds, as `spot` shows; `spot.what` says in a few words how."""

    spot: Spot


class Undecided(msgspec.Struct, frozen=True):
    """The code does not say; `reason` tells what is not known, at `spot` if there is a place."""

    reason: str
    spot: Spot | None = None


Outcome = Fail | Pass | Undecided


class Effort(msgspec.Struct, frozen=True):
    """How long mending takes: minutes from `low` to `high`, for each place, for each queue, or once; and what the figures rest on."""

    low: int
    high: int
    per: OneOf["place", "queue", "project"]
    basis: str


class Example(msgspec.Struct, frozen=True):
    """Files of a small application with the defect, and the same without it: both are run as tests."""

    system: str
    bad: Mapping[str, str]
    good: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule. Texts are Markdown. `check` yields nothing where what it is about is not there at all."""

    id: str
    name: str  #: in kebab case
    title: str  #: the defect in a few words
    severity: Severity
    systems: tuple[str, ...]  #: that it knows how to look at; empty: every system
    what: str  #: what is looked for
    why: str  #: what it costs, with the measurement or the source
    how: str  #: how it is found
    false_alarms: str  #: what is known to be found though it is right
    migration: str  #: what a move to another system changes about it
    fix: OneOf["safe", "unsafe", "none"]  #: whether a rewrite could mend it, and how surely
    hint: str  #: what to do, in a sentence
    effort: Effort
    sources: tuple[str, ...]
    examples: tuple[Example, ...]
    check: Callable[[Evidence], Iterator[Outcome]]
    hints: Mapping[str, str] = field(default_factory=dict[str, str])  #: what to do on one system, where more can be said there
    related: tuple[str, ...] = field(default=())
    absence: bool = False  #: a finding says that something stands nowhere, which cannot be told where a file was read in part
    versioned: tuple[str, ...] = ()  #: systems of which the installed version decides
    left_behind: bool = False  #: it comes of how one of `systems` works: a move to any other ends it, also one that changes nothing else
    stays_on: tuple[str, ...] = ()  #: where `left_behind`: systems that it is not looked for in, and that may work so as well
    anywhere: bool = False  #: about a system as a whole: the places of a finding are examples, and one more job is no new defect

    @property
    def tier(self) -> OneOf["stable", "preview"]:
        """Previews are off unless they are selected."""
        return "preview" if self.id in PREVIEWS else "stable"
