"""Facts about job systems in words: numbers with their units, and what holds when nothing is said."""

from __future__ import annotations

from migrator.errors import MigratorError
from migrator.reporting.audit_words import title
from migrator.systems import SYSTEMS, Limit, System
from migrator.systems.support import Kind
from migrator.systems.traps import traps_between

#: kind of support -> how it is said in a column, and in a sentence
KINDS: dict[Kind, tuple[str, str]] = {
    "native": ("yes", "The system does it."),
    "emulated": ("with code", "It can be had with code."),
    "absent": ("no", "The system does not have it."),
}
_TIMES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_SIZES = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))
_SETTINGS = {"maximum": "at most", "minimum": "at least", "default": "by default", "advice": "advised"}


def known(name: str) -> System:
    """The system called `name`, by its name in the audit or its title.

    Raises:
        MigratorError: there is none, or nothing but its name is known.
    """
    wanted = name.casefold()
    for system in SYSTEMS.values():
        if wanted in (system.name.casefold(), system.title.casefold()):
            return system
    raise MigratorError("is no job system that we know", place=name, remedy="`migrate systems` lists them.")


def compared(names: list[str]) -> tuple[System, ...]:
    """The systems called `names`, each once.

    Raises:
        MigratorError: one is not known, or says nothing of its capabilities, or there are fewer than two.
    """
    systems = tuple({system.name: system for system in map(known, names)}.values())
    for system in systems:
        if not system.capabilities:
            remedy = f"Compare {', '.join(s.name for s in SYSTEMS.values() if s.capabilities)}."
            raise MigratorError("is read by the audit, but what it can do is not written down", place=system.name, remedy=remedy)
    if len(systems) < 2:
        raise MigratorError("a comparison needs two systems or more", remedy="Say for example: migrate systems --compare bullmq pg-boss")
    return systems


def amount(limit: Limit) -> str:
    """The value of a limit with its unit.

    >>> from functools import partial
    >>> one = partial(Limit, id="MIG13", name="x", title="X", per="run", source="s", checked="2026-11-21")
    >>> amount(one(value=900, unit="s")), amount(one(value=45, unit="s")), amount(one(value=4 * 1024**2, unit="bytes"))
    ('15 minutes', '45 s', '4 MiB')
    >>> amount(one(value=1_000_000, unit="bytes")), amount(one(value=5_000, unit="count"))
    ('1,000,000 bytes', '5,000')
    """
    if limit.unit == "count":
        return f"{limit.value:,g}" if limit.value < 1_000_000 else f"{int(limit.value):,}"
    if limit.unit == "bytes":
        for size, unit in _SIZES:
            if limit.value % size == 0 and limit.value >= size:
                return f"{limit.value / size:g} {unit}"
        return f"{int(limit.value):,} bytes"
    for seconds, unit in _TIMES:
        if limit.value % seconds == 0 and limit.value >= seconds:
            count = int(limit.value // seconds)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{limit.value:g} s"


def bound(limit: Limit) -> str:
    """A limit as a phrase: the amount, what it counts for, and how strict it is.

    >>> limit = next(limit for limit in SYSTEMS["inngest"].limits if limit.name == "steps-per-run")
    >>> bound(limit)
    '1,000 per run, at most'
    """
    return f"{amount(limit)} per {limit.per}, {_SETTINGS[limit.kind]}"


def retries(system: System) -> str:
    """How often a job runs that says nothing, and by which option that is changed."""
    if system.retry is None:
        return "what its code says"
    runs = system.retry.default_attempts
    count = "without end" if runs is None else f"{runs} run{'s' if runs != 1 else ''}"
    option = f"; `{system.retry.option}` counts {system.retry.counts}" if system.retry.option else ""
    if not system.retry.automatic and runs != 1:
        return f"1 run unless it asks for more, then {count}{option}"
    return f"{count}{option}"


def crossings(source: str, target: str) -> tuple[int, int, int]:
    """Traps on the way that do not depend on the form of code: (automatic, with a helper, for a person)."""
    met = [trap.handling for trap in traps_between(source, target) if trap.scope != "code"]
    return met.count("automatic"), met.count("helper"), met.count("human")


def listed(names: tuple[str, ...]) -> str:
    """Systems by their titles."""
    return ", ".join(title(name) for name in names)
