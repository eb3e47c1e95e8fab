"""What a gate is: a question about the end of a migration, who can answer it, and how a machine does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Literal as OneOf

import msgspec

if TYPE_CHECKING:
    from migrator.cutover.evidence import Evidence

#: `open`: nobody has answered yet; `attested`: a person has
State = OneOf["met", "unmet", "attested", "open", "not-applicable"]


class Answer(msgspec.Struct, frozen=True):
    """What a check found. `evidence`: a line each, with its place; `needs`: what would answer an open gate."""

    state: State
    evidence: tuple[str, ...] = ()
    needs: str = ""


class Result(msgspec.Struct, frozen=True):
    """A gate and its answer."""

    id: str
    title: str
    answered_by: str
    answer: Answer


#: `machine`: only a check answers it; `person`: only an attestation; `either`: a check where it can, else an attestation
Answerer = OneOf["machine", "person", "either"]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A gate. `asks` is the question, `how` says what the check looks at and what it cannot see. An attestation never undoes an `unmet`."""

    id: str
    title: str
    asks: str
    how: str
    answered_by: Answerer
    check: Callable[[Evidence], Answer] | None = None


def met(*evidence: str) -> Answer:
    """Yes, and this shows it."""
    return Answer("met", evidence)


def unmet(*evidence: str) -> Answer:
    """No: this stands in the way."""
    return Answer("unmet", evidence)


def unsettled(needs: str, *evidence: str) -> Answer:
    """Not known; `needs` says what would settle it."""
    return Answer("open", evidence, needs)


def nothing(*why: str) -> Answer:
    """There is nothing that the gate is about."""
    return Answer("not-applicable", why)


def settled(problems: list[str], doubts: list[str], fine: tuple[str, ...], needs: str) -> Answer:
    """Unmet if there is a problem, open if there is a doubt that `needs` would settle, else met by what is `fine`."""
    if problems:
        return unmet(*problems, *doubts)
    return unsettled(needs, *doubts) if doubts else met(*fine)
