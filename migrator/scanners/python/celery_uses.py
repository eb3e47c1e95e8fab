"""What a task's body asks of Celery while it runs.

Features: `manual-retry` (a call of `self.retry`, its arguments in `detail`), `context.X` (`self.X`; `context.request.retries`),
`context` (`self` itself, passed on), `current_task.X`, `exception.X` and `app.X` for what it takes from the package.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Use
from migrator.scanners.linking import Defined, Instance, Known, Meaning, Member, Place, Unknown
from migrator.scanners.python.celery_terms import Task, Terms
from migrator.scanners.reading import View
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

_CURRENT = ("celery.current_task", "celery._state.current_task", "celery.app.current_task")
_OF_CURRENT = tuple(f"{name}." for name in _CURRENT)
_EXCEPTIONS = "celery.exceptions."
_AROUND = frozenset((b"self", b"cls"))
_ASKS = frozenset(("manual-retry", "context"))


def uses(view: View, task: Task, bound: str, owner: Defined | None) -> tuple[Use, ...]:
    """Uses of Celery in the body of `task`, in document order. `bound` is the name of the parameter that holds the task, if any.

    `owner` is the class of a class-based task: its own attributes are no uses.
    """
    if task.function is None:
        return ()
    inside = view if task.function.source.path == view.source.path else _view(view, task.function)
    body = child(task.function.node, "body")
    if body is None:
        return ()
    found: list[Use] = []
    for node in walk(body, ("identifier",)):
        if _is_member_name(node):
            continue
        use = _of_bound(inside, node, bound, owner, task.function.node) or _of_package(inside, node, task)
        if use is not None:
            found.append(use)
    return tuple(found)


def asks_for_retry(found: tuple[Use, ...]) -> bool:
    """True if the body may ask for another run, itself or through what it hands `self` to."""
    return any(u.feature in _ASKS for u in found)


def _of_bound(view: View, node: Node, bound: str, owner: Defined | None, function: Node) -> Use | None:
    if not bound or node.text != bound.encode() or not _is_first_parameter(view, node, function):
        return None
    outer, names = _chain(view, node)
    if names and owner is not None and _declares(view, owner, names[0]):
        return None
    call = _call_of(outer)
    if names and names[0] == "retry" and call is not None:
        return Use("manual-retry", view.source.location(call), _arguments(view, call))
    whole = call or outer
    return Use(".".join(("context", *names)), view.source.location(whole), _arguments(view, call) if call is not None else "")


def _of_package(view: View, node: Node, task: Task) -> Use | None:
    meaning = view.evaluator.of(view.source, node)
    # Of what nobody knows, only the instance around it tells more by what hangs on it.
    if isinstance(meaning, Unknown | Known) and node.text not in _AROUND:
        return None
    outer, names = _chain(view, node)
    full = view.evaluator.of(view.source, outer) if names else meaning
    feature = _feature(view, node, meaning, full, names, task)
    if not feature:
        return None
    call = _call_of(outer)
    return Use(feature, view.source.location(call or outer), _arguments(view, call) if call is not None else "")


def _feature(view: View, node: Node, meaning: Meaning, full: Meaning, names: list[str], task: Task) -> str:
    """What of Celery a name in a task's body, or what hangs on it, uses; empty for anything else."""
    if meaning.key in _CURRENT or full.key.startswith(_OF_CURRENT):
        return ".".join(("current_task", *(names if meaning.key in _CURRENT else names[1:])))
    if full.key.startswith(_EXCEPTIONS) and _is_imported(view, node):
        return f"exception.{full.key.removeprefix(_EXCEPTIONS).split('.')[0].removesuffix('()')}"
    terms = Terms(view.evaluator)
    if isinstance(meaning, Instance) and names and names[0] in ("request", "retry", "update_state", "replace"):
        own = terms.task(meaning)
        if own is not None and own.job == task.job:
            return "manual-retry" if names[0] == "retry" else ".".join(("context", *names))
    if names and names[0] not in ("send_task", "task", "signature", "tasks") and terms.is_app(meaning):
        return ".".join(("app", *names))
    return ""


def bound_calls(view: View, task: Task, bound: str, methods: frozenset[str], *of: str) -> Iterator[tuple[Node, Node]]:
    """Calls such as `self.apply_async(…)` in the body of a bound task: the call, and the node of the method's name.

    `of` are the attributes on the way to the method: `self.app.send_task(…)`.
    """
    body = child(task.function.node, "body") if task.function is not None else None
    if body is None or not bound or task.function is None or task.function.source.path != view.source.path:
        return
    for node in walk(body, ("identifier",)):
        if node.text != bound.encode() or _is_member_name(node) or not _is_first_parameter(view, node, task.function.node):
            continue
        outer, names = _chain(view, node)
        call, name = _call_of(outer), child(outer, "attribute")
        if names[:-1] == [*of] and names[-1:] and names[-1] in methods and call is not None and name is not None:
            yield call, name


def _is_first_parameter(view: View, node: Node, function: Node) -> bool:
    """True if the name at `node` is the function's parameter, not a name that an inner function or assignment gives anew."""
    bindings = view.project.bindings(view.source.path).lookup(view.source.text(node), node)
    return bool(bindings) and bindings[0].kind == "parameter" and bindings[0].scope.id == function.id


def _is_imported(view: View, node: Node) -> bool:
    """True for the name of an import, not for one that an `except … as` gives."""
    bindings = view.project.bindings(view.source.path).lookup(view.source.text(node), node)
    return bool(bindings) and bindings[0].kind == "import"


def _is_member_name(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute":
        name = child(parent, "attribute")
        return name is not None and name.id == node.id
    if parent.type == "keyword_argument":
        name = child(parent, "name")
        return name is not None and name.id == node.id
    return False


def _chain(view: View, node: Node) -> tuple[Node, list[str]]:
    """The longest chain of attributes that begins at `node`, and their names."""
    names: list[str] = []
    while node.parent is not None and node.parent.type == "attribute":
        owner, name = child(node.parent, "object"), child(node.parent, "attribute")
        if owner is None or owner.id != node.id or name is None:
            break
        node = node.parent
        names.append(view.source.text(name))
    return node, names


def _call_of(node: Node) -> Node | None:
    parent = node.parent
    if parent is None or parent.type != "call":
        return None
    function = child(parent, "function")
    return parent if function is not None and function.id == node.id else None


def _arguments(view: View, call: Node) -> str:
    arguments = child(call, "arguments")
    return view.source.text(arguments)[1:-1].strip() if arguments is not None else ""


def _declares(view: View, owner: Defined, name: str) -> bool:
    """True if a class of the project, not Celery, gives its task this attribute."""
    meaning = view.evaluator.member(Instance(owner), name)
    return not isinstance(meaning, Member)


def _view(view: View, place: Place) -> View:
    return View(place.source, view.project, view.evaluator, view.versions, view.found)
