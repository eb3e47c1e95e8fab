"""Chains and groups that can be read off the code: a chain becomes a pipeline, a group a group. Everything else stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.call_edits import bracket, name_all, parcel
from migrator.codemods.python.celery_to_dramatiq.plan import Change, Problem, Task, Use
from migrator.codemods.python.celery_to_dramatiq.results import check_result
from migrator.codemods.python.celery_to_dramatiq.tasks import Application
from migrator.codemods.python.celery_to_dramatiq.units import write_delay
from migrator.codemods.python.expressions import arguments
from migrator.codemods.python.mentions import called_by
from migrator.codemods.python.names import External, Symbol
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child

SIGNATURES = frozenset(("s", "si"))
_CANVAS = {
    "chain": frozenset(("celery.chain", "celery.canvas.chain")),
    "group": frozenset(("celery.group", "celery.canvas.group")),
}
_RUNNING = frozenset(("delay", "apply_async"))
_LISTS = frozenset(("list", "tuple", "list_comprehension", "generator_expression", "argument_list"))


@dataclass(frozen=True, slots=True)
class Signature:
    """`x.s(…)` or `x.si(…)` of a known task."""

    task: Task
    node: Node  #: the call
    word: Node  #: the `s` or `si`
    immutable: bool


class Workflows:
    """Reads and rewrites workflows. `tasks` are all tasks by key."""

    def __init__(self, application: Application, tasks: Mapping[str, Task]) -> None:
        self.application, self.tasks = application, tasks

    def around(self, source: Source, signature: Node) -> tuple[Node, Use] | None:
        """The outermost workflow around a signature (a call) and its use, which every signature in it shares; None if it stands alone."""
        top = self._top(source, signature)
        if top == signature:
            return None
        found = list(self._signatures(source, top))
        kind, parts = self._read(source, top)
        steps = [s for part in parts if (s := self._signature(source, part))]
        ran = _run(source, top)
        node = ran[0] if ran is not None else top
        jobs = tuple(dict.fromkeys(s.task.key for s in found))
        use = Use("enqueue", source.location(node), jobs, Change(source.path), name=self._canvas(source, top) or "chain")
        if ran is None or len(steps) != len(parts) or len(found) != len(parts) or not steps or not kind:
            reason = "the workflow is put together or run in a way that is not plain to read"
            use.problems.append(Problem("MIG124", reason, source.location(top)))
            return top, use
        if kind == "group":
            self._group(source, top, steps, use)
        else:
            self._chain(source, top, steps, use)
        self._run(source, *ran, use)
        return top, use

    # -- reading ------------------------------------------------------------------------------------------------------

    def _top(self, source: Source, signature: Node) -> Node:
        top = current = signature
        while (parent := current.parent) is not None:
            operator = child(parent, "operator")
            if parent.type == "binary_operator" and operator is not None and source.text(operator) == "|":
                top = parent
            elif parent.type == "call" and child(parent, "arguments") == current:
                if not self._is_celery(source, child(parent, "function")):
                    break
                top = parent
            elif parent.type == "attribute" and child(parent, "object") == current:
                call = called_by(parent)
                if call is None or source.text(child(parent, "attribute") or parent) in _RUNNING:
                    break
                parent = call
            elif parent.type not in _LISTS and parent.type != "parenthesized_expression":
                break
            current = parent
        return top

    def _is_celery(self, source: Source, callee: Node | None) -> bool:
        origin = self.application.names.origin(source, callee) if callee is not None else None
        return isinstance(origin, External) and origin.path.startswith("celery.")

    def _canvas(self, source: Source, node: Node) -> str:
        """`chain` or `group` for a call of either."""
        callee = child(node, "function") if node.type == "call" else None
        origin = self.application.names.origin(source, callee) if callee is not None else None
        if not isinstance(origin, External):
            return ""
        return next((word for word, paths in _CANVAS.items() if origin.path in paths), "")

    def _read(self, source: Source, top: Node) -> tuple[str, list[Node]]:
        """(`chain`, `pipe` of `|`, or `group`; its parts); the kind is empty where it is none of them."""
        canvas = self._canvas(source, top)
        given = arguments(source, top) if top.type == "call" else None
        if given is not None and (given.keywords or given.starred or not canvas):
            return "", []
        if given is not None and canvas == "chain":
            return "chain" if len(given.positional) > 1 else "", list(given.positional)
        if given is not None:
            return "group", _elements(top)
        return "pipe", list(_piped(source, top))

    def _signatures(self, source: Source, top: Node) -> Iterator[Signature]:
        stack = [top]
        while stack:
            node = stack.pop()
            found = self._signature(source, node)
            if found is not None:
                yield found
            stack.extend(reversed(node.named_children))

    def _signature(self, source: Source, node: Node) -> Signature | None:
        callee = child(node, "function") if node.type == "call" else None
        owner, word = child(callee, "object"), child(callee, "attribute")
        if owner is None or word is None or source.text(word) not in SIGNATURES:
            return None
        origin = self.application.names.origin(source, owner)
        task = self.tasks.get(origin.key) if isinstance(origin, Symbol) else None
        return Signature(task, node, word, source.text(word) == "si") if task is not None else None

    # -- writing ------------------------------------------------------------------------------------------------------

    def _group(self, source: Source, top: Node, found: list[Signature], use: Use) -> None:
        use.summary = "The group is a group of messages."
        use.change.dramatiq = True
        use.change.replace(child(top, "function") or top, "dramatiq.group")
        for signature in found:
            use.change.replace(signature.word, "message")
        given = arguments(source, top)
        if given.node.type == "argument_list" and not (len(given.positional) == 1 and given.positional[0].type in _LISTS):
            bracket(use.change, given)

    def _chain(self, source: Source, top: Node, found: list[Signature], use: Use) -> None:
        use.summary = "The chain is a pipeline."
        if top.type == "call":
            use.change.dramatiq = True
            use.change.replace(child(top, "function") or top, "dramatiq.pipeline")
            bracket(use.change, arguments(source, top))
        use.traps.add("MIG123")
        for position, signature in enumerate(found):
            self._step(source, signature, use, first=position == 0)

    def _step(self, source: Source, signature: Signature, use: Use, *, first: bool) -> None:
        given = arguments(source, signature.node)
        if given.starred or not given.plain:
            use.problems.append(Problem("MIG124", "a step's arguments are not plain to read", source.location(signature.node)))
            return
        if first:
            use.change.replace(signature.word, "message")
            return
        # Not `message`: type checkers hold its arguments against all parameters, and the result comes later.
        use.change.replace(signature.word, "message_with_options")
        if signature.immutable:
            parcel(use.change, source, given, "pipe_ignore=True")
            return
        # Celery hands the result on as first argument, Dramatiq as last: what stands between is passed by keyword.
        names = plain_parameters(signature.task)
        if given.positional and (not signature.task.plain_signature or names is None or len(names) <= len(given.positional)):
            reason = f"the parameters of `{signature.task.symbol}` do not tell where the result of the step before goes"
            use.problems.append(Problem("MIG123", reason, source.location(signature.node)))
            return
        name_all(use.change, source, given, (names or [])[1:])

    def _run(self, source: Source, run: Node, flow: Node, use: Use) -> None:
        """`()`, `.delay()` and `.apply_async(countdown=…)` become `.run(delay=…)`. `flow` is the workflow in its parentheses."""
        given = arguments(source, run)
        countdown = given.keywords.get("countdown")
        name, value = child(countdown, "name"), child(countdown, "value")
        if given.positional or given.starred or set(given.keywords) - {"countdown"}:
            use.problems.append(Problem("MIG124", "the workflow is run with options or further arguments", source.location(run)))
        elif name is None or value is None:
            use.change.replace(Span(flow.end_byte, run.end_byte), ".run()")
        else:
            use.change.replace(Span(flow.end_byte, name.end_byte), ".run(delay")
            write_delay(use.change, source, value, self.application.local)
            use.traps.add("MIG103")
        check_result(self.application.tree, source, run, use, ids=False, message=False)


def plain_parameters(task: Task) -> list[str] | None:
    """Names of the parameters that can be given by position and by keyword, without the task itself; None if others come before them."""
    names: list[str] = []
    parameters = child(task.function, "parameters")
    for node in parameters.named_children if parameters is not None else ():
        match node.type:
            case "comment":
                continue
            case "identifier":
                names.append(task.source.text(node))
            case "default_parameter" | "typed_default_parameter":
                name = child(node, "name")
                names.append(task.source.text(name) if name is not None else "")
            case "typed_parameter" if node.named_children[0].type == "identifier":
                names.append(task.source.text(node.named_children[0]))
            case "positional_separator":
                return None
            case _:
                break
    return names[1:] if task.bound else names


def _elements(group: Node) -> list[Node]:
    """The signatures that a group is given: one by one, in a list, or as the body of a comprehension."""
    given = child(group, "arguments")
    if given is None:
        return []
    if given.type == "generator_expression":
        body = child(given, "body")
        return [body] if body is not None else []
    parts = [c for c in given.named_children if c.type != "comment"]
    if len(parts) == 1 and parts[0].type in ("list", "tuple"):
        return [c for c in parts[0].named_children if c.type != "comment"]
    if len(parts) == 1 and parts[0].type in ("list_comprehension", "generator_expression"):
        body = child(parts[0], "body")
        return [body] if body is not None else []
    return parts


def _piped(source: Source, node: Node) -> Iterator[Node]:
    while node.type == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    operator = child(node, "operator")
    left, right = child(node, "left"), child(node, "right")
    if node.type == "binary_operator" and operator is not None and source.text(operator) == "|" and left is not None and right is not None:
        yield from _piped(source, left)
        yield from _piped(source, right)
    else:
        yield node


def _run(source: Source, top: Node) -> tuple[Node, Node] | None:
    """(the call that runs a workflow, the workflow in its parentheses): `flow()`, `flow.delay(…)`, `flow.apply_async(…)`."""
    flow = top
    while flow.parent is not None and flow.parent.type == "parenthesized_expression":
        flow = flow.parent
    run = called_by(flow)
    method = flow.parent
    if run is None and method is not None and method.type == "attribute" and child(method, "object") == flow:
        run = called_by(method) if source.text(child(method, "attribute") or method) in _RUNNING else None
    return (run, flow) if run is not None else None
