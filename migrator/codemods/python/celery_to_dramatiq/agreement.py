"""Which jobs move: each as a whole or not at all, so that what is used together stays or goes together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from migrator.codemods.python.celery_to_dramatiq.plan import Change, Problem, Task, Use
from migrator.codemods.python.celery_to_dramatiq.survey import Survey


@dataclass(slots=True)
class Agreement:
    """`moving`: keys of the tasks that move. `reasons`: key of one that stays -> why, the decisive problem first."""

    moving: set[str] = field(default_factory=set)
    reasons: dict[str, list[Problem]] = field(default_factory=dict)

    def moves(self, use: Use) -> bool:
        """True for a use that is rewritten."""
        return bool(use.jobs) and all(key in self.moving for key in use.jobs)


def agree(survey: Survey, *, unsafe: bool) -> Agreement:
    """Decide by fix-point: a problem keeps a job, and a kept job keeps those that share a workflow with it."""
    while True:
        agreement = _decide(survey, unsafe=unsafe)
        clashes = list(_clashes(survey, agreement))
        if not clashes:
            return agreement
        for thing, problem in clashes:
            thing.problems.append(problem)


def _decide(survey: Survey, *, unsafe: bool) -> Agreement:
    agreement = Agreement(set(survey.tasks))

    def keep(key: str, problem: Problem) -> None:
        agreement.reasons.setdefault(key, [])
        if problem not in agreement.reasons[key]:
            agreement.reasons[key].append(problem)
        agreement.moving.discard(key)

    for problem in _binding(survey.everywhere, unsafe=unsafe):
        for key in survey.tasks:
            keep(key, problem)
    for task in survey.tasks.values():
        for problem in _binding(task.problems, unsafe=unsafe):
            keep(task.key, problem)
    for use in survey.uses:
        for problem in _binding(use.problems, unsafe=unsafe):
            for key in use.jobs:
                keep(key, problem)
    changed = True
    while changed:
        changed = False
        for use in survey.uses:
            kept = [key for key in use.jobs if key not in agreement.moving]
            going = [key for key in use.jobs if key in agreement.moving]
            if use.name == "get_task_logger" or not kept or not going:
                continue
            changed = True
            for key in going:
                reason = f"it is used together with `{survey.tasks[kept[0]].symbol}`, which stays"
                keep(key, Problem("MIG159", reason, use.location))
    return agreement


def _binding(problems: Iterable[Problem], *, unsafe: bool) -> list[Problem]:
    return [p for p in problems if not (p.unsafe and unsafe)]


def _clashes(survey: Survey, agreement: Agreement) -> Iterable[tuple[Task | Use, Problem]]:
    """Changes that want to edit the same text. Nothing can be said about what their sum would mean."""
    moving: list[tuple[Task | Use, Change]] = [(t, t.change) for t in survey.tasks.values() if t.key in agreement.moving]
    moving += [(u, u.change) for u in survey.uses if agreement.moves(u)]
    by_file: dict[str, list[tuple[int, int, str, Task | Use]]] = {}
    for thing, change in moving:
        for where, text in change.pieces:
            by_file.setdefault(change.path, []).append((where.start, where.end, text, thing))
    for pieces in by_file.values():
        ordered = sorted(pieces, key=lambda p: (p[0], p[1]))
        for position, (start, end, _, thing) in enumerate(ordered):
            for other_start, other_end, _, other in ordered[position + 1 :]:
                if other_start > end or (other_start == end and end > start):
                    break
                same_point = start == end == other_start == other_end and other is not thing
                if other_start < end or same_point:
                    problem = Problem("MIG156", "another rewrite meets it", thing.location)
                    yield thing, problem
                    yield other, Problem("MIG156", "another rewrite meets it", other.location)
