"""By which name a function that code mentions is known in the inventory."""

from __future__ import annotations

from migrator.scanners.linking import Evaluator, Instance, Place
from migrator.scanners.linking.generated import PACKAGE
from migrator.scanners.typescript.statements import holder
from migrator.systems.inngest import slug

#: of which triggers and events are made: the SDK, and what `migrate codemod` leaves in its place
_MAKERS = ("inngest.", f"{PACKAGE}.")
_MADE = ("createFunction()", "createStepFunction()", "createScheduledFunction()")


def maker(key: str) -> str:
    """What of the SDK, or of what took its place, a key stands for: `eventType().create()`; empty for others."""
    return next((key.removeprefix(root) for root in _MAKERS if key.startswith(root)), "")


def function_key(evaluator: Evaluator, place: Place) -> tuple[str, str]:
    """(`path:symbol` or the id of a function without a symbol, its id) of what `place` stands for; empty when it is no function.

    A text (`step.invoke`'s `"app-fn"`, version 3) and `referenceFunction({ functionId })` only give the id.
    """
    text = evaluator.text(place)
    if text:
        return "", text
    meaning = evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.call is None:
        return "", ""
    given = evaluator.arguments(meaning.call).get(0)
    entries = evaluator.entries(given) if isinstance(given, Place) else {}
    if meaning.key == "inngest.referenceFunction()":
        return "", evaluator.text(entries.get("functionId"))
    if not meaning.key.startswith("inngest.") or not meaning.key.endswith(_MADE):
        return "", ""
    name = evaluator.text(entries.get("id"))
    if not name and "id" not in entries:
        name = slug(evaluator.text(entries.get("name")) or (evaluator.text(given) if isinstance(given, Place) else ""))
    symbol, _ = holder(meaning.call.source, meaning.call.node)
    return f"{meaning.call.source.path}:{symbol}" if symbol else name, name
