"""What `**options` holds in the frame of a call, and what `**options` in a call hands over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from migrator.scanners.linking.values import Frame, Instance, Meaning, Place, Structure, Unknown
from migrator.syntax.bindings import KEYWORDS, Binding
from migrator.syntax.python_bindings import parameters
from migrator.syntax.source import Source

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator


def gathered_keywords(source: Source, binding: Binding, frame: Frame | None) -> Meaning:
    """The keyword arguments that no other parameter takes, as a dictionary."""
    while frame is not None and frame.function.id != binding.scope.id:
        frame = frame.parent
    unknown = Unknown(f"the parameter {binding.name}")
    if frame is None:
        return unknown
    taken = {b.name for b in parameters(source, binding.scope) if b.path != (KEYWORDS,)}
    rest = {k: v for k, v in frame.arguments.items() if isinstance(k, str) and k not in taken and k not in ("*", "**")}
    given = {k: v for k, v in rest.items() if isinstance(v, Place)}
    spread = frame.arguments.get("**")
    if isinstance(spread, Place):
        given["...0"] = spread
    return Structure(Place(source, binding.node, frame), given) if len(given) >= len(rest) else unknown


def unpacked(evaluator: Evaluator, found: dict[int | str, Place | Meaning]) -> Mapping[int | str, Place | Meaning]:
    """The arguments of a call with the entries of an unpacked dictionary among them; `**` stays where it holds more than is known."""
    spread = found.get("**")
    if not isinstance(spread, Place):
        return found
    meaning = evaluator.meaning(spread)
    if isinstance(meaning, Instance) and meaning.of.key == "builtins.dict" and meaning.call is not None:
        # `dict(retries=3)`; what it is handed by position may be anything.
        made = evaluator.arguments(meaning.call)
        known = {k if isinstance(k, str) and k not in ("*", "**") else "...": v for k, v in made.items() if isinstance(v, Place)}
    elif isinstance(meaning, Structure) and not meaning.is_list:
        known = evaluator.entries(spread)
    else:
        return found
    rest = {k: v for k, v in found.items() if k != "**" or "..." in known}
    return {**{k: v for k, v in known.items() if k != "..."}, **rest}
