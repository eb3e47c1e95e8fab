"""Which way the jobs of a fallback experiment went: each candidate's, by the one label that each of them gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from migrator.shadow.judging.check import Check
from migrator.shadow.ledger import ArmRecord, Ledger
from migrator.shadow.modes.outcome import OUTCOMES, Label
from migrator.shadow.wording import count, percent


class FallbackSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate. `unlabelled`: jobs whose way is not known yet. Claims: by workers of this arm, bodies that were run and let go."""

    arm: str
    assigned: int
    labels: dict[Label, int]
    unlabelled: int
    claims_won: int
    claims_lost: int


def fallbacks(ledger: Ledger, arms: Sequence[ArmRecord]) -> tuple[FallbackSummary, ...]:
    """Every candidate, in the order of `arms`."""
    labels: dict[str, dict[str, str]] = {}
    for event in ledger.events(kind="fallback"):
        labels.setdefault(event.arm, {})[event.job_key] = event.reason or ""
    won, lost = (Counter(event.arm for event in ledger.events(kind=kind)) for kind in ("claim_won", "claim_lost"))
    found: list[FallbackSummary] = []
    for arm in arms:
        if arm.role in ("current", "noise"):
            continue
        told = Counter(labels.get(arm.arm, {}).values())
        assigned = len(set(ledger.assigned(arm.arm)))
        found.append(
            FallbackSummary(
                arm=arm.arm,
                assigned=assigned,
                labels={label: told[label] for label in OUTCOMES},
                unlabelled=max(0, assigned - sum(told[label] for label in OUTCOMES)),
                claims_won=won[arm.arm],
                claims_lost=lost[arm.arm],
            )
        )
    return tuple(found)


def fallback_check(found: Sequence[FallbackSummary]) -> Check:
    """How many jobs did not go the way that was meant for them?"""
    words: list[str] = []
    for candidate in found:
        fell = candidate.labels["fallback_removed"] + candidate.labels["fallback_fenced"]
        if fell:
            share = percent(fell / candidate.assigned) if candidate.assigned else "all"
            words.append(f"{count(fell, 'job')} of {candidate.arm} ({share}) fell back to the current arm, whose numbers leave them out")
        if candidate.labels["failed_both"]:
            words.append(f"{count(candidate.labels['failed_both'], 'job')} meant for {candidate.arm} found no arm at all")
        if candidate.unlabelled:
            words.append(f"the way of {count(candidate.unlabelled, 'job')} of {candidate.arm} is not known yet")
    if words:
        return Check("fallback", "warning", "; ".join(words))
    return Check("fallback", "ok", "every job was taken up by the arm that it was meant for")
