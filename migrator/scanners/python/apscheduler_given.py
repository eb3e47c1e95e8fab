"""What a call gives to a scheduler, read out of its arguments: the function that is to be run, when, and the options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from migrator.scanners.linking import UNKNOWN, External, Instance, Meaning, Member, Place, Structure, Unknown, parts
from migrator.scanners.python import passing
from migrator.scanners.python.apscheduler_terms import IMPLIED, SYSTEM
from migrator.scanners.python.apscheduler_triggers import Moment, moment, timezone
from migrator.scanners.python.made_around import handed_function
from migrator.scanners.python.targets import Target, dotted, target
from migrator.scanners.reading import View

LAMBDA = "<lambda>"
#: attributes of a job that say what it runs
_OF_A_JOB = frozenset(("func", "func_ref"))


@dataclass(frozen=True)
class Given:
    """What is to be run, when, and what else is said of it. `name` is APScheduler's id where there is one; `shown` tells what is run."""

    found: Target
    moment: Moment
    options: Mapping[str, Place]
    shown: str
    doubt: str = ""


def given_in(view: View, call: Place, method: str, positional: tuple[str, ...], zone: Place | None) -> Given:
    """What the arguments of a call say; `zone` is the scheduler's own, where the trigger says none."""
    options = _laid_open(view, call, positional)
    spread = options.get("**")
    # Everything may be in a dictionary: `add_job(**job)`.
    if spread is not None and "func" not in options and method == "add_job":
        inner = view.evaluator.entries(spread)
        options = {**{k: v for k, v in options.items() if k != "**" or not inner}, **inner}
    written = options.pop("func", None) or options.pop("func_or_task_id", None)
    trigger = options.pop("trigger", None)
    when = moment(view, trigger, options, IMPLIED.get(method, ""))
    if not when.timezone and zone is not None:
        when = replace(when, timezone=timezone(view, zone))
    found = target_of(view, written)
    return Given(found, when, options, reference(found) or (shown(view, written) if written is not None else ""))


def _laid_open(view: View, call: Place, positional: tuple[str, ...]) -> dict[str, Place]:
    """The arguments by name, with what `*self.args` and `**self.kwargs` are known to hold among them."""
    options = passing.named(call, positional)
    rest = view.evaluator.meaning(options["*"]) if "*" in options else UNKNOWN
    if isinstance(rest, Structure) and rest.is_list and all(key.isdecimal() for key in rest.entries):
        del options["*"]
        start = sum(name in options for name in positional[:2])
        options = {**dict(zip(positional[start:], rest.entries.values(), strict=False)), **options}
    if "**" in options and call.frame is not None:
        known = view.evaluator.arguments(call)
        options = {**{k: v for k, v in known.items() if isinstance(k, str) and isinstance(v, Place)}, **options}
        if "**" not in known:
            del options["**"]
    return options


def target_of(view: View, place: Place | None) -> Target:
    """The function that is meant; APScheduler writes `module:function` in a text."""
    text = view.evaluator.text(place)
    return dotted(view, text.replace(":", ".")) if text else target(view, place)


def reference(found: Target) -> str:
    """APScheduler's own way to name a function."""
    if found.function is not None:
        return f"{found.function.module}:{found.function.qualified}" if found.function.name != LAMBDA else LAMBDA
    return found.name


def shown(view: View, place: Place) -> str:
    """What tells enough of a function that is not of the project: the name of a method of something unknown."""
    meaning: Meaning = view.evaluator.meaning(place)
    if place.node.type == "lambda":
        # `lambda: run()` is what the caller of the function around it says.
        return "" if handed_function(view.evaluator, meaning) is not None else LAMBDA
    owner, name = parts(meaning)
    while isinstance(owner, Member | Instance):
        owner = owner.of
    if isinstance(owner, Unknown) and owner.why.startswith(("the parameter", "an item")):
        return ""
    if name in _OF_A_JOB or (isinstance(owner, External) and owner.path[0] == SYSTEM):
        # What a job of the scheduler runs is known where that was added.
        return ""
    return name if place.node.type == "attribute" else ""
