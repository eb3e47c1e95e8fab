"""What starts a function, as rows of the route table."""

from __future__ import annotations

from collections import Counter

from migrator.codemods.typescript.inngest_to_bullmq.conditions import UntranslatableError, guard
from migrator.codemods.typescript.inngest_to_bullmq.crontab import problem
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.jobs import Trigger, literal_of
from migrator.systems.inngest import SYSTEM_EVENTS


def read_triggers(function: Function) -> None:
    """Fill in events and schedules; block what cannot be routed."""
    for trigger in function.job.triggers:
        match trigger.kind:
            case "event":
                _event(function, trigger)
            case "cron":
                _cron(function, trigger)
            case _:
                function.block("MIG431", "it is invoked by other functions, which wait for its result")
    for name, number in Counter(name for name, _ in function.facts.events).items():
        if number > 1:
            function.block("MIG449", f"two of its triggers are for the same event, {name}")


def _event(function: Function, trigger: Trigger) -> None:
    name = literal_of(trigger.value)
    if not isinstance(name, str) or not name:
        function.block("MIG451", "the name of an event that starts it is only known at run time")
        return
    if name.startswith(SYSTEM_EVENTS):
        function.block("MIG448", f"it listens to {name}, an event that Inngest's server makes")
        return
    if "*" in name[:-1]:
        function.block("MIG451", f"the pattern {name} has its * in the middle")
        return
    condition = ""
    if trigger.condition:
        try:
            condition = guard(trigger.condition)
        except UntranslatableError as error:
            function.block("MIG445", f"the condition of its trigger has no counterpart: {error}")
    function.facts.events.append((name, condition))


def _cron(function: Function, trigger: Trigger) -> None:
    pattern = literal_of(trigger.value)
    if not isinstance(pattern, str):
        function.block("MIG450", "its schedule is not five plain fields of cron")
        return
    wrong = problem(pattern)
    if wrong:
        function.block("MIG450", wrong)
        return
    function.facts.crons.append(f"{' '.join(pattern.split())} {trigger.timezone or 'UTC'}")


def listens(pattern: str, name: str) -> bool:
    """True if a trigger on `pattern` is started by the event `name`.

    >>> listens("user/*", "user/created"), listens("user/created", "user/deleted")
    (True, False)
    """
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
