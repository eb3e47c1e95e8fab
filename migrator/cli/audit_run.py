"""An audit from what was asked for to the inventory that is shown."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Literal as OneOf

import msgspec

from migrator.cli.audit_baseline import baseline_use
from migrator.cli.configuration import AuditDefaults, configuration
from migrator.cli.progress import progress
from migrator.errors import MigratorError
from migrator.jobs import Confidence, Inventory, Scope
from migrator.jobs.findings import SEVERITIES, Severity
from migrator.rules import check
from migrator.rules.selection import selected
from migrator.rules.suppression import PerFile
from migrator.scanners.changed import changed_since
from migrator.scanners.files import matching
from migrator.scanners.scan import read
from migrator.scanners.workspace import Workspace
from migrator.systems.known import known_system

#: objects made before Python looks for garbage among them, and how often it does so before it looks among those that were left
_COLLECT_AFTER, _AMONG_THE_LEFT = 50_000, 100


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line; None where the project's settings count."""

    include: Sequence[str] | None = None
    exclude: Sequence[str] | None = None
    system: Sequence[str] | None = None
    since: str = ""
    candidates: bool = False
    runtime: Sequence[str] = ()
    live: Sequence[str] = ()
    live_window: float | None = None  #: seconds between two looks
    prefilter: bool = True
    select: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    preview: bool | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    fail_on: Severity | OneOf["never"] | None = None
    baseline: Path | None = None
    no_baseline: bool = False
    write_baseline: Path | None = None
    prune_baseline: bool = False


class Audited(msgspec.Struct, frozen=True):
    """What is shown, whether there is a finding for which the command says no, and the code as it was read."""

    inventory: Inventory
    failed: bool
    workspace: Workspace


def run(path: Path, wanted: Wanted) -> Audited:
    """The audit of the folder `path`, with findings, narrowed to what is to be shown.

    Raises:
        MigratorError: the folder cannot be read; an option, a setting or the baseline means nothing.
    """
    if wanted.live_window is not None and not wanted.live:
        raise MigratorError(
            "there is no server to look at twice", place="--live-window", remedy="Name it: --live redis://localhost:6379/0."
        )
    configured = configuration(path)
    defaults = configured.audit
    scope = Scope(
        include=tuple(defaults.include if wanted.include is None else wanted.include),
        exclude=tuple(defaults.exclude if wanted.exclude is None else wanted.exclude),
        systems=tuple(known_system(name) for name in (defaults.system if wanted.system is None else wanted.system)),
        since=wanted.since,
        severity=wanted.severity or defaults.severity,
        confidence=wanted.confidence or defaults.confidence,
    )
    fail_on = _fail_on(wanted, defaults, scope.severity)
    select, ignore = (
        defaults.select if wanted.select is None else wanted.select,
        defaults.ignore if wanted.ignore is None else wanted.ignore,
    )
    preview = defaults.preview if wanted.preview is None else wanted.preview
    # Asked before the work: what means nothing is told at once.
    rules = _rules(select, ignore, looked=bool(wanted.live))
    baseline = baseline_use(
        path,
        asked=wanted.baseline,
        without=wanted.no_baseline,
        write=wanted.write_baseline,
        prune=wanted.prune_baseline,
        default=defaults.baseline,
    )
    changed = changed_since(path, scope.since) if scope.since else None
    # Nearly all that an audit makes is kept to its end. What is garbage is so at once: looking for more among what was left takes a tenth
    # of the time, finds next to nothing (a thirtieth of all garbage) and leaves the peak of memory where it is.
    gc.set_threshold(_COLLECT_AFTER, _AMONG_THE_LEFT)
    with progress() as report:
        found, workspace = read(path, exclude=scope.exclude, progress=report, prefilter=wanted.prefilter)
        inventory = msgspec.structs.replace(found, scope=scope)
        if rules is not None:
            per_file = PerFile(defaults.per_file_ignores, configured.file)
            checked = check(
                inventory,
                path,
                select=rules[0],
                ignore=rules[1],
                preview=preview,
                per_file=per_file,
                workspace=workspace,
                progress=report,
            )
            findings, suppressed, compared = checked.findings, checked.suppressed, None
            if baseline is not None:
                findings, known, compared = baseline.apply(checked, path)
                suppressed += known
            inventory = msgspec.structs.replace(
                inventory, findings=findings, suppressed=suppressed, baseline=compared, checks=checked.checks
            )
        if wanted.candidates:
            from migrator.scanners.candidates import find_candidates

            inventory = msgspec.structs.replace(inventory, candidates=find_candidates(path, inventory, progress=report))
    if wanted.runtime:
        from migrator.scanners.runtime import ask

        inventory = ask(wanted.runtime, inventory)
    if wanted.live:
        from migrator.live.looking import look_at
        from migrator.live.selection import chosen

        if configured.live.target:
            known_system(configured.live.target)
        inventory = look_at(wanted.live, inventory, chosen(select, ignore), configured.live, wanted.live_window)
    included = matching(path, scope.include) if scope.include else None
    shown = [paths for paths in (changed, included) if paths is not None]
    inventory = inventory.narrowed(scope, wanted=lambda file: all(file in paths for paths in shown))
    failed = fail_on is not None and any(f.reaches(fail_on, None) for f in inventory.findings)
    return Audited(inventory, failed, workspace)


def _fail_on(wanted: Wanted, defaults: AuditDefaults, severity: Severity | None) -> Severity | None:
    """From which severity on the command says no; None: never.

    Raises:
        MigratorError: what is to say no is not to be looked at.
    """
    level = wanted.fail_on or defaults.fail_on
    if level == "never":
        return None
    # Who asks for a short list for once is not told that the project's settings would fail on more.
    for_once = wanted.severity is not None and wanted.fail_on is None
    if severity is not None and SEVERITIES.index(level) > SEVERITIES.index(severity) and not for_once:
        raise MigratorError(
            f"{level} findings do not count with a severity threshold of {severity}",
            place=f"--fail-on {level}",
            remedy=f"Give --fail-on {severity}, or --severity {level}.",
        )
    return level


def _rules(select: Sequence[str], ignore: Sequence[str], *, looked: bool) -> tuple[Sequence[str], Sequence[str]] | None:
    """What is selected and ignored of the rules on code; None where only live checks are selected. `looked`: there is a server to look at.

    Raises:
        MigratorError: something is named that means neither a rule nor a live check; a live check is selected without a server.
    """
    if looked or any(word.startswith("LIV") for word in (*select, *ignore)):
        from migrator.live.selection import means_live

        live = [word for word in select if means_live(word)]
        if live and not looked:
            raise MigratorError("looks at a running server", place=live[0], remedy="Name one: `--live redis://localhost:6379/0`.")
        select, ignore = [word for word in select if word not in live], [word for word in ignore if not means_live(word)]
        if live and not select:
            selected((), ignore)
            return None
    selected(select, ignore)
    return select, ignore
