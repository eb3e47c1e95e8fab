"""The kinds of job that the worker of a job table tells apart in Python: comparisons, `match`, a dictionary of handlers."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Job, Literal, Trigger
from migrator.regex import regex
from migrator.scanners.linking import Defined, Instance, Place, Structure
from migrator.scanners.python.functions import function_of, handler
from migrator.scanners.python.job_table_values import text_of
from migrator.scanners.python.job_table_workers import NAME
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
from migrator.syntax.tree import field as child

_KINDS = r"(?:type|kind|name|job_type|task_type|task_name|job_name|handler|queue|method|function|func)"
_DISPATCHED = regex(
    rf"(?:^|\.)(?:job|row|task|record|item|claimed|message|entry|work)\w*(?:\.{_KINDS}|\[[\"']{_KINDS}[\"']\])(?:\.value)?$"
    r"|^(?:job_type|task_type|job_kind|task_name|job_name)$"
)


def dispatch(view: View) -> None:
    """Record every kind of job that the file tells apart by a column of a row; only where rows are taken out of a job table."""
    for node in view.source.nodes("if_statement", "match_statement", "subscript", "call"):
        match node.type:
            case "if_statement":
                _comparisons(view, node)
            case "match_statement":
                _matched(view, node)
            case "subscript":
                _table(view, child(node, "value"), child(node, "subscript"))
            case _:
                function = callee_of(node)
                name = child(function, "attribute")
                arguments = child(node, "arguments")
                if name is not None and view.source.text(name) == "get" and arguments is not None and arguments.named_children:
                    _table(view, child(function, "object"), arguments.named_children[0])


def _is_kind(view: View, node: Node | None) -> bool:
    """True for `job.type` and its kin, and for a name that was given one."""
    if node is None or node.type != "identifier" or _DISPATCHED.search(view.source.text(node)):
        return node is not None and bool(_DISPATCHED.search(view.source.text(node)))
    bound = view.project.bindings(view.source.path).lookup(view.source.text(node), node)
    value = bound[0].value if len(bound) == 1 and bound[0].kind == "value" else None
    for step in bound[0].path if value is not None else ():
        inner = value.named_children if value is not None and value.type in ("tuple", "expression_list") else []
        value = inner[int(step)] if step.isdigit() and int(step) < len(inner) else None
    return value is not None and bool(_DISPATCHED.search(view.source.text(value)))


def _comparisons(view: View, node: Node) -> None:
    """`if job.type == "a": … elif job.type == "b": …`: at least two kinds."""
    branches = [(node, child(node, "condition"), child(node, "consequence"))]
    branches += [(c, child(c, "condition"), child(c, "consequence")) for c in node.named_children if c.type == "elif_clause"]
    found: list[tuple[Node, str, Node | None]] = []
    for _, condition, body in branches:
        if condition is None or condition.type != "comparison_operator" or len(condition.named_children) != 2:
            continue
        left, right = condition.named_children
        name = text_of(view, view.place(right))
        if _is_kind(view, left) and name:
            found.append((condition, name, body))
    if len(found) >= 2:
        for condition, name, body in found:
            _job(view, view.place(condition), name, "comparison", _called_in(view, body))


def _matched(view: View, node: Node) -> None:
    if not _is_kind(view, child(node, "subject")):
        return
    for case in walk(node, ("case_clause",)):
        pattern = next((c for c in case.named_children if c.type == "case_pattern"), None)
        names = [text_of(view, view.place(n)) for n in walk(pattern, ("string", "dotted_name"))] if pattern is not None else []
        for name in (n for n in names if n):
            _job(view, view.place(case), name, "match case", _called_in(view, child(case, "consequence")))


def _table(view: View, table: Node | None, index: Node | None) -> None:
    """`HANDLERS[job.type]` and `HANDLERS.get(job.type)`."""
    if table is None or not _is_kind(view, index):
        return
    meaning = view.evaluator.of(view.source, table)
    if isinstance(meaning, Instance) and meaning.call is not None:
        # `Box({…})`: a dictionary in another's clothes.
        first = view.evaluator.arguments(meaning.call).get(0)
        meaning = view.evaluator.meaning(first) if isinstance(first, Place) else meaning
    if not isinstance(meaning, Structure) or meaning.is_list:
        return
    for key, entry in meaning.entries.items():
        pair = entry.node.parent
        written = child(pair, "key")
        name = text_of(view, Place(entry.source, written, entry.frame)) if written is not None else key
        function = function_of(view.evaluator, view.evaluator.meaning(entry))
        if name and pair is not None and not key.startswith("..."):
            _job(view, Place(entry.source, pair), name, "dictionary", function.place if function is not None else None)


def _called_in(view: View, body: Node | None) -> Place | None:
    """The function of the project that a branch calls."""
    for call in walk(body, ("call",)) if body is not None else ():
        callee = callee_of(call)
        meaning = view.evaluator.of(view.source, callee) if callee is not None else None
        if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
            return meaning.place
    return None


def _job(view: View, at: Place, name: str, form: str, function: Place | None) -> None:
    inner = View(at.source, view.project, view.evaluator, view.versions, view.found)
    view.add(
        Job(
            **inner.common(NAME, at.source.location(at.node)),
            name=name,
            symbol=name,
            module=inner.module,
            definition=span(at.node),
            form=form,
            triggers=(Trigger("direct", Literal(name)),),
            handler=handler(function) if function is not None else None,
            confidence="likely",
            reason="the worker of a job table tells it apart",
            live=True,
        )
    )
