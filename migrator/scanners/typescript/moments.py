"""Moments as code writes them: now, so many milliseconds from now, or a time of its own."""

from __future__ import annotations

import re

from migrator.jobs import Value, affine
from migrator.regex import regex
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.syntax.tree import field

_NOW = regex(r"^(new Date\(\)|new Date\(Date\.now\(\)\)|Date\.now\(\)|sql`now\(\)`|now\(\))$", re.IGNORECASE)


def moment(view: View, place: Place) -> tuple[Value | None, Value | None]:
    """(seconds from now, absolute time) of what is given for the time to run; neither for now."""
    place = view.evaluator.origin(place)
    if _NOW.match(place.text):
        return None, None
    first = view.evaluator.arguments(place).get(0) if place.node.type == "new_expression" else None
    after = _after_now(first) if isinstance(first, Place) else None
    return (affine(view.value(after), scale=0.001), None) if after is not None else (None, view.value(place))


def _after_now(place: Place) -> Place | None:
    """`ms` of `Date.now() + ms`."""
    left, right, operator = (field(place.node, name) for name in ("left", "right", "operator"))
    if left is None or right is None or operator is None or place.source.text(operator) != "+":
        return None
    for now, added in ((left, right), (right, left)):
        if place.source.text(now) in ("Date.now()", "new Date().getTime()"):
            return Place(place.source, added, place.frame)
    return None
