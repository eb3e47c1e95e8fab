"""What a bound task asks of itself in its body: `self.retry`, `self.request`, `self.name`."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.interpolation import quoted_at
from migrator.codemods.python.celery_to_dramatiq.local_names import LocalNames
from migrator.codemods.python.celery_to_dramatiq.plan import Helper, Problem, Task
from migrator.codemods.python.celery_to_dramatiq.retries import RetryOptions
from migrator.codemods.python.celery_to_dramatiq.units import write_delay
from migrator.codemods.python.expressions import Arguments, arguments
from migrator.codemods.python.mentions import called_by
from migrator.syntax.source import Source
from migrator.syntax.tree import ancestors, walk
from migrator.syntax.tree import field as child

#: what also stands for Celery's soft time limit
ANY_ERROR = frozenset(("Exception", "BaseException", "SoftTimeLimitExceeded"))
_SHOWING = frozenset(("print", "debug", "info", "warning", "error", "critical", "exception"))
_SHOWN = frozenset(("argument_list", "concatenated_string", "interpolation", "string", "tuple"))
_REQUEST: dict[str, Helper] = {"retries": "retries", "id": "message_id"}


def read_body(task: Task, retries: RetryOptions, local: LocalNames) -> bool:
    """Rewrite what the body asks of its task; True if it asks for another attempt anywhere."""
    asks = False
    for node in own_mentions(task):
        if _taken(task, node, local):
            task.problems.append(_problem(task, "MIG109", f"the name `{task.symbol}` means something else in its body", node))
        asks = _Rewriter(task, retries, local).rewrite(node) or asks
    if asks and retries.errors and not retries.own_maximum:
        task.problems.append(_problem(task, "MIG101", "automatic retries and `self.retry` have different limits", task.function))
    return asks


def catches_all(source: Source, function: Node) -> bool:
    """True if something in the body can catch an error of any kind, or one that we do not know."""
    for clause in walk(function, ("except_clause", "except_group_clause")):
        caught = clause.named_children[0]
        if caught.type == "as_pattern":
            caught = caught.named_children[0]
        kinds = caught.named_children if caught.type == "tuple" else [caught]
        names = [source.text(kind).rpartition(".")[2] for kind in kinds if kind.type in ("identifier", "attribute")]
        if len(names) < len(kinds) or any(name in ANY_ERROR or not name.strip("_")[:1].isupper() or name.isupper() for name in names):
            return True
    return any(b"suppress" in (item.text or b"") for item in walk(function, ("with_item",)))


def own_mentions(task: Task) -> Iterator[Node]:
    """Where the body names the task as its first parameter, or asks something of it by its own name."""
    source = task.source
    body = child(task.function, "body")
    for node in walk(body, ("identifier",)) if body is not None else ():
        text, parent = source.text(node), node.parent
        is_member = parent is not None and child(parent, "attribute") == node
        is_keyword = parent is not None and parent.type == "keyword_argument" and child(parent, "name") == node
        if is_member or is_keyword:
            continue
        if task.bound and text == task.bound:
            yield node
        elif text == task.symbol and parent is not None and parent.type == "attribute":
            name = child(parent, "attribute")
            if name is not None and source.text(name) in ("retry", "request", "MaxRetriesExceededError"):
                yield node


def _problem(task: Task, trap: str, reason: str, node: Node) -> Problem:
    return Problem(trap, reason, task.source.location(node))


def _taken(task: Task, node: Node, local: LocalNames) -> bool:
    """True where the task's own name, which replaces `self`, is bound to something else between the module and `node`."""
    bindings = local.tree.bindings(task.path).lookup(task.symbol, node)
    return any(b.scope.parent is not None for b in bindings)


class _Rewriter:
    def __init__(self, task: Task, retries: RetryOptions, local: LocalNames) -> None:
        self.task, self.retries, self.local = task, retries, local
        self.source, self.change = task.source, task.change

    def rewrite(self, node: Node) -> bool:
        """Rewrite one mention of the task; True for a call of `retry`."""
        outer = node.parent
        name = child(outer, "attribute")
        if outer is None or outer.type != "attribute" or name is None or child(outer, "object") != node:
            self._give_up(node, f"`{self.source.text(node)}` is used as a value")
            return False
        match self.source.text(name):
            case "retry":
                return self._retry(outer)
            case "request":
                self._request(outer)
            case other if _is_target(outer):
                self._give_up(outer, f"`{self.source.text(node)}.{other}` is set")
            case "name":
                self.change.replace(outer, f"{self.task.symbol}.actor_name")
            case "max_retries":
                self.change.replace(outer, f"{self.task.symbol}.options[{quoted_at(self.source, outer, 'max_retries')}]")
                self._only_if_asked(outer)
            case "MaxRetriesExceededError" if _is_caught(outer):
                self.change.replace(outer, self.local.use(self.change, "RetriesExhausted"))
            case other:
                self._give_up(outer, f"`{self.source.text(node)}.{other}` has no counterpart that we know")
        return False

    def _give_up(self, node: Node, reason: str, trap: str = "MIG109") -> None:
        self.task.problems.append(_problem(self.task, trap, reason, node))

    def _only_if_asked(self, node: Node) -> None:
        """`max_retries` of an actor that never retries is written as 0, which is not what Celery would say."""
        if not any(_is_retry(c) for c in walk(self.task.function, ("call",))) and not self.retries.errors:
            self._give_up(node, "`self.max_retries` is read, but the task never asks for a retry")

    def _request(self, request: Node) -> None:
        outer = request.parent
        name = child(outer, "attribute")
        if _is_shown(request):
            self.task.traps.add("MIG109")
            self.change.replace(request, f"{self.local.use(self.change, 'current_message')}({self.task.symbol})")
            return
        helper = (
            _REQUEST.get(self.source.text(name)) if name is not None and outer is not None and child(outer, "object") == request else None
        )
        if helper is None or outer is None or _is_target(outer):
            self._give_up(request, f"`{self.source.text(outer or request)}` has no counterpart that we know")
            return
        self.task.traps.add("MIG109")
        self.change.replace(outer, f"{self.local.use(self.change, helper)}({self.task.symbol})")

    def _retry(self, callee: Node) -> bool:
        call = called_by(callee)
        if call is None:
            self._give_up(callee, "`retry` is passed on instead of called", "MIG101")
            return False
        given = arguments(self.source, call)
        unknown = set(given.keywords) - {"exc", "countdown"}
        if given.positional or given.starred or not given.plain or unknown:
            what = ", ".join(sorted(unknown)) or "its arguments"
            self._give_up(call, f"`retry` is called with {what}, for which there is no rule", "MIG101")
            return True
        change, local = self.change, self.local

        def default() -> str:
            return self.retries.fixed_delay(self.source, change, local)

        change.replace(callee, local.use(change, "retry"))
        opening = given.node.children[0]
        change.insert(given.all[0].start_byte if given.all else opening.end_byte, self._as_first(given, opening))
        countdown = given.keywords.get("countdown")
        name, value = child(countdown, "name"), child(countdown, "value")
        if name is not None and value is not None:
            change.replace(name, "delay")
            write_delay(change, self.source, value, local, default=default)
        else:
            end = given.all[-1].end_byte if given.all else opening.end_byte
            change.insert(end, f", delay={default()}")
        self.task.traps |= {"MIG101", "MIG103"}
        return True

    def _as_first(self, given: Arguments, opening: Node) -> str:
        """The task's name as first argument, on a line of its own where the others have theirs."""
        if not given.all:
            return self.task.symbol
        first = given.all[0]
        if first.start_point.row == opening.start_point.row:
            return f"{self.task.symbol}, "
        line = self.source.data.rfind(b"\n", 0, first.start_byte) + 1
        return f"{self.task.symbol},\n{self.source.data[line : first.start_byte].decode()}"


def _is_shown(node: Node) -> bool:
    """True for a value that is only written out: within what `print` or a logger is given."""
    for outer in ancestors(node):
        if outer.type == "call":
            callee = child(outer, "function")
            name = child(callee, "attribute") or callee
            if name is None or name.text is None or name.type != "identifier":
                return False
            if name.text.decode() in _SHOWING:
                return (name.text == b"print") == (name == callee)
            if name.text != b"format" or getattr(child(callee, "object"), "type", "") != "string":
                return False
        elif outer.type == "binary_operator":
            if getattr(child(outer, "left"), "type", "") != "string":
                return False
        elif outer.type not in _SHOWN:
            return False
    return False


def _is_retry(call: Node) -> bool:
    name = child(call, "function", "attribute")
    return name is not None and name.text == b"retry"


def _is_caught(node: Node) -> bool:
    """True for an exception named by an `except` clause, alone or in a tuple."""
    parent = node.parent
    while parent is not None and parent.type in ("tuple", "as_pattern", "parenthesized_expression"):
        parent = parent.parent
    return parent is not None and parent.type == "except_clause"


def _is_target(node: Node) -> bool:
    """True where `node` is assigned to or deleted, alone or among others."""
    parent = node.parent
    while parent is not None and parent.type in ("pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern"):
        node, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type in ("delete_statement", "as_pattern_target"):
        return True
    setting = parent.type in ("assignment", "augmented_assignment", "for_statement", "for_in_clause")
    return setting and child(parent, "left") == node
