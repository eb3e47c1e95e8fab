"""Tasks whose own decorator puts them on the queue when they are called: `@queued` over `@app.task`, then `send_mail(to)`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from migrator.scanners.linking import Defined, Evaluator, Instance, Meaning, Member, Place
from migrator.scanners.linking.calls import handed_of
from migrator.scanners.linking.conditions import reached
from migrator.scanners.python import celery_enqueues
from migrator.scanners.python.celery_terms import RUNS, SIGNATURES, Task, Terms
from migrator.scanners.python.functions import decorators
from migrator.scanners.reading import Call
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
from migrator.syntax.tree import field as child

#: how many functions of the project a task is handed on through
_DEPTH = 3
#: what runs a task on the spot
_HERE = frozenset(("apply",))


def read(call: Call) -> bool:
    """Record a call of a task whose decorator puts it on the queue; False for anything else."""
    made = call.callee
    if not isinstance(made, Instance) or made.decorated is None:
        return False
    function = child(made.decorated.node, "definition")
    task = Terms(call.view.evaluator).task(made)
    if task is None or function is None:
        return False
    search = _Search(call.view.evaluator, task)
    for decorator in decorators(function):
        place = Place(made.decorated.source, decorator.named_children[0], made.decorated.frame)
        outer = call.view.evaluator.meaning(place)
        if isinstance(outer, Defined) and search.within(outer, {0: made}):
            celery_enqueues.read_as(call, task, "call", f"its decorator {_name(place)} puts it on the queue")
            return True
    return False


def _name(decorator: Place) -> str:
    called = callee_of(decorator.node) if decorator.node.type == "call" else decorator.node
    return decorator.source.text(called or decorator.node)


class _Search(msgspec.Struct, frozen=True):
    """Looks for where a task that functions of the project are handed is sent."""

    evaluator: Evaluator
    task: Task

    def within(self, function: Defined, given: Mapping[int | str, Place | Meaning], depth: int = _DEPTH) -> bool:
        """True if the function, or one that it makes or hands the task on to, sends what it is given."""
        body = child(function.place.node, "body") if function.place.node.type in FUNCTIONS else None
        frame = self.evaluator.enter(function, given) if body is not None else None
        source = function.place.source
        return any(self._sends(Place(source, node, frame), depth) for node in walk(body, ("call",))) if body is not None else False

    def _sends(self, call: Place, depth: int) -> bool:
        called = callee_of(call.node)
        if called is None or not reached(self.evaluator, call):
            return False
        callee = self.evaluator.of(call.source, called, call.frame)
        if isinstance(callee, Member) and callee.name in (RUNS | SIGNATURES) - _HERE:
            return self._is_it(callee.of)
        handed = handed_of(call)
        is_handed = any(self._is_it(v if not isinstance(v, Place) else self.evaluator.meaning(v)) for v in handed.values())
        return bool(depth) and isinstance(callee, Defined) and is_handed and self.within(callee, handed, depth - 1)

    def _is_it(self, meaning: Meaning) -> bool:
        found = Terms(self.evaluator).task(meaning)
        return found is not None and found.job == self.task.job
