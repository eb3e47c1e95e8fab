"""Job systems as Markdown and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from migrator.reporting.system_abilities import abilities, all_abilities
from migrator.reporting.system_comparison import NOT_COMPARED, Comparison
from migrator.reporting.system_words import KINDS, bound, listed, retries
from migrator.systems import CAPABILITIES, LIMIT_CHECKS, System
from migrator.systems.capabilities import GROUP_TITLES, GROUPS

SCHEMA = "migrator.systems/1"


def list_markdown() -> str:
    """Every system, and what can be done with it."""
    head = "# Job systems\n\nThe code of each is read by `migrate audit`. The numbers count capabilities. Made by `make facts`.\n\n"
    lines = ["| system | name | yes | with code | no | rewrite to | rewrite from | shadow |", "|---|---|--:|--:|--:|---|---|---|"]
    for one in all_abilities():
        kinds = [support.kind for support in one.system.capabilities.values()]
        counts = " | ".join(str(kinds.count(kind)) if kinds else "" for kind in KINDS)
        name = one.system.name
        named = f"[{one.system.title}]({page_name(name)})" if one.system.capabilities else one.system.title
        shadow = "yes" if one.shadow else ""
        lines.append(f"| {named} | {name} | {counts} | {listed(one.rewritten_to)} | {listed(one.rewritten_from)} | {shadow} |")
    return head + "\n".join(lines) + "\n"


def page_name(system: str) -> str:
    """The file of a system's page.

    >>> page_name("pg_cron")
    'pg_cron.md'
    """
    return f"{system}.md"


def system_markdown(system: System) -> str:
    """All that is known about one system."""
    one = abilities(system.name)
    facts = (
        ("What has to run", system.infrastructure),
        ("Retries when nothing is said", retries(system)),
        ("Jobs side by side", system.parallelism),
        ("Soonest start", system.latency_floor),
        ("Who is paid", system.cost),
        ("Code is rewritten to", listed(one.rewritten_to) or "none yet"),
        ("Code is rewritten from", listed(one.rewritten_from) or "none yet"),
        ("In an experiment", "yes" if one.shadow else "no driver yet"),
        ("Read from", system.source),
    )
    parts = [f"# {system.title}\n", "\n".join(f"- {name}: {value}" for name, value in facts if value) + "\n"]
    if system.capabilities:
        parts.append("## What a job can need\n\nyes: the system does it; with code: it can be had; no: it cannot, or only otherwise.\n")
        for group in GROUPS:
            rows = [f"| {c.title} | {_cell(system, c.id)} |" for c in CAPABILITIES.values() if c.group == group]
            parts.append(f"### {GROUP_TITLES[group]}\n\n| | | |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    if system.limits:
        rows = [
            f"| {limit.id} | {limit.title} | {bound(limit)} | {limit.plan} | {limit.note} | {limit.source}, {limit.checked} |"
            for limit in system.limits
        ]
        head = "## Numbers\n\n| | | | plan | note | from |\n|---|---|---|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _cell(system: System, capability: str) -> str:
    support = system.capabilities[capability]
    since = f" (from {support.since})" if support.since else ""
    return f"{KINDS[support.kind][0]} | {_pipes(support.how)}{since}"


def _pipes(text: str) -> str:
    return text.replace("|", "\\|")


def comparison_markdown(comparison: Comparison) -> str:
    """Several systems side by side."""
    titles = [s.title for s in comparison.systems]
    head = "| | " + " | ".join(titles) + " |\n|---" + "|---" * len(titles) + "|\n"
    rows = "\n".join(f"| {row.title} | " + " | ".join(_pipes(value) for value in row.values) + " |" for row in comparison.rows)
    parts = [f"# {', '.join(titles[:-1])} and {titles[-1]}\n", f"{head}{rows}\n"]
    for group in GROUPS:
        lines = [
            f"| {c.title} | " + " | ".join(_said(s, c.id) for s in comparison.systems) + " |"
            for c in CAPABILITIES.values()
            if c.group == group
        ]
        parts.append(f"## {GROUP_TITLES[group]}\n\n{head}" + "\n".join(lines) + "\n")
    found = {(way.source, way.target): str(way) for way in comparison.crossings}
    ways = [f"| {a.title} | " + " | ".join(found.get((a.name, b.name), "") for b in comparison.systems) + " |" for a in comparison.systems]
    head = "| from \\ to | " + " | ".join(titles) + " |\n|---" + "|---" * len(titles) + "|\n"
    parts.append("## Traps on the way\n\nautomatic + with a helper + for a person\n\n" + head + "\n".join(ways) + "\n")
    return "\n".join([*parts, NOT_COMPARED]) + "\n"


def _said(system: System, capability: str) -> str:
    support = system.capabilities[capability]
    return f"{KINDS[support.kind][0]}: {_pipes(support.how)}"


def list_json() -> str:
    """Every system, and what can be done with it."""
    found = [
        {
            "name": one.system.name,
            "title": one.system.title,
            "languages": one.system.languages,
            "rewritten_to": one.rewritten_to,
            "rewritten_from": one.rewritten_from,
            "shadow": one.shadow,
        }
        for one in all_abilities()
    ]
    return _json({"schema": SCHEMA, "systems": found})


def system_json(system: System) -> str:
    """All that is known about one system, with the meaning of its capabilities and limits."""
    one = abilities(system.name)
    return _json(
        {
            "schema": SCHEMA,
            "system": system,
            "rewritten_to": one.rewritten_to,
            "rewritten_from": one.rewritten_from,
            "shadow": one.shadow,
            "capabilities": list(CAPABILITIES.values()),
            "limit_checks": list(LIMIT_CHECKS.values()),
        }
    )


def comparison_json(comparison: Comparison) -> str:
    """Several systems side by side."""
    names = [s.name for s in comparison.systems]
    return _json(
        {
            "schema": SCHEMA,
            "systems": names,
            "rows": [{"title": row.title, "values": dict(zip(names, row.values, strict=True))} for row in comparison.rows],
            "capabilities": [
                {"id": c.id, "title": c.title, "group": c.group, "support": {s.name: s.capabilities[c.id] for s in comparison.systems}}
                for c in CAPABILITIES.values()
            ],
            "traps": [
                {"from": w.source, "to": w.target, "automatic": w.automatic, "helper": w.helper, "human": w.human, "studied": w.studied}
                for w in comparison.crossings
            ],
        }
    )


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
