"""The jobs that an experiment sends: the same for the same file and seed, on any machine."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.config.experiment import Mix, Workload


class PlannedJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job to send. `number` counts from 1; `label` names its sort, None where the workload gives none."""

    number: int
    unit_key: str
    payload: dict[str, Any]
    label: str | None = None
    delay: float = 0.0


def planned_jobs(workload: Workload, *, unit: str, folder: Path) -> Iterator[PlannedJob]:
    """Every job in the order of sending. `unit` is the payload's field that routing hashes, or `job`."""
    made = _from_file(folder / workload.file) if workload.file else _from_mix(workload)
    for number, (payload, mix) in enumerate(made, start=1):
        yield PlannedJob(
            number=number,
            unit_key=_unit_key(payload, unit, number, f"job {number}"),
            payload=payload,
            label=mix.name if mix else None,
            delay=mix.delay if mix else 0.0,
        )


def job_count(workload: Workload, *, unit: str, folder: Path) -> int:
    """How many jobs there will be.

    Raises:
        MigratorError: none, or one that could not be read or routed: before the first is sent, not in the middle.
    """
    if workload.count is not None:
        for mix in workload.mix or (None,):
            what = f"a job of the sort `{mix.name}`" if mix else "a job"
            _unit_key(_made(workload, mix, 1), unit, 1, what)
        return workload.count
    if found := sum(1 for _ in planned_jobs(workload, unit=unit, folder=folder)):
        return found
    raise MigratorError("there is no job in it", place=str(folder / workload.file), remedy="A workload file has one JSON object a line.")


def quotas(count: int, weights: list[int]) -> list[int]:
    """Whole numbers in the proportion of the weights that total `count` exactly; the largest remainders are rounded up.

    >>> quotas(10, [1, 1, 1])
    [4, 3, 3]
    """
    total = sum(weights)
    exact = [divmod(count * weight, total) for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -exact[i][1])
    up = set(by_remainder[: count - sum(whole for whole, _ in exact)])
    return [whole + (i in up) for i, (whole, _) in enumerate(exact)]


def _from_mix(workload: Workload) -> Iterator[tuple[dict[str, Any], Mix | None]]:
    count = workload.count or 0
    sorts: list[Mix | None] = []
    for mix, quota in zip(workload.mix, quotas(count, [m.weight for m in workload.mix]) if workload.mix else (), strict=True):
        sorts += [mix] * quota
    sorts = sorts or [None] * count
    random.Random(workload.seed).shuffle(sorts)  # noqa: S311 - it is to be repeatable, not secret
    for number, mix in enumerate(sorts, start=1):
        yield _made(workload, mix, number), mix


def _made(workload: Workload, mix: Mix | None, number: int) -> dict[str, Any]:
    # Each job has dice of its own, so that a changed mix does not change what the other jobs draw.
    dice = random.Random(f"{workload.seed}:{number}")  # noqa: S311
    return _filled({**workload.payload, **(mix.payload if mix else {})}, number, dice)


def _filled(value: Any, number: int, dice: random.Random) -> Any:
    """A payload with its draws drawn and `{n}` filled in."""
    if isinstance(value, dict):
        if value.keys() == {"low", "high"}:
            return dice.randint(value["low"], value["high"])
        return {key: _filled(inner, number, dice) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, number, dice) for inner in value]
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _from_file(path: Path) -> Iterator[tuple[dict[str, Any], Mix | None]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for position, line in enumerate(lines, start=1):
                if line.strip():
                    yield _object(line, f"{path}:{position}"), None
    except (OSError, UnicodeDecodeError) as error:
        raise MigratorError(f"the workload cannot be read: {error}", place=str(path)) from error


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        found = json.loads(line, parse_constant=_no_number)
    except ValueError as error:
        raise MigratorError(f"this line is not JSON: {error}", place=place, remedy="A workload file has one JSON object a line.") from error
    if not isinstance(found, dict):
        raise MigratorError("this line is not a JSON object", place=place, remedy="A workload file has one JSON object a line.")
    return found


def _no_number(text: str) -> None:
    """Python would read it, and it would be sent as null."""
    raise ValueError(f"it has no {text}")


def _unit_key(payload: dict[str, Any], unit: str, number: int, what: str) -> str:
    if unit == "job":
        return f"job:{number}"
    value = payload.get(unit)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise MigratorError(
            f"{what} has no `{unit}` to route by in its payload",
            remedy="Name a field with a text or a whole number as `unit` of [experiment], or `job` for every job on its own.",
        )
    return str(value)
