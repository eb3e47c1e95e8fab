"""What the body of an Inngest function does: its steps, and all that it uses of the context it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.jobs import Literal, Step, Use, Value
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import function_of
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import FUNCTIONS, PARAMETERS, ancestors, field, walk

_NAMES = ("identifier", "shorthand_property_identifier")
_TOGETHER = frozenset(("Promise.all", "Promise.allSettled", "Promise.race", "Promise.any"))
_ITERATORS = frozenset(("map", "forEach", "flatMap", "filter"))
#: what a promise passes through on its way to an `await`
_PASSED_ON = frozenset(
    (
        *("parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression"),
        *("member_expression", "call_expression", "ternary_expression", "binary_expression"),
    )
)
#: how many names of one value are followed (`const { step } = ctx; const s = step`)
_ALIASES = 6


class Mention(msgspec.Struct, frozen=True):
    """A use of the context: `path` leads into it (`("event", "data", "url")`); `node` is the whole member access."""

    path: tuple[str, ...]
    node: Node
    how: str  #: `call`, `value` (passed on, stored, returned) or `read` (a member of a value that is only looked at)


class Body(msgspec.Struct, frozen=True):
    """What a handler does. `source` may be another file than that of the definition."""

    steps: tuple[Step, ...] = ()
    uses: tuple[Use, ...] = ()


def read_body(view: View, handler: Place) -> Body:
    """Steps and uses of the function that `handler` stands for; empty when it is not of the tree."""
    function = function_of(view, handler)
    if function is None:
        return Body()
    inner = view if function.source is view.source else replace(view, source=function.source)
    steps: list[Step] = []
    uses: dict[tuple[str, str, int], Use] = {}
    for mention in mentions(inner, function.node):
        location = inner.source.location(mention.node)
        if mention.path[:1] == ("step",) and mention.how == "call" and len(mention.path) > 1:
            steps.append(_step(inner, function.node, mention))
            continue
        feature = ".".join(("context", *mention.path[: 2 if mention.path[:1] == ("event",) else 1]))
        use = Use(feature, location, mention.how)
        uses.setdefault((feature, mention.how, location.line), use)
    return Body(tuple(steps), tuple(uses.values()))


def mentions(view: View, function: Node) -> Iterator[Mention]:
    """Every use of the first parameter of `function`, under whatever name, in document order."""
    for node in walk(function, _NAMES):
        if _is_key_or_binding(node):
            continue
        path = _path(view, node, function, _ALIASES)
        if path is None:
            continue
        outer = node
        while (parent := outer.parent) is not None and parent.type in ("member_expression", "subscript_expression"):
            owner = field(parent, "object")
            if owner is None or owner.id != outer.id:
                break
            path, outer = (*path, _key(view, parent)), parent
        how = _how(outer)
        if how != "alias":
            yield Mention(path, outer, how)


def _key(view: View, access: Node) -> str:
    name = field(access, "property")
    if name is not None:
        return view.source.text(name)
    index = field(access, "index")
    return view.evaluator.text(view.place(index)) or "[]" if index is not None else "[]"


def _is_key_or_binding(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return True
    if parent.type in (*PARAMETERS, "assignment_pattern", "object_assignment_pattern"):
        given = field(parent, "pattern") or field(parent, "left")
        return given is not None and given.id == node.id
    if parent.type in ("variable_declarator", "arrow_function", "function_expression", "function_declaration"):
        given = field(parent, "name") or field(parent, "parameter")
        return given is not None and given.id == node.id
    return parent.type in ("pair_pattern", "array_pattern", "rest_pattern")


def _path(view: View, node: Node, function: Node, depth: int) -> tuple[str, ...] | None:
    """Where in the context the name at `node` leads, or None when it is something else."""
    bindings = view.project.bindings(view.source.path).lookup(view.source.text(node), node)
    if not bindings or depth == 0:
        return None
    bound = bindings[0]
    if bound.kind == "parameter":
        return bound.path if bound.scope.id == function.id and bound.index == 0 else None
    if bound.kind != "value" or bound.value is None:
        return None
    return _alias(view, bound, function, depth - 1)


def _alias(view: View, bound: Binding, function: Node, depth: int) -> tuple[str, ...] | None:
    """`const { step } = ctx` and `const s = ctx.step` lead on; what is computed from the context does not."""
    value = bound.value
    keys: list[str] = []
    while value is not None and value.type in ("member_expression", "as_expression", "non_null_expression", "satisfies_expression"):
        if value.type == "member_expression":
            keys.insert(0, _key(view, value))
            value = field(value, "object")
        else:
            value = value.named_children[0]
    if value is None or value.type != "identifier":
        return None
    base = _path(view, value, function, depth)
    return None if base is None else (*base, *keys, *bound.path)


def _how(outer: Node) -> str:
    """How a value is used where it stands."""
    parent = outer.parent
    if parent is None:
        return "value"
    function = field(parent, "function")
    if parent.type == "call_expression" and function is not None and function.id == outer.id:
        return "call"
    while parent is not None and parent.type in ("as_expression", "non_null_expression", "satisfies_expression"):
        outer, parent = parent, parent.parent
    if parent is not None and parent.type == "variable_declarator":
        # The new name is looked at where it is used.
        return "alias"
    return "value" if outer.type in _NAMES else "read"


def _step(view: View, function: Node, mention: Mention) -> Step:
    call = mention.node.parent
    name = field(mention.node, "property") or mention.node
    return Step(
        ".".join(mention.path[1:]),
        _id(view, call) if call is not None else Literal(""),
        view.source.location(call if call is not None else mention.node, at=name),
        view.in_loop(mention.node) or any(_for_each(view, f) for f in _functions_between(mention.node, function)),
        _parallel(view, mention.node, function),
    )


def _id(view: View, call: Node) -> Value:
    """The step's id: a text, or the `id` of an object."""
    given = view.evaluator.arguments(view.place(call)).get(0)
    if not isinstance(given, Place):
        return Literal("")
    entries = view.evaluator.entries(given)
    return view.value(entries.get("id", given))


def _parallel(view: View, node: Node, function: Node) -> bool:
    """True if the step is started together with others, or without waiting for it."""
    text = view.source.text
    call = node.parent
    if call is None or not _waited_for(call):
        return True
    for outer in ancestors(call):
        if outer.id == function.id:
            return False
        callee = field(outer, "function")
        if outer.type == "call_expression" and callee is not None and text(callee) in _TOGETHER:
            return True
        if outer.type in FUNCTIONS and (_for_each(view, outer) or _used_together(view, outer, function)):
            return True
    return False


def _waited_for(node: Node) -> bool:
    """True if what a call gives is awaited or returned, `.then(…)` and `.catch(…)` in between included."""
    outer = node
    while (parent := outer.parent) is not None:
        if parent.type in ("await_expression", "return_statement"):
            return True
        if parent.type == "arrow_function":
            return field(parent, "body") == outer
        if parent.type not in _PASSED_ON:
            return False
        outer = parent
    return False


def _functions_between(node: Node, function: Node) -> Iterator[Node]:
    for outer in ancestors(node):
        if outer.id == function.id:
            return
        if outer.type in FUNCTIONS:
            yield outer


def _for_each(view: View, function: Node) -> bool:
    """True for a function that is run once per element, without waiting for the one before."""
    call = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
    name = field(call, "function", "property")
    return name is not None and view.source.text(name) in _ITERATORS


def _used_together(view: View, inner: Node, function: Node) -> bool:
    """True if a local function with a name is called within `Promise.all(…)` and the like."""
    name = field(inner, "name") or (field(inner.parent, "name") if inner.parent is not None else None)
    if name is None:
        return False
    text = view.source.text
    uses = (n for n in walk(function, ("identifier",)) if text(n) == text(name) and n.id != name.id)
    return any(
        outer.type == "call_expression" and text(field(outer, "function") or outer) in _TOGETHER for use in uses for outer in ancestors(use)
    )
