"""What those functions of JavaScript's `Object` give that hand on what they are handed.

`Object.freeze(table)` is that table, `Object.assign({}, base, { queue })` one object with what each of them has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from migrator.scanners.linking.values import Meaning, Namespace, Place, Structure

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_AS_IT_IS = frozenset(("globalThis.Object.freeze", "globalThis.Object.seal", "globalThis.Object.preventExtensions"))
_ASSIGN = "globalThis.Object.assign"


def given_on(evaluator: Evaluator, key: str, call: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning | None:
    """What the function of that key gives for these arguments; None for any other function, and where one is handed no plain object."""
    first = arguments.get(0)
    if key in _AS_IT_IS and isinstance(first, Place):
        return evaluator.meaning(first)
    given = {f"...{position}": value for position, value in arguments.items() if isinstance(value, Place)} if key == _ASSIGN else {}
    plain = bool(given) and len(given) == len(arguments) and "*" not in arguments
    return Structure(call, given) if plain and all(_has_entries(evaluator.meaning(value)) for value in given.values()) else None


def _has_entries(meaning: Meaning) -> bool:
    return isinstance(meaning, Namespace) or (isinstance(meaning, Structure) and not meaning.is_list)
