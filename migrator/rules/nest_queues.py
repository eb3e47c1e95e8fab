"""What NestJS says for all jobs of a queue: where the queue is registered, and where all queues are set up."""

from __future__ import annotations

from typing import Literal as OneOf

from migrator.jobs import Client, Expression, Literal, Value
from migrator.regex import regex
from migrator.rules.evidence import Evidence
from migrator.syntax.tree import callee_of, field

Said = OneOf["yes", "no", "open"]

_MODULE = b"BullModule"
_SHARED = regex(r"BullModule\.forRoot(?:Async)?$")
#: what leaves the options of a queue to a class or an object that is made elsewhere
_ELSEWHERE = regex(r"\b(?:useClass|useExisting)\b|\.\.\.")
_DEFAULTS = "defaultJobOptions"


def attempts_said(evidence: Evidence, system: str, queue: str) -> Said:
    """Whether the modules of NestJS say how often a job of a queue is tried; `open` where only the run tells."""
    paths = evidence.containing(_MODULE)
    if not paths:
        return "no"
    made = [c for c in evidence.of(Client, system) if c.role == "queue"]
    answers = [_registered(client) for client in made if client.name == queue] or ["open"]
    # One whose name only the run tells may be this queue's, or another's.
    answers += ["open" for client in made if not client.name and _registered(client) != "no"]
    answers += [_set_up(evidence, path) for path in paths]
    return "yes" if "yes" in answers else "open" if "open" in answers else "no"


def _registered(client: Client) -> Said:
    """By the options of one registration; what `new Queue(…)` says is laid under each call already."""
    if client.definition is not None:
        return "no"
    defaults = client.options.get(_DEFAULTS)
    if isinstance(defaults, Literal) and isinstance(defaults.value, dict):
        return "yes" if "attempts" in defaults.value else "no"
    if defaults is not None or "..." in client.options or not client.options:
        return "open"
    if any(name in client.options for name in ("useClass", "useExisting")):
        return "open"
    return _by_factory(client.options.get("useFactory"))


def _by_factory(factory: Value | None) -> Said:
    text = factory.source if isinstance(factory, Expression) else ""
    if factory is None or (("=>" in text or "function" in text) and _DEFAULTS not in text and "..." not in text):
        return "no"
    return "open"


def _set_up(evidence: Evidence, path: str) -> Said:
    """By `BullModule.forRoot(…)` in one file, which holds for every queue."""
    view = evidence.bodies.view(path)
    for call in view.source.nodes("call_expression"):
        callee, given = callee_of(call), field(call, "arguments")
        if callee is None or given is None or _SHARED.search(view.source.text(callee)) is None:
            continue
        text = view.source.text(given)
        if _DEFAULTS in text or _ELSEWHERE.search(text) or "{" not in text:
            return "open"
    return "no"
