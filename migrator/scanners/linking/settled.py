"""Is what is known of an expression of JavaScript all that it can be?

`readEnv(process.env.KEY)` gives a text or nothing, `process.env.RETRY ?? false` is false where nothing is set, `let queue = null` is given
something later: what is known of each of them names a thing well enough, but does not decide a condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.scanners.linking.names import exported_value
from migrator.scanners.linking.values import Defined, Namespace, Place, Structure
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.tree import CLASSES, FUNCTIONS, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_AS_IT_IS = frozenset(("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"))
_WRITTEN = frozenset(
    (
        *("string", "number", "true", "false", "null", "undefined", "regex", "template_string", "property_identifier"),
        *("object", "array", "new_expression", *FUNCTIONS, *CLASSES),
    )
)
_NAMES = frozenset(("identifier", "shorthand_property_identifier"))
#: through how many names a value is followed
_DEPTH = 12


def settled(evaluator: Evaluator, place: Place, depth: int = 0) -> bool:
    """False where the value may be another one than what reading tells: one of several, or one that is given later."""
    place = evaluator.origin(place)
    node, source = place.node, place.source
    if node.type in _WRITTEN:
        return True
    if depth > _DEPTH:
        return False
    if node.type in _AS_IT_IS and node.named_children:
        return settled(evaluator, Place(source, node.named_children[0], place.frame), depth + 1)
    if node.type in _NAMES:
        bound = evaluator.project.bindings(source.path).lookup(source.text(node), node)
        return len(bound) == 1 and _bound(evaluator, place, bound[0], depth)
    owner, name = field(node, "object"), field(node, "property")
    if owner is None or name is None:
        return False
    of = evaluator.of(source, owner, place.frame)
    if isinstance(of, Structure):
        return _entry(evaluator, of, source.text(name), depth)
    if isinstance(of, Namespace):
        return _exported(evaluator, of.path, source.text(name), depth)
    return isinstance(of, Defined) and of.place.node.type == "enum_declaration"


def _bound(evaluator: Evaluator, place: Place, binding: Binding, depth: int) -> bool:
    source = place.source
    match binding.kind:
        case "function" | "class" | "enum":
            return True
        case "import":
            path = evaluator.project.resolve(source.path, binding.module)
            return bool(path) and (binding.member == NAMESPACE or _exported(evaluator, path, binding.member, depth))
        case "value" if binding.value is not None and not binding.path:
            return settled(evaluator, Place(source, binding.value, place.frame), depth + 1)
        case "value" if binding.value is not None and len(binding.path) == 1:
            # `const { lane = "fast" } = options`
            of = evaluator.of(source, binding.value, place.frame)
            default = Place(source, binding.default, place.frame) if binding.default is not None else None
            whole = isinstance(of, Structure) and _entry(evaluator, of, binding.path[0], depth)
            return whole and (default is None or settled(evaluator, default, depth + 1))
        case "parameter":
            # What the call at hand leaves out is its default.
            return binding.value is None or settled(evaluator, Place(source, binding.value), depth + 1)
        case _:
            return False


def _entry(evaluator: Evaluator, of: Structure, name: str, depth: int) -> bool:
    """What an object has under a name, or that it has nothing there. What is spread in it may have it."""
    entry = of.entries.get(name)
    if entry is None:
        return not any(key.startswith("...") for key in of.entries)
    return settled(evaluator, entry, depth + 1)


def _exported(evaluator: Evaluator, path: str, name: str, depth: int) -> bool:
    export = evaluator.project.bindings(path).exports().get(name)
    if export is not None and export.module:
        target = evaluator.project.resolve(path, export.module)
        return bool(target) and depth < _DEPTH and _exported(evaluator, target, export.member, depth + 1)
    if export is not None and export.local:
        source = evaluator.project.source(path)
        bound = evaluator.project.bindings(path).module.get(export.local, [])
        return len(bound) == 1 and _bound(evaluator, Place(source, bound[0].node), bound[0], depth + 1)
    value = exported_value(evaluator, path, name)
    return value is not None and settled(evaluator, value, depth + 1)
