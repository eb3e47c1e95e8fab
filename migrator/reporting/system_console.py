"""Job systems for a terminal: the list, one of them, and several side by side; fits 80 columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from migrator.reporting.system_abilities import Abilities, abilities, all_abilities
from migrator.reporting.system_comparison import NOT_COMPARED, Comparison
from migrator.reporting.system_words import KINDS, bound, listed, retries
from migrator.systems import CAPABILITIES, System
from migrator.systems.capabilities import GROUP_TITLES, GROUPS
from migrator.systems.support import Kind

#: width of what does not go to a terminal
_WIDTH = 80
#: most systems that have columns of words beside each other; more are listed under each question
_COLUMNS = 3
_STYLES: dict[Kind, str] = {"native": "green", "emulated": "yellow", "absent": "red"}


def _captured(write: Callable[[Console], None]) -> str:
    sized = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(file=sys.stdout, width=None if sized else _WIDTH, highlight=False)
    with console.capture() as captured:
        write(console)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def render_list() -> str:
    """Every system, what of it is known, and what can be done with it."""

    def write(console: Console) -> None:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("name", "system", "yes", "code", "no", "rewrites", "shadow"):
            table.add_column(heading, justify="right" if heading in ("yes", "code", "no") else "left", no_wrap=heading == "name")
        for one in all_abilities():
            table.add_row(*(escape(cell) for cell in _row(one)))
        console.print(table)
        console.print(
            "Code of every system is read by `migrate audit`. yes, code, no: how many of the "
            f"{len(CAPABILITIES)} capabilities it has itself, can be given with code, or has not."
        )
        console.print("One of them: `migrate systems NAME`. Several: `migrate systems --compare A B C`.")

    return _captured(write)


def _row(one: Abilities) -> tuple[str, ...]:
    kinds = [support.kind for support in one.system.capabilities.values()]
    counts = tuple(str(kinds.count(kind)) if kinds else "" for kind in KINDS)
    ways = [f"{word} {listed(names)}" for word, names in (("to", one.rewritten_to), ("from", one.rewritten_from)) if names]
    return (one.system.name, one.system.title, *counts, ", ".join(ways), "yes" if one.shadow else "")


def render_system(system: System) -> str:
    """All that is known about one system."""

    def write(console: Console) -> None:
        console.print(f"[bold]{escape(system.title)}[/] ({system.name}; {', '.join(system.languages)})", end="\n\n")
        one = abilities(system.name)
        facts = Table.grid(padding=(0, 2))
        facts.add_column(no_wrap=True)
        facts.add_column()
        for name, value in (
            ("has to run", system.infrastructure),
            ("retries", retries(system)),
            ("side by side", system.parallelism),
            ("soonest start", system.latency_floor),
            ("who is paid", system.cost),
            ("rewrite to", listed(one.rewritten_to) or "none yet"),
            ("rewrite from", listed(one.rewritten_from) or "none yet"),
            ("shadow", "a driver for experiments" if one.shadow else "no driver yet"),
            ("read from", system.source),
        ):
            if value:
                facts.add_row(name, escape(value))
        console.print(facts)
        if system.capabilities:
            _capabilities(console, system)
        if system.limits:
            _limits(console, system)

    return _captured(write)


def _capabilities(console: Console, system: System) -> None:
    for group in GROUPS:
        console.print(f"\n[bold]{GROUP_TITLES[group]}[/]")
        table = Table.grid(padding=(0, 2))
        table.add_column(width=30)
        table.add_column(width=9)
        table.add_column()
        for capability in CAPABILITIES.values():
            if capability.group == group:
                support = system.capabilities[capability.id]
                since = f" (from {support.since})" if support.since else ""
                kind = f"[{_STYLES[support.kind]}]{KINDS[support.kind][0]}[/]"
                table.add_row(escape(capability.title), kind, escape(f"{support.how}{since}"))
        console.print(table)


def _limits(console: Console, system: System) -> None:
    console.print("\n[bold]Numbers[/]")
    table = Table.grid(padding=(0, 2))
    table.add_column(width=5)
    table.add_column()
    for limit in system.limits:
        plan = f", {limit.plan}" if limit.plan else ""
        note = f"; {limit.note}" if limit.note else ""
        table.add_row(limit.id, escape(f"{limit.title}: {bound(limit)}{plan}{note}"))
        table.add_row("", f"[dim]{escape(limit.source)}; {limit.checked}[/]")
    console.print(table)


def render_comparison(comparison: Comparison) -> str:
    """Several systems side by side."""

    def write(console: Console) -> None:
        names = [s.title for s in comparison.systems]
        console.print(f"[bold]{escape(', '.join(names[:-1]))} and {escape(names[-1])}[/]", end="\n\n")
        _questions(console, comparison)
        _grid(console, comparison)
        _ways(console, comparison)
        console.print(NOT_COMPARED)

    return _captured(write)


def _questions(console: Console, comparison: Comparison) -> None:
    if len(comparison.systems) <= _COLUMNS:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=True)
        table.add_column("", max_width=14)
        for system in comparison.systems:
            table.add_column(system.title, ratio=1, overflow="fold")
        for row in comparison.rows:
            table.add_row(f"[bold]{row.title}[/]", *(escape(value) for value in row.values))
        console.print(table)
        return
    for row in comparison.rows:
        console.print(f"[bold]{row.title}[/]")
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        for system, value in zip(comparison.systems, row.values, strict=True):
            table.add_row(escape(system.title), escape(value))
        console.print(Padding(table, (0, 0, 0, 2)))
    console.print()


def _grid(console: Console, comparison: Comparison) -> None:
    console.print("[bold]What a job can need[/]  yes, with code, or no; how: `migrate systems NAME`")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", min_width=12)
    for system in comparison.systems:
        table.add_column(system.title)
    for group in GROUPS:
        table.add_section()
        table.add_row(f"[bold]{GROUP_TITLES[group]}[/]")
        for capability in CAPABILITIES.values():
            if capability.group == group:
                kinds: list[Kind] = [s.capabilities[capability.id].kind for s in comparison.systems]
                table.add_row(escape(capability.title), *(f"[{_STYLES[kind]}]{KINDS[kind][0]}[/]" for kind in kinds))
    console.print(table)


def _ways(console: Console, comparison: Comparison) -> None:
    console.print("[bold]Traps on the way[/]  automatic + with a helper + for a person")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("from")
    for system in comparison.systems:
        table.add_column(f"to {system.title}")
    found = {(way.source, way.target): str(way) for way in comparison.crossings}
    for source in comparison.systems:
        table.add_row(escape(source.title), *(found.get((source.name, target.name), "") for target in comparison.systems))
    console.print(table)
