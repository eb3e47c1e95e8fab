"""What a capability or a family of limits is about, and what each system says of it."""

from __future__ import annotations

from migrator.reporting.system_words import KINDS, bound
from migrator.systems import SYSTEMS, Capability, LimitCheck
from migrator.systems.traps import all_traps


def capability_page(capability: Capability) -> str:
    """The meaning of a capability, every system's answer, and the traps that it brings on."""
    lines = [f"# {capability.id} {capability.title}", "", capability.explanation, ""]
    for kind, (short, meaning) in KINDS.items():
        having = [s for s in SYSTEMS.values() if s.capabilities and s.capabilities[capability.id].kind == kind]
        if having:
            lines += [f"## {short[0].upper()}{short[1:]}", "", meaning, ""]
            for system in having:
                support = system.capabilities[capability.id]
                since = f" (from {support.since})" if support.since else ""
                lines.append(f"- {system.title}: {support.how}{since}")
            lines.append("")
    traps = [f"- {trap.id} {trap.title}" for trap in all_traps().values() if trap.capability == capability.id]
    if traps:
        lines += ["## Traps", "", *traps, ""]
    return "\n".join(lines)


def limit_page(check: LimitCheck) -> str:
    """What a family of limits is about, and every system's numbers with their sources."""
    lines = [f"# {check.id} {check.title}", "", check.explanation, ""]
    for system in SYSTEMS.values():
        limits = [limit for limit in system.limits if limit.id == check.id]
        if limits:
            lines += [f"## {system.title}", ""]
            for limit in limits:
                plan = f" ({limit.plan})" if limit.plan else ""
                note = f" {limit.note[0].upper()}{limit.note[1:]}." if limit.note else ""
                lines.append(f"- {limit.title}{plan}: {bound(limit)}.{note} {limit.source}; {limit.checked}.")
            lines.append("")
    return "\n".join(lines)
