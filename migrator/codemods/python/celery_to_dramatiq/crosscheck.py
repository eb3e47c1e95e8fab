"""Holding the reading of the rewrite against the scanner's: where the scanner knows of more, the job stays."""

from __future__ import annotations

from migrator.codemods.python.celery_to_dramatiq.bodies import own_mentions
from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.celery_to_dramatiq.survey import Survey
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Enqueue, Inventory, Reference, Schedule, Span
from migrator.syntax.source import span

_REASON = "the scan knows of a use here that the rewrite cannot follow"


def crosscheck(tree: CodeTree, inventory: Inventory, survey: Survey) -> None:
    """Add a problem to each task that the inventory mentions where the survey does not."""
    keys = {f"{tree.module_of(task.path)}:{task.symbol}": key for key, task in survey.tasks.items()}
    seen = _seen(tree, survey)
    for item in (*inventory.of(Enqueue, "celery"), *inventory.of(Schedule, "celery")):
        key = keys.get(item.job)
        where = _span(item) or item.location.span
        if key is not None and not _overlaps(seen, item.location.path, where):
            survey.tasks[key].problems.append(Problem("MIG129", _REASON, item.location))
        elif isinstance(item, Schedule) and key is None and not item.job and not _overlaps(seen, item.location.path, where):
            trap = Problem("MIG142", f"the schedule {item.name!r} does not say plainly which job it starts", item.location)
            survey.everywhere.append(trap)
    for reference in inventory.references:
        key = keys.get(reference.target)
        # An import alone is no use, and what is imported is found where it is used.
        if key is None or reference.form == "import":
            continue
        place = reference.location
        if not _overlaps(seen, place.path, place.span) and not _is_result(tree, seen, reference):
            survey.tasks[key].problems.append(Problem("MIG129", _REASON, place))


def _is_result(tree: CodeTree, seen: dict[str, list[Span]], reference: Reference) -> bool:
    """True for a variable that holds what a call returned: whether that may be used is judged with the call."""
    place = reference.location
    if not place.path.endswith(".py"):
        return False
    source = tree.source(place.path)
    node = source.root.named_descendant_for_byte_range(place.span.start, place.span.start)
    if node is None or node.type != "identifier":
        return False
    values = [b.value for b in tree.bindings(place.path).lookup(source.text(node), node)]
    return any(value is not None and _overlaps(seen, place.path, span(value)) for value in values)


def _seen(tree: CodeTree, survey: Survey) -> dict[str, list[Span]]:
    seen: dict[str, list[Span]] = {path: list(spans) for path, spans in survey.accounted.items()}
    for use in survey.uses:
        seen.setdefault(use.location.path, []).append(use.location.span)
        # Where a variable's `id` is read: the variable belongs to it.
        read = [where for where, text in use.change.pieces if text == "message_id"]
        nodes = (tree.source(use.location.path).root.descendant_for_byte_range(where.start, where.end - 1) for where in read)
        seen[use.location.path] += [span(n.parent) for n in nodes if n is not None and n.parent is not None]
    for mention, _ in survey.calls:
        seen.setdefault(mention.source.path, []).append(mention.span)
    for task in survey.tasks.values():
        # The body names its task: `send.retry(…)`, which reading the body takes care of.
        seen.setdefault(task.path, []).extend(span(node) for node in own_mentions(task))
    return seen


def _span(item: Enqueue | Schedule) -> Span | None:
    return item.call if isinstance(item, Enqueue) else item.entry


def _overlaps(seen: dict[str, list[Span]], path: str, where: Span) -> bool:
    return any(s.start < where.end and where.start < s.end for s in seen.get(path, ()))
