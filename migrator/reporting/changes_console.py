"""The report on a rewrite for a terminal: the sum first, then each place that asks for a person; fits 80 columns."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from migrator.reporting.changes import SAFETIES, ChangesReport, Tally
from migrator.reporting.changes_words import MEANING, Section, kind, plural, sections, title, traps_shown, verdict, where
from migrator.reporting.plain import visible

#: width of a report that does not go to a terminal
PLAIN_WIDTH = 100
_STYLE = {"safe": "green", "unsafe": "yellow", "manual": "red"}


def print_report(report: ChangesReport, console: Console, *, next_steps: str = "") -> None:
    """Print to `console`; `next_steps` is the last line."""
    with console.capture() as captured:
        _print(report, console, next_steps)
    # Rich fills wrapped lines up with spaces, which would stay in logs.
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
    console.file.flush()


def _print(report: ChangesReport, console: Console, next_steps: str) -> None:
    head = Text.assemble((f"{title(report.source)} to {title(report.target)}", "bold"), " in ", (visible(report.root), "bold cyan"))
    console.print(head, soft_wrap=True)
    console.print(verdict(report))
    if report.totals.decisions:
        console.print()
        console.print(_table(report))
    for section in sections(report):
        _section(console, section)
    traps = traps_shown(report)
    if traps:
        _heading(console, "What the ids stand for")
        grid = Table.grid(padding=(0, 2))
        for trap, meaning in traps.items():
            grid.add_row(Text(trap, style="magenta"), Text(visible(meaning)))
        console.print(_indented(grid, 2))
    if report.notes:
        _heading(console, "Around the deployment")
        grid = Table.grid(padding=(0, 1))
        for number, note in enumerate(report.notes, 1):
            grid.add_row(Text(f"{number}."), Text(visible(note)))
        console.print(_indented(grid, 2))
    console.print()
    console.print(_files(report))
    if next_steps:
        console.print(Text(next_steps))


def _table(report: ChangesReport) -> Table:
    table = Table(box=None, padding=(0, 2), show_edge=False, header_style="dim", show_footer=True, footer_style="bold")
    totals = report.totals
    table.add_column("", "total", no_wrap=True)
    table.add_column("rewritten", str(totals.rewritten), justify="right", no_wrap=True)
    table.add_column("left", str(totals.left), justify="right", no_wrap=True)
    table.add_column("", "", style="dim")
    for safety in SAFETIES:
        tally: Tally = totals.by_safety[safety]
        table.add_row(Text(safety, style=_STYLE[safety]), _number(tally.rewritten), _number(tally.left), MEANING[safety])
    return table


def _number(number: int) -> Text:
    return Text(str(number)) if number else Text("·", style="dim")


def _section(console: Console, section: Section) -> None:
    _heading(console, f"{section.heading} ({section.count})")
    console.print(_indented(Text(section.about, style="dim"), 2))
    for entry in section.entries:
        console.print()
        for place in entry.places:
            line = Text.assemble((visible(where(place)), "cyan"), "  ", (visible(place.name), "bold"), f"  {kind(place)}")
            console.print(_indented(line, 2))
        said = Text(visible(entry.summary))
        if entry.traps:
            said.append("  ")
            said.append(" ".join(entry.traps), style="magenta")
        console.print(_indented(said, 4))


def _indented(what: RenderableType, by: int) -> Padding:
    return Padding(what, (0, 0, 0, by), expand=False)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _files(report: ChangesReport) -> Text:
    if not report.files:
        return Text("No file changes.")
    added, removed = sum(f.added for f in report.files), sum(f.removed for f in report.files)
    said = f"{plural(len(report.files), 'file')} {'written' if report.written else 'would change'}, "
    return Text.assemble(said, (f"+{added}", "green"), " ", (f"−{removed}", "red"), ".")
