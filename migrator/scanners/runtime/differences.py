"""What the code says against what the running systems say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migrator.jobs import Item, Job, Schedule, Value, literal_of
from migrator.jobs.runtime import Difference
from migrator.regex import regex

_SPACE = regex(r"\s+")
_EVERY = regex(r"^\*/1$")
_SHORT = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}
#: systems whose servers put the name of the application before that of a job
_PREFIXED = frozenset(("inngest",))
_UTC = frozenset(("", "UTC", "Etc/UTC", "GMT"))


def differences(code: Sequence[Item], running: Sequence[Item], answered: set[str]) -> tuple[tuple[Difference, ...], tuple[Item, ...]]:
    """(differences in the order of systems and names, the running items that the code does not have).

    Only of systems that `answered` is it said that something in the code does not run.
    """
    told: list[Difference] = []
    only: list[Item] = []
    for kind in (Schedule, Job):
        mine = [i for i in code if isinstance(i, kind) and i.system in answered and (kind is Schedule or i.system in _registered(running))]
        theirs = [i for i in running if isinstance(i, kind)]
        for item in theirs:
            match = _match(item, mine)
            if match is None:
                only.append(item)
                told.append(Difference("not in code", item.kind, item.system, item.name, _when(item), running=item.location.path))
                continue
            mine = [i for i in mine if i is not match]
            detail = _unlike(match, item)
            if detail:
                told.append(Difference("differs", item.kind, item.system, item.name, detail, _where(match), item.location.path))
        told += [Difference("not running", i.kind, i.system, i.name, _when(i), _where(i)) for i in mine if i.name and not _is_off(i)]
    return tuple(sorted(told, key=lambda d: (d.system, d.about, d.name, d.kind, d.code, d.running))), tuple(only)


def _registered(running: Iterable[Item]) -> set[str]:
    """Systems of which running applications told the jobs, and not the schedules alone."""
    return {i.system for i in running if isinstance(i, Job)}


def _is_off(item: Item) -> bool:
    """True for a job that no endpoint lists: that it does not run is known from the code."""
    return isinstance(item, Job) and item.live is False


def _match(item: Item, mine: Sequence[Item]) -> Item | None:
    """What the code calls the same: by its own name first, then by the name of what it starts, then by what it ends in."""
    candidates = [i for i in mine if i.system == item.system]
    for names in (_own, _all):
        wanted = names(item)
        found = [i for i in candidates if wanted & names(i)]
        same = [i for i in found if not _unlike(i, item)]
        if found:
            return (same or found)[0]
    if item.system not in _PREFIXED:
        return None
    # A server knows a function by the name of its application and its own.
    longest = sorted((i for i in candidates if i.name and item.name.endswith(f"-{i.name}")), key=lambda i: -len(i.name))
    return longest[0] if longest else None


def _own(item: Item) -> set[str]:
    return {item.name} - {""}


def _all(item: Item) -> set[str]:
    names = {item.name}
    if isinstance(item, Schedule):
        names |= {item.job_name, item.job.rpartition(":")[2]}
    return names - {""}


def _unlike(code: Item, running: Item) -> str:
    """In what two schedules of one name differ, in words; empty if in nothing that can be told."""
    if not isinstance(code, Schedule) or not isinstance(running, Schedule):
        return _unlike_jobs(code, running)
    mine, theirs = _normal(code.cron), _normal(running.cron)
    if mine and theirs and mine != theirs:
        return f"code says {mine}, running is {theirs}"
    every, often = literal_of(code.interval), literal_of(running.interval)
    if every is not None and often is not None and float(every) != float(often):
        return f"code says every {every} s, running is every {often} s"
    if (mine and often is not None) or (theirs and every is not None):
        return f"code says {mine or f'every {every} s'}, running is {theirs or f'every {often} s'}"
    zones = (code.timezone, running.timezone)
    if all(zones) and zones[0] != zones[1] and not all(z in _UTC for z in zones):
        return f"code says {zones[0]}, running is in {zones[1]}"
    return ""


def _unlike_jobs(code: Item, running: Item) -> str:
    if not isinstance(code, Job) or not isinstance(running, Job):
        return ""
    mine, theirs = _starts(code), _starts(running)
    if "" in mine or mine == theirs:
        return ""
    return f"code says it starts on {', '.join(sorted(mine)) or 'nothing'}, running on {', '.join(sorted(theirs)) or 'nothing'}"


def _starts(job: Job) -> set[str]:
    """The events and crons that start a job; with an empty text for one that is not known."""
    return {_normal(t.value) if t.kind == "cron" else str(literal_of(t.value) or "") for t in job.triggers if t.kind != "direct"}


def _normal(cron: Value | None) -> str:
    """A cron expression in one spelling; empty for what is not known."""
    text = literal_of(cron)
    if not isinstance(text, str):
        return ""
    text = _SHORT.get(text.strip().lower(), text.strip())
    return " ".join(_EVERY.sub("*", field) for field in _SPACE.split(text)).upper()


def _when(item: Item) -> str:
    if not isinstance(item, Schedule):
        return ""
    every = literal_of(item.interval)
    cron = literal_of(item.cron)
    return f"every {every} s" if every is not None else str(cron) if cron is not None else ""


def _where(item: Item) -> str:
    return item.location.place
