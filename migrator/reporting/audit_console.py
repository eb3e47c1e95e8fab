"""An inventory for a terminal: the sum first, then each system; fits 80 columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from migrator.jobs import Inventory, Kind
from migrator.reporting.audit_words import (
    CENSUS,
    HEADINGS,
    asked,
    because,
    by_kind,
    census,
    checked,
    describe,
    difference,
    handler,
    listed,
    looked,
    places,
    said,
    scope,
    tally,
    title,
    untold,
    where,
)
from migrator.reporting.plain import visible
from migrator.reporting.set_aside import accepted, known, said_where, set_aside

#: the column beside the names is at least so wide
_NARROWEST = 30
SEVERITY_STYLES = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}
#: of a request that could be a job
_REASONS = 4
#: of a rule that a baseline knows many findings of
_KNOWN = 3
#: width of a report that does not go to a terminal
PLAIN_WIDTH = 100


class _Shown(Console):
    """A console on which text of the application is shown and never obeyed, wherever it stands."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


def render_text(inventory: Inventory) -> str:
    """The report as text, coloured where standard output is a terminal that shows colour."""
    sized = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = _Shown(file=sys.stdout, width=None if sized else PLAIN_WIDTH, highlight=False)
    with console.capture() as captured:
        _head(console, inventory)
        if inventory.production:
            _summary(console, inventory)
        _findings(console, inventory)
        _set_aside(console, inventory)
        for system, _ in tally(inventory):
            _system(console, inventory, system)
        _candidates(console, inventory)
        _runtime(console, inventory)
        _live(console, inventory)
        _loose_ends(console, inventory)
        _tail(console, inventory)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _head(console: Console, inventory: Inventory) -> None:
    stats = inventory.stats
    console.print(Text.assemble(("Background jobs in ", "bold"), (inventory.root, "bold cyan")))
    files = "file" if stats.files_seen == 1 else "files"
    console.print(f"{stats.files_seen:,} {files}, {stats.files_parsed:,} read closely, {stats.seconds:.2f} s", style="dim")
    if narrowed := scope(inventory):
        console.print(narrowed, style="yellow", markup=False)


def _summary(console: Console, inventory: Inventory) -> None:
    """A line for each system; where that is too wide, a column for each."""
    rows = tally(inventory)
    kinds: list[Kind] = [k for k in HEADINGS if any(k in counts for _, counts in rows)]
    heads = [HEADINGS[kind][1] for kind in kinds]
    cells = [[str(counts.get(kind, "·")) for kind in kinds] for _, counts in rows]
    titles = [title(system) for system, _ in rows]
    console.print()
    table = _table(["system", *heads], [[name, *line] for name, line in zip(titles, cells, strict=True)])
    if Measurement.get(console, console.options.update(width=1000), table).maximum > console.width:
        table = _table(["", *titles], [[head, *column] for head, *column in zip(heads, *cells, strict=True)], wrap=True)
    console.print(table)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, wrap: bool = False) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="dim")
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", no_wrap=not wrap)
    for row in rows:
        table.add_row(*(Text(cell, style="dim" if cell == "·" else "") for cell in row))
    return table


def _findings(console: Console, inventory: Inventory) -> None:
    """What is wrong, the worst first; and of how many rules the code does not say whether they are kept."""
    if not inventory.checks:
        return
    console.print()
    console.print(Text.assemble(("What is wrong", "bold"), (f"  {checked(inventory)}", "dim")))
    for (severity, rule, name), findings in groupby(inventory.findings, key=lambda f: (f.severity, f.id, f.name)):
        _say(console, 2, Text.assemble((severity, SEVERITY_STYLES[severity]), f"  {rule} {name}"))
        fixes: dict[str, None] = {}
        for finding in findings:
            fixes[finding.fix] = None
            _say(console, 4, Text(visible(said(finding))))
            _say(console, 4, Text(visible(places(finding)), style="dim"))
        for fix in fixes:
            _say(console, 4, Text(fix, style="italic"))
    for rule in untold(inventory):
        _say(console, 2, Text.assemble(("unknown", "magenta"), f"  {rule.id} {rule.name}{' elsewhere' * (rule.state == 'fail')}"))
        _say(console, 4, Text(visible(rule.reason)))
        if rule.untold:
            _say(console, 4, Text(visible(listed(rule.untold)), style="dim"))


def _set_aside(console: Console, inventory: Inventory) -> None:
    """What does not count, and why: what is critical by name, even in a long baseline."""
    lines = set_aside(inventory)
    if not lines:
        return
    console.print()
    console.print(Text("Not counted", style="bold"))
    for line in lines:
        _say(console, 2, Text(line, style="yellow"))
    for one in accepted(inventory):
        finding = one.finding
        _say(console, 2, Text.assemble((finding.severity, SEVERITY_STYLES[finding.severity]), f"  {finding.id} {finding.name}"))
        _say(console, 4, Text(places(finding), style="dim"))
        _say(console, 4, Text(said_where(one)))
    for group in known(inventory):
        first = group[0]
        _say(console, 2, Text.assemble((first.severity, SEVERITY_STYLES[first.severity]), f"  {first.id} {first.name}"))
        named = group if first.severity == "critical" else group[:_KNOWN]
        more = f" and {len(group) - len(named)} more" if len(group) > len(named) else ""
        _say(console, 4, Text(", ".join(places(finding, 1) for finding in named) + more, style="dim"))
        _say(console, 4, Text("known before", style="dim"))


def _system(console: Console, inventory: Inventory, system: str) -> None:
    version = inventory.versions.get(system, "")
    console.print()
    console.print(Text.assemble((title(system), "bold"), (f"  {version}" if version else "", "dim")))
    for kind, items in by_kind(tuple(i for i in inventory.production if i.system == system)).items():
        _say(console, 2, Text(f"{HEADINGS[kind][0]} ({len(items)})", style="cyan"))
        _items(console, [(visible(i.name) or "(at run time)", visible(where(i)), describe(i)) for i in items])


def _items(console: Console, rows: Sequence[tuple[str, str, str]]) -> None:
    """Name and place of each item, what matters about it below: in two columns where every name and word fits, else one below the other."""
    names = max(cell_len(name) for name, *_ in rows)
    longest = max(cell_len(word) for _, *rest in rows for text in rest for word in text.split() or [""])
    if 4 + names + 2 + max(longest, _NARROWEST) <= console.width:
        grid = Table.grid(padding=(0, 2))
        for name, place, about in rows:
            grid.add_row(name, Text.assemble((place, "dim"), (f"\n{about}" if about else "", "italic")))
        console.print(Padding(grid, (0, 0, 0, 4), expand=False))
        return
    for name, place, about in rows:
        _say(console, 4, Text(name))
        _say(console, 6, Text(place, style="dim"))
        if about:
            _say(console, 6, Text(about, style="italic"))


def _say(console: Console, indent: int, text: Text, hang: int = 0) -> None:
    """A paragraph that is broken between words alone, `hang` columns further in from its second line.

    A path or a name stays in one piece, so that terminals open it and people can search for it, even where it is wider than the screen.
    """
    at = 0
    for number, line in enumerate(wrap(text.plain, console.width - indent - hang, break_long_words=False, break_on_hyphens=False)):
        at = text.plain.index(line, at)
        console.print(Text(" " * (indent + hang * bool(number))).append_text(text[at : at + len(line)]), soft_wrap=True)
        at += len(line)


def _candidates(console: Console, inventory: Inventory) -> None:
    if not inventory.candidates:
        return
    console.print()
    console.print(Text(f"Requests that wait for what could be a job ({len(inventory.candidates)})", style="bold"))
    for candidate in inventory.candidates:
        place = candidate.location.place
        doubt = "" if candidate.confidence == "certain" else f"  {candidate.confidence}"
        _say(console, 2, Text.assemble(handler(candidate), (f"  {place}{doubt}", "dim")), hang=2)
        for reason in candidate.reasons[:_REASONS]:
            _say(console, 4, Text(because(reason), style="italic"), hang=2)
        if len(candidate.reasons) > _REASONS:
            _say(console, 4, Text(f"and {len(candidate.reasons) - _REASONS} more", style="dim"))


def _runtime(console: Console, inventory: Inventory) -> None:
    """What the running systems said, and where that differs from the code."""
    if inventory.runtime is None:
        return
    told = inventory.runtime.differences
    console.print()
    console.print(Text(f"Running and in the code ({len(told)} {'difference' if len(told) == 1 else 'differences'})", style="bold"))
    for source in inventory.runtime.sources:
        _say(console, 2, Text(f"asked {asked(source)}", style="dim"))
    for one in told:
        places = "  ".join(place for place in (one.code, one.running) if place)
        _say(console, 2, Text(f"{title(one.system)} {difference(one)}", style="yellow"))
        _say(console, 4, Text(places, style="dim"))


def _live(console: Console, inventory: Inventory) -> None:
    """Which servers were looked at, and how many jobs they hold."""
    if inventory.live is None:
        return
    console.print()
    console.print(Text("At the running servers", style="bold"))
    _say(console, 2, Text(looked(inventory.live), style="dim"))
    rows = [census(queue) for queue in inventory.live.queues]
    if rows:
        # A line for each queue; job names, and who is not there, take a line of their own in narrow terminals.
        table = _table([*CENSUS[:1], *CENSUS[2:-1]], [[f"{row[0]} ({row[1]})", *row[2:-1]] for row in rows], wrap=True)
        console.print(Padding(table, (0, 0, 0, 2), expand=False))
    else:
        _say(console, 2, Text("no queue of a job system that is known"))


def _loose_ends(console: Console, inventory: Inventory) -> None:
    if not inventory.unresolved:
        return
    console.print()
    console.print(Text(f"Not tied down ({len(inventory.unresolved)})", style="bold yellow"))
    for loose in inventory.unresolved:
        _say(console, 2, Text.assemble((f"{loose.path}:{loose.line}", "dim"), f"  {loose.reason}"), hang=2)


def _tail(console: Console, inventory: Inventory) -> None:
    if not inventory.items and not inventory.unresolved and not inventory.candidates:
        console.print()
        console.print("No background jobs found.")
        if not inventory.stats.files_seen:
            console.print("The folder holds no files that could be read.", style="dim")
    notes = [f"{n} more in {area} code" for area, n in inventory.left_out().items()]
    notes += [f"{n:,} skipped ({reason})" for reason, n in inventory.stats.files_skipped.items()]
    if notes:
        console.print()
        console.print("; ".join(notes) + ".", style="dim")
