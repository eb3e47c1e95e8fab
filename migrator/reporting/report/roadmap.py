"""In which order to mend what was found, and how long that takes: ranges with their basis, counts before hours, totals that are sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from migrator.jobs.findings import SEVERITIES, Finding, Severity
from migrator.rules.registry import rules
from migrator.rules.rule import Effort, Rule
from migrator.systems import SYSTEMS

PHASES = ("First", "Next", "Then", "When there is time")
#: what stands in the way of other work, whatever its severity: names that nobody answers, jobs that nobody runs, code for another version
BLOCKING = frozenset(("JOB008", "JOB901", "JOB905"))
#: rule -> rules that are mended before it: the limit before what leans on it
AFTER: dict[str, tuple[str, ...]] = {"JOB204": ("JOB206",), "JOB101": ("JOB103",), "JOB402": ("JOB401",)}
_HOUR = 60
_PHASE_OF: dict[Severity, int] = {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 3}


class Task(msgspec.Struct, frozen=True):
    """All findings of one rule with one severity: `places` to touch, minutes `low` to `high` in all. `moot`: a move mends it."""

    rule: str
    title: str
    severity: Severity
    findings: int
    places: int
    low: int
    high: int
    formula: str
    basis: str
    moot: bool


class Phase(msgspec.Struct, frozen=True):
    """Tasks in the order in which to do them. `low` and `high` are the sums of their minutes, without what is moot."""

    name: str
    tasks: tuple[Task, ...]
    low: int
    high: int


class Roadmap(msgspec.Struct, frozen=True):
    """Phases with something to do; `low` and `high` are the sums of theirs."""

    phases: tuple[Phase, ...]
    low: int
    high: int


def roadmap(findings: Sequence[Finding], target: str = "") -> Roadmap:
    """The order and the effort. With `target`, what the move there leaves behind is moot, and not counted."""
    known = {rule.id: rule for rule in rules()}
    grouped: defaultdict[tuple[str, Severity], list[Finding]] = defaultdict(list)
    for finding in findings:
        # A finding on a running server is mended there, and nobody knows how long that takes.
        if finding.id in known:
            grouped[finding.id, finding.severity].append(finding)
    # What a rule costs once for the whole project is counted with its worst findings.
    tasks: list[Task] = []
    charged: set[str] = set()
    for (rule, severity), those in sorted(grouped.items(), key=lambda g: SEVERITIES.index(g[0][1])):
        tasks.append(_task(known[rule], severity, those, target, once=rule not in charged))
        charged.add(rule)
    phases: list[Phase] = []
    for number, name in enumerate(PHASES):
        mine = _ordered([t for t in tasks if _phase(t) == number])
        if mine:
            counted = [t for t in mine if not t.moot]
            phases.append(Phase(name, tuple(mine), sum(t.low for t in counted), sum(t.high for t in counted)))
    return Roadmap(tuple(phases), sum(p.low for p in phases), sum(p.high for p in phases))


def hours(low: int, high: int) -> str:
    """A range of minutes as people say it.

    >>> hours(20, 45), hours(15, 15), hours(30, 90), hours(120, 180), hours(0, 0)
    ('20 to 45 min', '15 min', '0.5 to 1.5 h', '2 to 3 h', 'nothing')
    """
    if not high:
        return "nothing"
    least, most, unit = (f"{low}", f"{high}", "min") if high < _HOUR else (f"{low / _HOUR:.3g}", f"{high / _HOUR:.3g}", "h")
    return f"{least} to {most} {unit}" if least != most else f"{most} {unit}"


def _task(rule: Rule, severity: Severity, findings: list[Finding], target: str, *, once: bool) -> Task:
    places = len({(p.path, p.line) for f in findings for p in f.places})
    effort = rule.effort
    # The places of a finding are further ones of the same defect, or show it; which of the two it is, is not said.
    least, most = {"place": (len(findings), places), "queue": (len(findings),) * 2, "project": (int(once),) * 2}[effort.per]
    least, most = min(least, most), max(least, most)
    # What the target does not do itself stays with what it leans on for that.
    there = {target, *(SYSTEMS[target].companions if target in SYSTEMS else ())}
    moot = bool(target and rule.left_behind and there.isdisjoint((*rule.systems, *rule.stays_on)))
    return Task(
        rule.id,
        rule.title,
        severity,
        len(findings),
        places,
        least * effort.low,
        most * effort.high,
        _formula(effort, least, most),
        effort.basis,
        moot,
    )


def _formula(effort: Effort, least: int, most: int) -> str:
    each = f"{effort.low} to {effort.high} min" if effort.low != effort.high else f"{effort.low} min"
    if effort.per == "project":
        return f"{each}, once" if most else "counted above"
    return f"{least} × {each}" if least == most else f"{least} to {most} × {each}"


def _phase(task: Task) -> int:
    return 0 if task.rule in BLOCKING else _PHASE_OF[task.severity]


def _ordered(tasks: list[Task]) -> list[Task]:
    """The worst first, then what touches most, then the quickest; what leans on another after it."""
    ranked = sorted(tasks, key=lambda t: (SEVERITIES.index(t.severity), -t.places, t.high, t.rule))
    done: list[Task] = []
    while ranked:
        open_ones = {t.rule for t in ranked}
        # Nothing leans on itself by a detour, so there is always one that is free.
        free = next(t for t in ranked if not open_ones.intersection(AFTER.get(t.rule, ())))
        ranked.remove(free)
        done.append(free)
    return done
