"""Buses of SST: which events their rules wait for, so that what the tree puts on a bus is known to start something."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Literal
from migrator.scanners.aws.lambdas import Lambdas
from migrator.scanners.linking import Place
from migrator.scanners.reading import View

#: how the kind and the source of an event are written in a rule of version 2 and of version 3
_KINDS = ("detailType", "detail-type")


def added_rules(view: View, lambdas: Lambdas, rules: Place) -> None:
    """`bus.addRules(stack, { name: { pattern: { detailType: ["made"] }, targets: { … } } })`."""
    entries = view.evaluator.entries(rules)
    for rule in entries.values():
        _waits(view, lambdas, view.evaluator.entries(rule).get("pattern"))
    if not entries:
        # Rules that code makes, such as one for each of a list of events.
        lambdas.awaited(None)


def subscribed(view: View, lambdas: Lambdas, node: Node) -> None:
    """`bus.subscribe("name", "src/a.handler", { pattern: { detailType: ["made"] } })`; without a pattern every event counts."""
    given = view.evaluator.arguments(view.place(node))
    entries = [view.evaluator.entries(place) for place in given.values() if isinstance(place, Place)]
    _waits(view, lambdas, next((each["pattern"] for each in entries if "pattern" in each), None))


def _waits(view: View, lambdas: Lambdas, pattern: Place | None) -> None:
    entries = view.evaluator.entries(pattern) if pattern is not None else {}
    place = next((entries[key] for key in (*_KINDS, "source") if key in entries), None)
    known = view.evaluator.known_list(place) if place is not None else ()
    for name in known:
        lambdas.awaited(Literal(name))
    if not known:
        lambdas.awaited(None)
