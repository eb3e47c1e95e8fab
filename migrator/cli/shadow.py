"""`migrate shadow`: old and new side by side, every job accounted for."""

from __future__ import annotations

import typer

from migrator.cli import shadow_init, shadow_plan, shadow_report, shadow_routing, shadow_run, shadow_standing
from migrator.cli.plain_values import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="Run old and new side by side on the same traffic and account for every job.")

COMMANDS = (
    shadow_init.init,
    shadow_plan.plan,
    shadow_run.run,
    *shadow_standing.COMMANDS,
    shadow_report.report,
    *shadow_routing.COMMANDS,
)
for command in COMMANDS:
    app.command(cls=Command)(command)
