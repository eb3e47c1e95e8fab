"""The report from what was asked for to the document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrator.cli.audit_run import Wanted, run
from migrator.cli.verify_run import commit_of, gates_now
from migrator.cutover import lock
from migrator.planning.planner import known_target, make_plan
from migrator.reporting.report.assembly import assemble
from migrator.reporting.report.rendering import render_report
from migrator.rules.evidence import Evidence


def report_now(path: Path, target: str, form: str, *, live: Sequence[str], preview: bool) -> str:
    """The report as `html` or `markdown`; with the gates where the folder has the lock of a migration.

    Raises:
        MigratorError: the folder cannot be read, the system is unknown, a file of the migration is broken.
    """
    if target:
        known_target(target)
    # Whole, whatever the project's settings hide from the daily audit: a part of the jobs can look ready where all of them are not.
    whole = Wanted(include=(), system=(), severity="info", confidence="possible", no_baseline=True, preview=preview or None, live=live)
    inventory = run(path, whole).inventory
    plan = make_plan(Evidence(inventory, path), target) if target else None
    gates = gates_now(path) if (path / lock.NAME).is_file() else ()
    return render_report(assemble(inventory, path, commit=commit_of(path), plan=plan, gates=gates), form)
