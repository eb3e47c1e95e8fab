"""Events of Inngest: which of them the code takes, and whether all that take one are known."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from migrator.jobs import Expression, Job, Literal, Options, literal_of
from migrator.rules.evidence import Evidence
from migrator.scanners.linking import Place
from migrator.syntax.tree import callee_of, field, walk

_WAITS = ("waitForEvent", "wait_for_event")
#: what ends a run when an event comes, in TypeScript and in Python
_CANCELS = ("cancelOn", "cancel")


class Taken:
    """The events that functions are started by, are ended by, or wait for. `open_end`: why there may be more; empty if there are not."""

    def __init__(self, evidence: Evidence) -> None:
        self._patterns: set[str] = set()
        self._written: list[str] = []
        self.open_end = ""
        jobs = evidence.of(Job, "inngest")
        for job in jobs:
            for trigger in job.triggers:
                if trigger.kind == "event":
                    self._add(literal_of(trigger.value))
            if not job.triggers:
                self._add(None)
            self._cancels(job.options)
        for event in _awaited(evidence):
            self._add(event)
        if any("..." in job.options for job in jobs):
            self._add(None)

    def __contains__(self, event: str) -> bool:
        return any(fnmatchcase(event, pattern) for pattern in self._patterns) or any(event in text for text in self._written)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def _add(self, event: object) -> None:
        if isinstance(event, str) and event:
            self._patterns.add(event)
        else:
            self.open_end = "which events a function takes is in part only known at run time"

    def _cancels(self, options: Options) -> None:
        for option in _CANCELS:
            value = options.get(option)
            if isinstance(value, Literal):
                for event in _events(value.value):
                    self._add(event)
            elif isinstance(value, Expression):
                # What the expression holds beside the names that are written in it is not known.
                self._written.append(value.source)
                self._add(None)


def _events(value: object) -> Iterator[object]:
    for entry in value if isinstance(value, list | tuple) else (value,):
        if isinstance(entry, dict):
            yield entry.get("event")


def _awaited(evidence: Evidence) -> Iterator[str]:
    """The events for which the code waits, wherever it does; empty for those that cannot be told."""
    for path in evidence.containing(*(name.encode() for name in _WAITS)):
        view = evidence.bodies.view(path)
        for call in walk(view.source.root, ("call", "call_expression")):
            callee = callee_of(call)
            name = field(callee, "property") or field(callee, "attribute")
            if name is None or view.source.text(name) not in _WAITS:
                continue
            given = view.evaluator.arguments(Place(view.source, call))
            entries = view.evaluator.entries(options) if isinstance(options := given.get(1), Place) else {}
            # Before version 3 the event itself was the first argument.
            place = given.get("event") or entries.get("event") or given.get(0)
            yield view.evaluator.text(place) if isinstance(place, Place) else ""
