"""Members of classes under a symbol: `static readonly [JOB_NAME] = "mail"`, asked for by whatever name the symbol has there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.scanners.linking.values import Defined, Instance, Known, Place, same_place
from migrator.syntax.tree import CLASSES, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_SYMBOLS = frozenset(("globalThis.Symbol", "globalThis.Symbol.for"))


def under_symbol(evaluator: Evaluator, base: Defined | Instance, index: Place) -> Known | None:
    """What a class has under a symbol that goes by another name there: `export { JOB_NAME as EVENT_NAME }`."""
    owner = base if isinstance(base, Defined) else base.of if isinstance(base.of, Defined) else None
    symbol = evaluator.meaning(index)
    body = field(owner.place.node, "body") if owner is not None and owner.place.node.type in CLASSES else None
    if owner is None or body is None or not isinstance(symbol, Instance) or symbol.of.key not in _SYMBOLS or symbol.call is None:
        return None
    for member in body.named_children:
        name = field(member, "name") or field(member, "property")
        key = name.named_children[0] if name is not None and name.type == "computed_property_name" and name.named_children else None
        meaning = evaluator.of(owner.place.source, key) if key is not None and key.type == "identifier" else None
        if isinstance(meaning, Instance) and meaning.call is not None and same_place(meaning.call, symbol.call) and name is not None:
            found = evaluator.member(base, owner.place.source.text(name))
            return found if isinstance(found, Known) else None
    return None
