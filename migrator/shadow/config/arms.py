"""The arms of an experiment file: who they are, and which share each gets."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from migrator.shadow.config.experiment import Arm, Heading
from migrator.shadow.config.values import Name
from migrator.shadow.routing import BUCKETS, Split, by_percent, by_weight
from migrator.toml.source import Source


def read_arms(source: Source, tables: Mapping[str, Any], current: str) -> dict[str, Arm]:
    """The tables `[arms.NAME]`; `current` is the arm that does the work today.

    Raises:
        MigratorError: they are not as they should be.
    """
    if not isinstance(tables["arms"], dict):
        raise source.error(("arms",), "`arms` is to be a table of arms", "Write one [arms.NAME] table for each system.")
    arms: dict[str, Arm] = {}
    for name, table in tables["arms"].items():
        try:
            msgspec.convert(name, Name)
        except msgspec.ValidationError as error:
            raise source.error(("arms", name), f"`{name}` cannot be an arm's name", "Use letters, digits, `-`, `_` and `.`.") from error
        arms[name] = read_table(source, ("arms", name), table, Arm)
    if current not in arms:
        raise source.error(("experiment", "current"), f"there is no arm `{current}`", f"The arms are {listed(tuple(arms))}.")
    for name, arm in arms.items():
        if arm.noise and (name == current or arm.system != arms[current].system):
            remedy = f"An arm with `noise = true` runs {arms[current].system} as `{current}` does, beside it; take `noise` out of others."
            raise source.error(("arms", name, "noise"), f"arm `{name}` is not `{current}`'s system once more", remedy)
    return arms


def split_of(source: Source, arms: Mapping[str, Arm], heading: Heading) -> Split:
    """Who gets which share. In a mirror the current arm gets every job; what candidates get are copies.

    Raises:
        MigratorError: an arm has none, or together they are not the whole.
    """
    current = heading.current
    if heading.mode == "mirror":
        for name, arm in arms.items():
            for key in ("weight", "percent"):
                if getattr(arm, key) is not None:
                    raise source.error(
                        ("arms", name, key),
                        f"`{key}` is of no use in a mirror: every job goes to the current arm",
                        "Take it out of every arm. Of how many jobs there are copies says max_share in [mirror].",
                    )
        return Split((current, *(name for name in arms if name != current)), (BUCKETS,) * len(arms))
    for name, arm in arms.items():
        if arm.weight is None and arm.percent is None:
            raise source.error(
                ("arms", name), f"arm `{name}` has no `weight` (or `percent`)", "Give every arm a weight: 1 / 1 / 1 is a third each."
            )
    percents = {name: arm.percent for name, arm in arms.items() if arm.percent is not None}
    weights = [(name, arm.weight) for name, arm in arms.items() if arm.weight is not None]
    if percents and weights:
        name = weights[0][0]
        raise source.error(("arms", name, "weight"), "some arms have a weight, others a percentage", "Use one way for all arms.")
    if weights:
        return by_weight(weights)
    rests = [name for name, percent in percents.items() if percent == "rest"]
    if len(rests) > 1:
        raise source.error(
            ("arms", rests[1], "percent"), f"both `{rests[0]}` and `{rests[1]}` get the rest", 'Only one arm can have percent = "rest".'
        )
    shares: list[tuple[str, Fraction]] = []
    for name, percent in percents.items():
        share = Fraction(0) if percent == "rest" else Fraction(str(percent))
        if not 0 <= share <= 100:
            raise source.error(("arms", name, "percent"), f"{percent} % is not a share", "A percentage is between 0 and 100.")
        shares.append((name, share))
    try:
        return by_percent(shares, rests[0] if rests else None)
    except ValueError as error:
        remedy = f'Make them total 100, or write percent = "rest" for one arm, as for `{current}`.'
        raise source.error(("arms", shares[-1][0], "percent"), str(error), remedy) from error


def read_table(source: Source, path: tuple[str | int, ...], table: Any, kind: type[msgspec.Struct]) -> Any:
    """The table at `path` as a `kind`; what is wrong is said with its line."""
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise source.refusal(error, path, kind) from error


def listed(names: tuple[str, ...]) -> str:
    """Names in a sentence."""
    return ", ".join(f"`{name}`" for name in names)
