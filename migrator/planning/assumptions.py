"""Sizes that the code does not tell and a person does: `chunks=200`, or for one job alone `score-document:chunks=200`."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence

import msgspec

from migrator.errors import MigratorError

#: mean size of what a step or a job returns, and of what a job is given, in KiB
RESULT, PAYLOAD = "result_kb", "payload_kb"


class Assumption(msgspec.Struct, frozen=True):
    """`job` is empty where it holds for all of them."""

    size: str
    value: float
    job: str = ""


def parse(texts: Iterable[str]) -> tuple[Assumption, ...]:
    """What `--assume` was given.

    Raises:
        MigratorError: one of them is not `SIZE=NUMBER`.
    """
    return tuple(_parse(text) for text in texts)


def _parse(text: str) -> Assumption:
    left, equals, right = text.partition("=")
    job, _, size = left.rpartition(":")
    remedy = "Write SIZE=NUMBER, as in chunks=200, or JOB:SIZE=NUMBER for one job alone."
    try:
        value = float(right)
    except ValueError:
        value = math.nan
    if not equals or not size.strip() or not math.isfinite(value):
        raise MigratorError("is no size with a number", place=f"--assume {text}", remedy=remedy)
    if value < 0 or (not value.is_integer() and size.strip() not in (RESULT, PAYLOAD)):
        raise MigratorError("is no number of things", place=f"--assume {text}", remedy="Give a whole number, 0 or more.")
    return Assumption(size.strip(), value, job.strip())


def sizes_for(assumptions: Sequence[Assumption], job: str) -> dict[str, float]:
    """The sizes that hold for a job: its own win over those for all.

    >>> sizes_for(parse(["chunks=5", "score:chunks=200"]), "score"), sizes_for(parse(["chunks=5"]), "mail")
    ({'chunks': 200.0}, {'chunks': 5.0})
    """
    general = {a.size: a.value for a in assumptions if not a.job}
    return general | {a.size: a.value for a in assumptions if a.job == job}


def require_used(assumptions: Sequence[Assumption], known: Iterable[tuple[str, str]]) -> None:
    """Refuse assumptions about what no job has. `known`: (job, size) for every size that a plan depends on.

    Raises:
        MigratorError: a size or a job that is not there, with those that are.
    """
    pairs = set(known)
    for assumption in assumptions:
        fitting = {size for job, size in pairs if assumption.job in ("", job)} | {RESULT, PAYLOAD}
        if assumption.job and assumption.job not in {job for job, _ in pairs}:
            close = difflib.get_close_matches(assumption.job, {job for job, _ in pairs}, 1)
            remedy = f"Did you mean {close[0]}?" if close else "Give the job's name as the plan has it."
            raise MigratorError("is no job with a size that matters", place=f"--assume {assumption.job}:{assumption.size}", remedy=remedy)
        if assumption.size not in fitting:
            raise MigratorError(
                "is no size that a limit depends on",
                place=f"--assume {assumption.size}",
                remedy=f"Sizes that do: {', '.join(sorted(fitting))}.",
            )
