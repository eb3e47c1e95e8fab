"""What a rule or a live check says is shown in every report: secrets in the code that it quotes are masked, once, where it is said."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from migrator.jobs.findings import Spot
from migrator.jobs.redaction import redact_text
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def masked(outcome: Outcome) -> Outcome:
    """The outcome with secrets masked in its message, its reason and what stands at its places.

    >>> masked(Pass(Spot("Procfile", 1, "celery -b redis://:Zk3vQ9w2LmP0@cache/0"))).spot.what
    'celery -b redis://:•••@cache/0'
    """
    match outcome:
        case Fail():
            others = tuple(_spot(spot) for spot in outcome.others)
            message, fix = redact_text(outcome.message), redact_text(outcome.fix)
            return replace(outcome, spot=_spot(outcome.spot), others=others, message=message, fix=fix)
        case Pass():
            return Pass(_spot(outcome.spot))
        case Undecided():
            return Undecided(redact_text(outcome.reason), _spot(outcome.spot) if outcome.spot is not None else None)


def _spot(spot: Spot) -> Spot:
    return msgspec.structs.replace(spot, what=redact_text(spot.what)) if spot.what else spot
