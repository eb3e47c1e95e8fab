"""A plan, or a comparison of targets, for a terminal: the sum and the blockers first; fits 80 columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from migrator.planning.plan import Comparison, Phase, Plan, PlannedJob
from migrator.reporting import plan_words as words
from migrator.reporting.audit_words import title
from migrator.reporting.plain import visible

#: width of a report that does not go to a terminal
PLAIN_WIDTH = 100
_STYLES = {"automatic": "green", "helper": "cyan", "hand": "yellow", "blocked": "bold red", "idle": "dim"}


def render_plan(plan: Plan) -> str:
    """The plan as text, coloured where standard output is a terminal that shows colour."""
    return _captured(lambda console: _plan(console, plan))


def render_comparison(comparison: Comparison) -> str:
    """The comparison as text."""
    return _captured(lambda console: _comparison(console, comparison))


def _captured(write: Callable[[Console], None]) -> str:
    sized = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(file=sys.stdout, width=None if sized else PLAIN_WIDTH, highlight=False)
    with console.capture() as captured:
        write(console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _plan(console: Console, plan: Plan) -> None:
    console.print(Text.assemble(("To ", "bold"), (title(plan.target), "bold"), " from what is in ", (visible(plan.root), "bold cyan")))
    console.print(Text(words.headline(plan)))
    if not plan.jobs:
        return
    _totals(console, plan)
    _blocked(console, plan)
    _limits(console, plan)
    _heading(console, f"Phases ({len(plan.phases)})")
    for phase in plan.phases:
        _phase(console, plan, phase)
    _heading(console, f"Jobs ({plan.totals.jobs})")
    for job in plan.jobs:
        _job(console, job)
    _traps(console, plan)
    _around(console, plan)


def _totals(console: Console, plan: Plan) -> None:
    console.print()
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    for way, (name, meaning) in words.WAYS.items():
        if plan.totals.ways[way]:
            grid.add_row(Text(name, style=_STYLES[way]), str(plan.totals.ways[way]), Text(meaning, style="dim"))
    console.print(_indented(grid, 2))
    console.print()
    lines = Table.grid(padding=(0, 2))
    lines.add_row("Effort", Text(f"{words.hours(plan.totals.effort)} = {words.effort(plan.totals)}"))
    lines.add_row("", Text(plan.totals.basis, style="dim"))
    lines.add_row("Known", Text(words.known(plan.totals)))
    console.print(lines)
    console.print(Text(words.rewrites(plan)))


def _blocked(console: Console, plan: Plan) -> None:
    blocked = words.blocked(plan)
    if not blocked:
        return
    _heading(console, f"Blocked ({len(blocked)})", "bold red")
    for job in blocked:
        console.print(_indented(_named(job), 2))
        for blocker in job.blockers:
            console.print(_indented(Text(visible(blocker)), 4))


def _limits(console: Console, plan: Plan) -> None:
    pressing = words.pressing(plan)
    if not pressing:
        return
    _heading(console, "Limits")
    for job, uses in pressing:
        console.print(_indented(_named(job), 2))
        for use in uses:
            style = "bold red" if use.exceeded else ""
            console.print(_indented(Text(f"{words.limit_of(job, use)}: {visible(words.limit(use))}", style=style), 4))
            for bound in use.bounds:
                console.print(_indented(Text(bound), 6))
            if use.needs:
                console.print(_indented(Text(f"To know: {words.remedy(use)}", style="magenta"), 6))


def _phase(console: Console, plan: Plan, phase: Phase) -> None:
    head = Text.assemble(
        (f"{phase.number}. {phase.title}", "bold"), f"  {words.count(phase.jobs, 'job', 'jobs')}, {words.hours(phase.effort)}"
    )
    console.print(_indented(head, 2))
    console.print(_indented(Text(phase.what, style="dim"), 5))
    for group in phase.groups:
        names = Text(", ").join(Text(visible(job.name), style=_STYLES[job.way]) for job in words.members(plan, group))
        console.print(_indented(Text.assemble(names, (f"  {words.hours(group.effort)}", "dim")), 5))
        for why in group.why:
            console.print(_indented(Text(f"together: {visible(why)}", style="dim"), 7))


def _job(console: Console, job: PlannedJob) -> None:
    console.print(_indented(Text.assemble(_named(job), f"  phase {job.phase}"), 2))
    console.print(_indented(Text(words.figures(job)), 4))
    console.print(_indented(Text(f"difficulty: {visible(words.parts(job.difficulty.parts))}", style="dim"), 4))
    console.print(_indented(Text(f"risk: {visible(words.parts(job.risk.parts))}", style="dim"), 4))
    if job.rewrite is not None:
        console.print(_indented(Text(f"{words.way(job)}: {visible(job.rewrite.summary)}", style=_STYLES[job.way]), 4))
    grid = Table.grid(padding=(0, 2))
    for fit in words.changed(job):
        grid.add_row(Text(words.capability(fit)), Text(visible(words.feature(fit))))
    if grid.row_count:
        console.print(_indented(grid, 4))
    if job.traps:
        console.print(_indented(Text(" ".join(job.traps), style="magenta"), 4))


def _traps(console: Console, plan: Plan) -> None:
    if not plan.traps:
        return
    _heading(console, "What changes meaning")
    grid = Table.grid(padding=(0, 2))
    for trap, meaning in plan.traps.items():
        met = f" ({words.count(meaning.jobs, 'job', 'jobs')})" if meaning.jobs else ""
        grid.add_row(Text(trap, style="magenta"), Text(meaning.handling, style="dim"), Text(f"{meaning.title}{met}"))
    console.print(_indented(grid, 2))
    console.print(_indented(Text("`migrate explain ID` says more of each.", style="dim"), 2))


def _around(console: Console, plan: Plan) -> None:
    _heading(console, "Beside the jobs")
    console.print(_indented(Text(f"{words.around(plan)} change with them. The hours above are for the jobs alone."), 2))
    for number, note in enumerate(plan.around.notes, 1):
        console.print(_indented(Text(f"{number}. {visible(note)}"), 2))
    for end in words.open_ends(plan):
        console.print(_indented(Text(end, style="yellow"), 2))


def _comparison(console: Console, comparison: Comparison) -> None:
    console.print(Text.assemble(("Where to, from what is in ", "bold"), (visible(comparison.root), "bold cyan")))
    console.print(Text(f"{words.sources(comparison)}."))
    if not comparison.sources:
        return
    console.print()
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="dim")
    for number, name in enumerate(words.COLUMNS):
        table.add_column(name, justify="right" if number else "left", no_wrap=name in ("target", "effort"))
    for row in comparison.rows:
        table.add_row(*(Text(cell) for cell in words.row(row)))
    console.print(table)
    for row in comparison.rows:
        if row.reasons:
            console.print(Text.assemble((f"{title(row.target)}: ", "bold"), "; ".join(row.reasons)))
    console.print()
    console.print(Text(f"Hours are {comparison.rows[0].totals.basis}.", style="dim"))
    console.print(Text("`migrate plan --to SYSTEM` says of each job why.", style="dim"))


def _named(job: PlannedJob) -> Text:
    return Text.assemble(
        (visible(job.name), "bold"),
        (f"  {visible(words.place(job))}", "dim"),
        f"  {title(job.system)}, ",
        (words.way(job), _STYLES[job.way]),
    )


def _heading(console: Console, text: str, style: str = "bold") -> None:
    console.print()
    console.print(Text(text, style=style))


def _indented(what: RenderableType, by: int) -> Padding:
    return Padding(what, (0, 0, 0, by), expand=False)
