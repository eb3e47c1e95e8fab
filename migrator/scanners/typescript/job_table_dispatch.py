"""The kinds of job that the worker of a job table tells apart: `switch (job.type)`, a record or map of handlers, a chain of comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from tree_sitter import Node

from migrator.jobs import Backoff, Job, Literal, Retry, Trigger, Unresolved
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Instance, Known, Place, Structure
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.job_table_sql import MARKERS
from migrator.scanners.typescript.job_table_takers import NAME, function_around
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, field, name_of, walk

_DISPATCHED = regex(
    r"(^|\.)(job|row|task|record|item|claimed|next|message|entry)\w*!?\??\.(type|kind|name|jobType|job_type|taskType|task_type|action|actionType|action_type|handler|queue)$",
    re.IGNORECASE,
)
#: what a row carries for the one who works on it
_PAYLOAD = regex(
    r"(?:\w+\.)*(?:job|row|task|record|item|claimed|next|message|entry)\w*!?\??\.(?:payload|data|args|params|input)\b", re.IGNORECASE
)
#: a file that works another system's jobs off tells those apart
OTHER_SYSTEMS = (b"bullmq", b'"bull"', b"pg-boss", b"inngest", b"graphile-worker", b"agenda", b"@aws-sdk", b"bee-queue")
NODES = ("switch_statement", "subscript_expression", "if_statement", "call_expression")
#: of these the ones that look a function up
_TABLES = ("subscript_expression", "call_expression")
#: how the column of a row is written, where that is handed on
_COLUMN = ("member_expression", "non_null_expression")
#: says whether a node is the column of a row that tells its kind
_Kind = Callable[[Node | None], bool]


def find_kinds(found: Found) -> None:
    """Record the kinds of job that are told apart where somebody works on job tables: in code that names one, or what takes rows out."""
    takers = _takers(found)
    named = (*MARKERS, *found.markers())
    for view in found.views if found.tables or takers else ():
        data = view.source.data
        if view.source.is_python or any(marker in data for marker in OTHER_SYSTEMS):
            continue
        if any(marker in data for marker in named) or _takes(view, takers):
            _dispatch(view)
            view.source.forget()


def _takers(found: Found) -> dict[str, set[str]]:
    """The files in which rows are taken, with the names of the functions that do so."""
    takers: dict[str, set[str]] = {}
    for call in found.calls["taker"]:
        function = function_around(call.node)
        name = name_of(function) if function is not None else None
        takers.setdefault(call.view.source.path, set()).update([call.view.source.text(name)] if name is not None else [])
    return takers


def _takes(view: View, takers: Mapping[str, set[str]]) -> bool:
    """True for a file in which rows are taken, or which asks for them a function of another file that is told by its name or imported."""
    if view.source.path in takers:
        return True
    asked = {path for path, names in takers.items() if any(name.encode() in view.source.data for name in names)}
    if any(name in view.found.called and name.encode() in view.source.data for path in asked for name in takers[path]):
        return True
    modules = {b.module for b in view.project.bindings(view.source.path).every() if b.kind == "import"} if asked else set[str]()
    return any(view.project.resolve(view.source.path, module) in asked for module in modules)


def _dispatch(view: View) -> None:
    for node in view.source.nodes(*NODES):
        _tell(view, node, lambda each: _is_kind(view, each))
    for function, parameter, works in _handed_on(view):
        inner = View(function.source, view.project, view.evaluator, view.versions, view.found)
        for node in walk(function.node, NODES if works else _TABLES):
            _tell(inner, node, lambda each, inner=inner, name=parameter: each is not None and inner.source.text(each).strip("()") == name)


def _tell(view: View, node: Node, kind: _Kind) -> None:
    if node.type == "switch_statement":
        _switch(view, node, kind)
    elif node.type == "subscript_expression":
        _record(view, node, kind)
    elif node.type == "if_statement":
        _comparisons(view, node, kind)
    else:
        _map(view, node, kind)


def _handed_on(view: View) -> Iterator[tuple[Place, str, bool]]:
    """Functions of the tree that are handed the kind of a row: what they call it, and whether they are handed more of the row to work on.

    `run(job.type, job.payload)` does the work; `nameOf(job.type)` may as well say what people call it, or what to run.
    """
    seen: set[tuple[str, int]] = set()
    for call in view.source.nodes("call_expression"):
        arguments, callee = field(call, "arguments"), callee_of(call)
        given = [c for c in arguments.named_children if c.type != "comment"] if arguments is not None else []
        payload = any(_PAYLOAD.match(view.source.text(node)) for node in given)
        told = (
            i for i, node in enumerate(given) if node.type in _COLUMN and (_is_kind(view, node) or (payload and _ends_in_kind(view, node)))
        )
        at = next(told, None)
        meaning = view.evaluator.of(view.source, callee) if at is not None and callee is not None else None
        if at is None or not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
            continue
        parameters = field(meaning.place.node, "parameters")
        named = [p for p in parameters.named_children if p.type != "comment"] if parameters is not None else []
        pattern = (field(named[at], "pattern") or named[at]) if at < len(named) else None
        key = (meaning.place.source.path, meaning.place.node.start_byte)
        if pattern is not None and pattern.type == "identifier" and key not in seen:
            seen.add(key)
            row = re.split(r"\W", view.source.text(given[at]), maxsplit=1)[0]
            works = payload or any(re.match(rf"{re.escape(row)}\b", view.source.text(g)) for i, g in enumerate(given) if i != at)
            yield meaning.place, meaning.place.source.text(pattern), works


def is_kind(text: str) -> bool:
    """True for code that says the kind of a job.

    >>> is_kind("job.type"), is_kind("this.row.kind!"), is_kind("user.name")
    (True, True, False)
    """
    return bool(_DISPATCHED.search(text.strip("()").rstrip("!")))


def _ends_in_kind(view: View, node: Node) -> bool:
    """`pipeline.actionType`: what a row belongs to can say what is to be done with it."""
    return is_kind(f"job.{view.source.text(node).rpartition('.')[2]}")


def _is_kind(view: View, node: Node | None) -> bool:
    return node is not None and is_kind(view.source.text(node))


def _switch(view: View, node: Node, kind: _Kind) -> None:
    if not kind(field(node, "value")):
        return
    cases = [(c, view.evaluator.text(view.place(v))) for c in walk(node, ("switch_case",)) if (v := field(c, "value")) is not None]
    if len([name for _, name in cases if name]) >= 2:
        for case, name in cases:
            _job(view, view.place(case), name, "switch case", _called_in(view, case))


def _record(view: View, node: Node, kind: _Kind) -> None:
    """`handlers[job.type]`."""
    table = field(node, "object")
    if table is None or not kind(field(node, "index")):
        return
    meaning = view.evaluator.of(view.source, table)
    if isinstance(meaning, Structure):
        functions = {k: p for k, p in meaning.entries.items() if isinstance(view.evaluator.meaning(p), Defined)}
        if len(functions) >= 2:
            for name, place in functions.items():
                _job(view, place, name, "handlers entry", place)
    elif not isinstance(meaning, Known):
        reason = "a table of handlers that could not be read"
        view.add(Unresolved(view.source.path, node.start_point.row + 1, reason, NAME, view.source.text(node)))


def _map(view: View, node: Node, kind: _Kind) -> None:
    """`handlers.get(job.type)` of `new Map([["a", runA], …])`."""
    function = callee_of(node)
    method, owner = field(function, "property"), field(function, "object")
    given = view.evaluator.arguments(view.place(node)).get(0)
    if method is None or owner is None or view.source.text(method) != "get" or not isinstance(given, Place) or not kind(given.node):
        return
    meaning = view.evaluator.of(view.source, owner)
    made = meaning.call if isinstance(meaning, Instance) and meaning.of.key == "globalThis.Map" else None
    listed = view.evaluator.arguments(made).get(0) if made is not None else None
    for pair in view.evaluator.entries(listed).values() if isinstance(listed, Place) else ():
        parts = view.evaluator.entries(pair)
        name, handler = view.evaluator.text(parts.get("0")), parts.get("1")
        if name and handler is not None:
            _job(view, pair, name, "handlers entry", handler)


def _comparisons(view: View, node: Node, kind: _Kind) -> None:
    """`if (job.type === "a") … else if (job.type === "b") …`, or one `if` after the other: at least two of them."""
    if node.parent is None or node.parent.type == "else_clause":
        return
    if _is_branch(view, _beside(node, -1), kind):
        # The first of a row of them has been looked at with all that follow.
        return
    found, following = _chain(view, node, kind), _beside(node, 1)
    alone = len(found) < 2
    while _is_branch(view, following, kind):
        found += _chain(view, following, kind)
        following = _beside(following, 1)
    # Code that only shows what kind a row is of asks for it in the same way, but does nothing.
    if len({name for _, name in found}) < 2 or (alone and not all(_acts(view, branch) for branch, _ in found)):
        return
    for branch, name in found:
        consequence = field(branch, "consequence")
        _job(view, view.place(branch), name, "comparison", _called_in(view, consequence) if consequence is not None else None)


def _beside(node: Node | None, step: int) -> Node | None:
    """The statement before (-1) or after (1) a statement."""
    while node is not None:
        node = node.next_named_sibling if step > 0 else node.prev_named_sibling
        if node is None or node.type != "comment":
            break
    return node


def _is_branch(view: View, node: Node | None, kind: _Kind) -> bool:
    return node is not None and node.type == "if_statement" and bool(_compared(view, field(node, "condition"), kind))


def _acts(view: View, branch: Node) -> bool:
    """True for a branch that waits for something, or calls a function of the tree."""
    consequence = field(branch, "consequence")
    if consequence is None:
        return False
    return next(iter(walk(consequence, ("await_expression",))), None) is not None or _called_in(view, consequence) is not None


def _chain(view: View, node: Node | None, kind: _Kind) -> list[tuple[Node, str]]:
    """(branch, kind that it is for) of an `if` and what follows its `else`, up to the first that asks for something else."""
    chain: list[tuple[Node, str]] = []
    branch = node
    while branch is not None and branch.type == "if_statement":
        name = _compared(view, field(branch, "condition"), kind)
        if not name:
            break
        chain.append((branch, name))
        alternative = field(branch, "alternative")
        branch = next((c for c in alternative.named_children if c.type == "if_statement"), None) if alternative is not None else None
    return chain


def _compared(view: View, condition: Node | None, kind: _Kind) -> str:
    """The text with which the kind of a row is compared."""
    comparison = condition.named_children[0] if condition is not None and condition.named_children else None
    left, right = field(comparison, "left"), field(comparison, "right")
    operator = field(comparison, "operator")
    if left is None or right is None or operator is None or view.source.text(operator) not in ("===", "=="):
        return ""
    return view.evaluator.text(view.place(right)) if kind(left) else ""


def _called_in(view: View, node: Node) -> Place | None:
    """The first function of the tree that a branch calls."""
    for call in walk(node, ("call_expression",)):
        callee = callee_of(call)
        if callee is not None and isinstance(view.evaluator.of(view.source, callee), Defined):
            return view.place(callee)
    return None


def _job(view: View, place: Place, name: str, form: str, handler: Place | None) -> None:
    pair = place.node.parent if place.node.parent is not None and place.node.parent.type == "pair" else place.node
    location = place.source.location(pair)
    if any(isinstance(i, Job) and i.system == NAME and i.location == location for i in view.found.items):
        # Two files hand the kind of a row to the same function.
        return
    view.add(
        Job(
            **view.common(NAME, location),
            name=name,
            symbol=name,
            module=view.project.module_of(place.source.path),
            definition=span(pair),
            form=form,
            triggers=(Trigger("direct", Literal(name)),) if name else (),
            retry=allowed(view),
            handler=handler_of(view, handler),
            confidence="likely",
            reason="dispatched by the type of a row",
            live=True,
        )
    )


def allowed(view: View) -> Retry | None:
    """The attempts that the only job table allows a row that says nothing of its own; what is waited between them only the code knows."""
    limits = {t.max_attempts for t in view.found.tables}
    limit = limits.pop() if len(limits) == 1 else None
    return Retry(Literal(limit), Backoff("custom"), explicit=True) if limit is not None else None
