"""How many steps a run has and how much they give, against what a system with durable steps allows; with the sizes up to which it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from migrator.jobs import Job
from migrator.planning.assumptions import RESULT
from migrator.planning.counting import Count
from migrator.planning.limit_use import KIB, LimitUse, use_of
from migrator.planning.steps import Steps
from migrator.rules.evidence import spot
from migrator.systems import SYSTEMS
from migrator.systems.limits import Limit

#: the limit that says how many runs and steps a vendor's plan includes
_EXECUTIONS = "executions"


def step_limits(job: Job, steps: Steps, system: str, sizes: Mapping[str, float], *, today: bool = False) -> tuple[LimitUse, ...]:
    """What the steps of a job use of the limits of `system`, where they are steps as well; nothing on a system without steps."""
    facts = SYSTEMS[system]
    stay = facts.capabilities.get("steps")
    if stay is None or stay.kind != "native" or not steps.count.terms:
        return ()
    maxima = [limit for limit in facts.limits if limit.kind == "maximum" and not limit.plan]
    included = [limit for limit in facts.limits if limit.name == _EXECUTIONS]
    found = [_count(job, steps, limit, sizes, included) for limit in maxima if limit.id == "MIG01"]
    found += [_one(job, steps, limit, sizes[RESULT]) for limit in maxima if limit.id == "MIG02" and RESULT in sizes]
    found += [_state(job, steps, limit, sizes) for limit in maxima if limit.id == "MIG03" and steps.giving.names]
    return tuple(msgspec.structs.replace(use, today=today) for use in found)


def allowed_mean(maximum: float, parts: int) -> float:
    """The mean size in KiB of so many parts that together have `maximum` bytes.

    >>> allowed_mean(32 * 1024 * 1024, 800), allowed_mean(4 * 1024 * 1024, 200)
    (40.96, 20.48)
    """
    return maximum / parts / KIB


def bounds(count: Count, limit: int, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Up to which value of each size a count stays within `limit`, the others given; in general where they are not."""
    said: list[str] = []
    for size in count.names:
        others = {name: value for name, value in sizes.items() if name in count.names and name != size}
        most = count.most(size, limit, others)
        if most is not None:
            with_others = ", ".join(f"{name} = {value:,}" for name, value in sorted(others.items()))
            aside = f" with {with_others}" if with_others else ""
            said.append(f"fits up to {size} = {most:,}{aside}" if most >= 0 else f"does not fit for any {size}{aside}")
    if not said and count.names:
        fixed = dict(count.terms).get((), 0)
        said.append(f"fits while {Count(tuple(t for t in count.terms if t[0]))} is at most {limit - fixed:,}")
    return tuple(said)


def executions(steps: int, included: Sequence[Limit]) -> tuple[str, ...]:
    """How many executions one run is billed as (one for itself, one for each step), and for how many runs what is included lasts."""
    if not included:
        return ()
    each = steps + 1
    lasts = ", ".join(f"{int(limit.value) // each:,} a {limit.per} on {limit.plan}" for limit in included)
    return (f"one run is {each:,} executions: {lasts}",)


def _count(job: Job, steps: Steps, limit: Limit, sizes: Mapping[str, float], included: Sequence[Limit]) -> LimitUse:
    given = _whole(sizes)
    value = steps.count.value(given)
    formula = str(steps.count)
    if value is not None and steps.count.names:
        formula = f"{formula} = {steps.count.written(given)} = {value:,}"
    needs = () if value is not None else tuple(name for name in steps.count.names if name not in given)
    use = use_of(limit, formula, value, steps.spot or spot(job), needs=needs)
    billed = executions(value, included) if value is not None and steps.count.names else ()
    said = (*bounds(steps.count, int(limit.value), given), *billed)
    return msgspec.structs.replace(use, bounds=said, at_least=bool(steps.open_end))


def _one(job: Job, steps: Steps, limit: Limit, mean: float) -> LimitUse:
    return use_of(limit, f"a mean result of {mean:g} KiB", mean * KIB, steps.spot or spot(job))


def _state(job: Job, steps: Steps, limit: Limit, sizes: Mapping[str, float]) -> LimitUse:
    results, mean = steps.giving.value(_whole(sizes)), sizes.get(RESULT)
    said = f"{results:,}" if results is not None else f"({steps.giving})"
    formula = f"{said} results of {f'{mean:g} KiB' if mean is not None else RESULT}"
    value = results * mean * KIB if results is not None and mean is not None else None
    bound = (f"fits up to a mean of {allowed_mean(limit.value, results):.2f} KiB a result",) if results else ()
    needs = tuple(name for name in (*steps.giving.names, RESULT) if name not in sizes)
    return msgspec.structs.replace(use_of(limit, formula, value, steps.spot or spot(job), needs=needs), bounds=bound)


def _whole(sizes: Mapping[str, float]) -> dict[str, int]:
    return {name: int(value) for name, value in sizes.items() if float(value).is_integer()}
